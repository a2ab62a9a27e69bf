import { Readable } from 'node:stream';
import type { MemoryBudget, Share } from './memory-budget.ts';

/** Shorter answers are written at once, because the network buffers hold most of them. */
export const LARGE_BYTES = 262_144;
const PIECE = 131_072;

/**
 * A large answer, sent in chunks as its client reads. Written at once, all of it would be copied, and a client that does not read could not be
 * detected.
 */
export class LargeResponse extends Readable {
  readonly #body: Uint8Array;
  readonly #share: Share;
  #at = 0;

  /** @param body in UTF-8. */
  constructor(body: Uint8Array, unread: MemoryBudget) {
    super({ highWaterMark: PIECE });
    this.#body = body;
    this.#share = unread.hold(body.length, () => this.destroy(new Error('The client does not read the response.')));
  }

  override _read(): void {
    const from = this.#at;
    this.#at = Math.min(from + PIECE, this.#body.length);
    this.#share.set(this.#body.length - from, true);
    this.push(this.#body.subarray(from, this.#at));
    if (this.#at === this.#body.length) this.push(null);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#share.release();
    done(error);
  }
}
