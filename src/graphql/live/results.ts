import type { ExecutionResult } from 'graphql';

type Result = IteratorResult<ExecutionResult, void>;

/** Told once when a stream is over: what ended it; nothing when it came to its end or was left. */
export type Over = (errors: readonly unknown[]) => void;

const DONE: Result = { done: true, value: undefined };

export interface ResultsOptions {
  readonly execute: (event: unknown) => Promise<ExecutionResult>;
  /** What a client is told of what ended the events. */
  readonly translate: (error: unknown) => unknown;
}

/**
 * A stream of events as a stream of results, one execution for each.
 *
 * Not an async generator: one that waits for its next event cannot be returned before the event comes, so whoever leaves a quiet
 * stream would be polled for until something happens there. Nor does a result follow once the stream was returned: its id may be
 * in use again by then. Tens of thousands of these wait at the same time, so nothing stands between them and the events, and they
 * hold no frame while they wait.
 */
export class Results implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #events: AsyncIterator<unknown>;
  readonly #options: ResultsOptions;
  #isOver = false;
  #tell: Over | undefined;

  constructor(events: AsyncIterable<unknown>, options: ResultsOptions) {
    this.#events = events[Symbol.asyncIterator]();
    this.#options = options;
  }

  /** Adds somebody to be told when the stream is over. */
  whenOver(tell: Over): this {
    const before = this.#tell;
    this.#tell =
      before === undefined
        ? tell
        : (errors) => {
            before(errors);
            tell(errors);
          };
    return this;
  }

  /** @throws what ends the events, translated. */
  next(): Promise<Result> {
    if (this.#isOver) return Promise.resolve(DONE);
    return this.#events.next().then(this.#answer, this.#fail);
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

  readonly #answer = (event: IteratorResult<unknown>): Result | Promise<Result> => {
    if (event.done === true) {
      this.#end([]);
      return DONE;
    }
    return this.#options.execute(event.value).then((value): Result => (this.#isOver ? DONE : { done: false, value }));
  };

  readonly #fail = (error: unknown): never => {
    const told = this.#options.translate(error);
    this.#end([told]);
    throw told;
  };

  #end(errors: readonly unknown[]): void {
    this.#isOver = true;
    const tell = this.#tell;
    this.#tell = undefined;
    tell?.(errors);
  }
}
