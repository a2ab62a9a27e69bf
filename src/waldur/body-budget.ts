/** Bodies up to this size do not count, so small responses never wait for large ones. */
export const FREE_BYTES = 256 * 1024;

/** Bytes that a resumed body is expected to receive before it calls `hold` again. */
const STEP_BYTES = 64 * 1024;

export interface BodyBudgetOptions {
  /** Limit for all bodies together; the first `FREE_BYTES` of each do not count. */
  readonly bytes: number;
  /** Maximum number of waiting bodies. Each still counts as a running call. */
  readonly mostWaiting: number;
}

/** A body that is being received. */
export interface BodyHolder {
  /** Called when a waiting body may continue. */
  goOn(): void;
}

/** What a body must do: continue, pause until `goOn`, or give up. */
export type Verdict = 'go' | 'wait' | 'refused';

/**
 * Limits the memory of all upstream responses that are being received. Each response has its own limit, but many callers may request
 * large ones at once.
 *
 * A body counts with all its bytes in memory, compressed and decompressed, until it has been parsed. The oldest body that counts may
 * always continue, up to its own limit, so bodies cannot deadlock. Together they hold at most the budget, one more body, and for each
 * exchange `FREE_BYTES` and the bytes of one read. Parsing needs about six times the size of a body (a joined copy, its string and its
 * values). Bodies are parsed one at a time, so this is needed only once.
 *
 * There is no timer here: the time limit of its exchange ends a waiting body.
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

  /** @param size of the body in memory so far. A refused body must still be released. */
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

  /** The body has been parsed or given up. Does nothing for a body that holds nothing. */
  release(body: BodyHolder): void {
    const counted = this.#held.get(body);
    if (counted === undefined) return;
    this.#held.delete(body);
    this.#waiting.delete(body);
    this.#used -= counted;
    this.#wake();
  }

  /** Resumes the oldest body in any case, and others in order of age while there is room for their next step. */
  #wake(): void {
    if (this.#waiting.size === 0) return;
    const oldest = this.#oldest();
    let room = this.#bytes - this.#used;
    // A copy, because a resumed body may immediately wait again or release others.
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
