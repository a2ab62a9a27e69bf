import type { ExecutionResult } from 'graphql';

type Result = IteratorResult<ExecutionResult, void>;

/** Told once when a stream is over: whose it was, and what ended it; nothing when it came to its end or was left. */
export type Over<Operation> = (operation: Operation, errors: readonly unknown[]) => void;

/** What all streams have in common. */
export interface Streaming<Operation> {
  readonly execute: (operation: Operation, event: unknown) => Promise<ExecutionResult>;
  /** What a client is told of what ended the events. */
  readonly translate: (error: unknown) => unknown;
}

const NOBODY: readonly never[] = [];

const DONE: Result = { done: true, value: undefined };

/** The same list for the same listeners: all streams of a transport have the same. */
function joined<Operation>(told: readonly Over<Operation>[], tell: Over<Operation>): readonly Over<Operation>[] {
  const followers = lists.get(told) ?? new WeakMap<object, readonly unknown[]>();
  lists.set(told, followers);
  const list = followers.get(tell) ?? [...told, tell];
  followers.set(tell, list);
  return list as readonly Over<Operation>[];
}

const lists = new WeakMap<readonly unknown[], WeakMap<object, readonly unknown[]>>();

/**
 * A stream of events as a stream of results, one execution for each.
 *
 * Not an async generator: one that waits for its next event cannot be returned before the event comes, so whoever leaves a quiet
 * stream would be polled for until something happens there. Nor does a result follow once the stream was returned: its id may be
 * in use again by then. Tens of thousands of these wait at the same time, so nothing stands between them and the events, they hold no
 * frame while they wait, and what they do is the same functions for all.
 */
export class Results<Operation = unknown> implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #events: AsyncIterator<unknown>;
  readonly #operation: Operation;
  readonly #streaming: Streaming<Operation>;
  #isOver = false;
  #told: readonly Over<Operation>[] = NOBODY;

  constructor(events: AsyncIterable<unknown>, operation: Operation, streaming: Streaming<Operation>) {
    this.#events = events[Symbol.asyncIterator]();
    this.#operation = operation;
    this.#streaming = streaming;
  }

  /** Adds somebody to be told when the stream is over. */
  whenOver(tell: Over<Operation>): this {
    this.#told = joined(this.#told, tell);
    return this;
  }

  /** @throws what ends the events, translated. */
  next(): Promise<Result> {
    if (this.#isOver) return Promise.resolve(DONE);
    return this.#events.next().then(
      (event) => this.#answer(event),
      (error: unknown) => this.#fail(error),
    );
  }

  async return(): Promise<Result> {
    this.#end([]);
    await this.#events.return?.();
    return DONE;
  }

  async throw(error?: unknown): Promise<Result> {
    this.#end([error]);
    await this.#events.return?.();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #answer(event: IteratorResult<unknown>): Result | Promise<Result> {
    if (event.done === true) {
      this.#end([]);
      return DONE;
    }
    const executing = this.#streaming.execute(this.#operation, event.value);
    return executing.then((value): Result => (this.#isOver ? DONE : { done: false, value }));
  }

  #fail(error: unknown): never {
    const told = this.#streaming.translate(error);
    this.#end([told]);
    throw told;
  }

  #end(errors: readonly unknown[]): void {
    this.#isOver = true;
    const told = this.#told;
    this.#told = NOBODY;
    for (const tell of told) tell(this.#operation, errors);
  }
}
