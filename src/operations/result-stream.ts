import type { ExecutionResult } from 'graphql';

type Result = IteratorResult<ExecutionResult, void>;

/**
 * Called once when a stream ends.
 * @param errors the errors that ended it; none when its events ended or its reader left.
 */
export type EndListener<Operation> = (operation: Operation, errors: readonly unknown[]) => void;

/** Functions that all streams of a transport share. */
export interface Streaming<Operation> {
  readonly execute: (operation: Operation, event: unknown) => Promise<ExecutionResult>;
  /** Translates an error that ends the events for the client. @param hadEvents whether there was an event before it. */
  readonly translate: (error: unknown, hadEvents: boolean) => unknown;
  /** Called when the result of an event is passed to the reader. */
  readonly sent?: ((operation: Operation, event: unknown) => void) | undefined;
}

const NO_LISTENERS: readonly never[] = [];

const DONE: Result = { done: true, value: undefined };

/**
 * Turns a stream of events into a stream of results, with one execution per event.
 *
 * This is not an async generator function. Such a generator cannot be returned while it waits for an event, so Waldur would be polled for a
 * quiet stream after its reader has left. No result follows after `return`, because the id of the stream may be in use again by then. Tens of
 * thousands of streams wait at the same time, so a waiting stream holds no stack frame, and all streams share their functions.
 */
export class Results<Operation = unknown> implements AsyncGenerator<ExecutionResult, void, void> {
  readonly #events: AsyncIterator<unknown>;
  readonly #operation: Operation;
  readonly #streaming: Streaming<Operation>;
  #isOver = false;
  #hadEvents = false;
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

  /** @throws the translated error that ends the events. */
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
    this.#hadEvents = true;
    const executing = this.#streaming.execute(this.#operation, event.value);
    return executing.then((value): Result => {
      if (this.#isOver) return DONE;
      this.#streaming.sent?.(this.#operation, event.value);
      return { done: false, value };
    });
  }

  #fail(error: unknown): never {
    const translated = this.#streaming.translate(error, this.#hadEvents);
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
