/** A body up to this size counts for nothing: nobody's small answer waits for the large ones of others. */
export const FREE_BYTES = 256 * 1024;

/** How much a body that goes on is expected to bring before it asks again. */
const STEP_BYTES = 64 * 1024;

export interface BodyBudgetOptions {
  /** What all bodies may hold together, each beyond its first `FREE_BYTES`. */
  readonly bytes: number;
  /** Bodies that may wait at the same time. Each of them keeps its place among the calls under way. */
  readonly mostWaiting: number;
}

/** A body on its way in. */
export interface BodyHolder {
  /** It waited, and may go on reading. */
  goOn(): void;
}

/** What a body is to do: read on, stop reading until `goOn`, or give up. */
export type Verdict = 'go' | 'wait' | 'refused';

/**
 * Bounds the memory of all answers of the upstream that are on their way in, together. Each one alone is bounded by its own limit, but
 * many callers may ask for large ones at once.
 *
 * A body counts with all its bytes that are in memory, compressed and decompressed, until it has been parsed. The oldest one that counts
 * may always go on, up to its own limit. So they never wait for each other in a circle, and what they hold is at most the budget, one
 * body more, and for each exchange `FREE_BYTES` and what came in one read. To parse a body takes a joined copy, its text and its values,
 * about six times its size; bodies are parsed one at a time, so this comes once on top.
 *
 * Nothing is timed here: a body that waits ends by the time limit of its exchange.
 */
export class BodyBudget {
  readonly #bytes: number;
  readonly #mostWaiting: number;
  /** What each one counts, the oldest first. */
  readonly #held = new Map<BodyHolder, number>();
  /** Those that were told to wait. */
  readonly #waiting = new Set<BodyHolder>();
  #used = 0;

  constructor({ bytes, mostWaiting }: BodyBudgetOptions) {
    this.#bytes = bytes;
    this.#mostWaiting = mostWaiting;
  }

  /** What all of them count. */
  get used(): number {
    return this.#used;
  }

  /** @param size of all of the body that is in memory by now. A body that is refused still has to be released. */
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

  /** The body has been parsed or given up. Does nothing for one that holds nothing. */
  release(body: BodyHolder): void {
    const counted = this.#held.get(body);
    if (counted === undefined) return;
    this.#held.delete(body);
    this.#waiting.delete(body);
    this.#used -= counted;
    this.#wake();
  }

  /** The oldest goes on in any case, others in order of age as far as there is room for their next step. */
  #wake(): void {
    if (this.#waiting.size === 0) return;
    const oldest = this.#oldest();
    let room = this.#bytes - this.#used;
    // A copy: who goes on may have more at once, and wait again, or release others.
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
