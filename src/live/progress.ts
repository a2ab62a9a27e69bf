import { isSettled } from '../domain/states.ts';
import type { LiveEvent } from './events.ts';
import { LiveEnd } from './types.ts';

type Result = IteratorResult<LiveEvent, undefined>;

const DONE: Result = { done: true, value: undefined };

/**
 * Follows the only object of a stream until nothing runs on it any more: ends after the event with a settled state, or after
 * REMOVED. Bookmarks are left out, because such a stream is short and is begun anew rather than resumed.
 *
 * Not an async generator: returning one that waits for its next event has no effect until the event comes, so whoever leaves
 * early would be polled for until the volume settles.
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
