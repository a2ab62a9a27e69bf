import { isSettled } from '../domain/states.ts';
import type { LiveEvent } from './events.ts';
import { LiveEnd } from './types.ts';

type Result = IteratorResult<LiveEvent, undefined>;

const DONE: Result = { done: true, value: undefined };

/**
 * Follows the single object of a stream until its state is settled: ends after that event, or after REMOVED. BOOKMARK and RESET are dropped,
 * because such a stream is short and is restarted rather than resumed.
 *
 * Not an async generator: `return` on a generator that waits for an event takes effect only after the event, so polling for a client that
 * has left would continue until the volume settles.
 */
export class Progress implements AsyncIterableIterator<LiveEvent, undefined> {
  readonly #stream: AsyncIterableIterator<LiveEvent>;
  #shown = false;
  #over = false;

  constructor(stream: AsyncIterableIterator<LiveEvent>) {
    this.#stream = stream;
  }

  /** @throws LiveEnd `not-found` when the object is not there, and whatever ends the stream itself. */
  async next(): Promise<Result> {
    while (!this.#over) {
      const next = await this.#stream.next();
      if (next.done === true) return DONE;
      const event = next.value;
      if (event.kind === 'RESET') continue;
      if (event.kind === 'BOOKMARK') {
        if (this.#shown) continue;
        await this.return();
        throw new LiveEnd('not-found');
      }
      this.#shown ||= event.row !== null;
      if (event.kind === 'REMOVED' || (event.row !== null && isSettled(event.state))) await this.return();
      return { done: false, value: event };
    }
    return DONE;
  }

  async return(): Promise<Result> {
    this.#over = true;
    await this.#stream.return?.();
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
