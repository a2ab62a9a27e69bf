import type { ExecutionResult } from 'graphql';

type Result = IteratorResult<ExecutionResult, void>;

/**
 * Called once when a stream ends.
 * @param errors what ended it; empty when its events ended or its reader left.
 */
export type EndListener<Operation> = (operation: Operation, errors: readonly unknown[]) => void;

/** What is the same for all streams of a transport. */
export interface Streaming<Operation> {
  readonly execute: (operation: Operation, event: unknown) => Promise<ExecutionResult>;
  /** The error for clients, of one that ends the events. */
  readonly translate: (error: unknown) => unknown;
}

const NO_LISTENERS: readonly never[] = [];

const DONE: Result = { done: true, value: undefined };

/**
 * A stream of events as a stream of results, one execution for each.
 *
 * Not an async generator: one that waits for its next event cannot be returned before the event comes, so a quiet stream would be polled
 * for after its reader has left. Nor does a result follow once the stream was returned: its id may be in use again by then. Tens of
 * thousands of streams wait at the same time, so a waiting one holds no frame of a function, and all share their functions.
 */
export class Results<Operation = unknown> implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #events: AsyncIterator<unknown>;
  readonly #operation: Operation;
  readonly #streaming: Streaming<Operation>;
  #isOver = false;
  #listeners: readonly EndListener<Operation>[] = NO_LISTENERS;

  constructor(events: AsyncIterable<unknown>, operation: Operation, streaming: Streaming<Operation>) {
    this.#events = events[Symbol.asyncIterator]();
    this.#operation = operation;
    this.#streaming = streaming;
  }

  /** Adds a listener for the end of the stream. */
  onEnd(listener: EndListener<Operation>): this {
    this.#listeners = [...this.#listeners, listener];
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
    const translated = this.#streaming.translate(error);
    this.#end([translated]);
    throw translated;
  }

  #end(errors: readonly unknown[]): void {
    this.#isOver = true;
    const listeners = this.#listeners;
    this.#listeners = NO_LISTENERS;
    for (const listener of listeners) listener(this.#operation, errors);
  }
}
