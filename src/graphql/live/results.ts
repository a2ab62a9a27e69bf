import type { ExecutionResult } from 'graphql';

type Result = IteratorResult<ExecutionResult, void>;

const DONE: Result = { done: true, value: undefined };

/**
 * A stream of events as a stream of results, one execution for each.
 *
 * Not an async generator: one that waits for its next event cannot be returned before the event comes, so whoever leaves a quiet
 * stream would be polled for until something happens there. Nor does a result follow once the stream was returned: its id may be
 * in use again by then.
 */
export class Results implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #events: AsyncIterator<unknown>;
  readonly #execute: (event: unknown) => Promise<ExecutionResult>;
  #over = false;

  constructor(events: AsyncIterable<unknown>, execute: (event: unknown) => Promise<ExecutionResult>) {
    this.#events = events[Symbol.asyncIterator]();
    this.#execute = execute;
  }

  /** @throws what ends the events. */
  async next(): Promise<Result> {
    if (this.#over) return DONE;
    const event = await this.#events.next();
    if (event.done === true) {
      this.#over = true;
      return DONE;
    }
    const value = await this.#execute(event.value);
    return this.#over ? DONE : { done: false, value };
  }

  async return(): Promise<Result> {
    this.#over = true;
    await this.#events.return?.();
    return DONE;
  }

  async throw(error?: unknown): Promise<Result> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
