/** A body up to this size does not count, so that small responses never wait for large ones. */
export const FREE_BYTES = 256 * 1024;

/** Assumed growth of a body that continues, before it calls `hold` again. */
const STEP_BYTES = 64 * 1024;

export interface BodyBudgetOptions {
  /** Maximum bytes of all bodies together, without the first `FREE_BYTES` of each. */
  readonly bytes: number;
  /** Maximum bodies that wait at the same time. Each of them still counts as a call in progress. */
  readonly mostWaiting: number;
}

/** A body that is being received. */
export interface BodyHolder {
  /** Called when the body has waited and may continue. */
  goOn(): void;
}

/** What the reader of a body must do: continue, stop reading until `goOn` is called, or give up. */
export type Verdict = 'go' | 'wait' | 'refused';

/**
 * Limits the memory of all responses that are being received from the upstream, together. Each response has a limit of its own, but many
 * callers may request large ones at the same time.
 *
 * All bytes of a body that are in memory count, compressed and decompressed, until it has been parsed. The oldest body that counts may always
 * continue, up to its own limit, so bodies cannot deadlock. The maximum in memory is the budget, one more body, and for each exchange
 * `FREE_BYTES` and one chunk. Parsing needs a joined copy, its string and its values, about six times the size of the body. Bodies are parsed
 * one at a time, so this is needed once.
 *
 * There is no timeout here: the deadline of its exchange ends a body that waits.
 */
export class BodyBudget {
  readonly #bytes: number;
  readonly #mostWaiting: number;
  /** Counted bytes of each body, the oldest first. */
  readonly #held = new Map<BodyHolder, number>();
  /** Bodies that wait. */
  readonly #waiting = new Set<BodyHolder>();
  #used = 0;

  constructor({ bytes, mostWaiting }: BodyBudgetOptions) {
    this.#bytes = bytes;
    this.#mostWaiting = mostWaiting;
  }

  /** Counted bytes of all bodies. */
  get used(): number {
    return this.#used;
  }

  /** @param size bytes of the body that are in memory now. A body that is refused must still be released. */
  hold(body: BodyHolder, size: number): Verdict {
    if (size <= FREE_BYTES) return 'go';
    const counted = size - FREE_BYTES;
    this.#used += counted - (this.#held.get(body) ?? 0);
    this.#held.set(body, counted);
    if (this.#used <= this.#bytes || this.#oldest() === body) return 'go';
    if (!this.#waiting.has(body) && this.#waiting.size >= this.#mostWaiting) return 'refused';
    this.#waiting.add(body);
    return 'wait';
  }

  /** Must be called when the body has been parsed or given up. Does nothing for a body that does not count. */
  release(body: BodyHolder): void {
    const counted = this.#held.get(body);
    if (counted === undefined) return;
    this.#held.delete(body);
    this.#waiting.delete(body);
    this.#used -= counted;
    this.#wake();
  }

  /** The oldest body always continues. The others follow by age, as long as there is room for their next step. */
  #wake(): void {
    if (this.#waiting.size === 0) return;
    const oldest = this.#oldest();
    let room = this.#bytes - this.#used;
    // A copy, because a body that continues may wait again or release others immediately.
    for (const body of [...this.#held.keys()]) {
      if (room <= 0 && body !== oldest) return;
      if (!this.#waiting.delete(body)) continue;
      room -= STEP_BYTES;
      body.goOn();
    }
  }

  #oldest(): BodyHolder | undefined {
    return this.#held.keys().next().value;
  }
}
