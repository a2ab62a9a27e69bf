/**
 * Counts two things over the last seconds, in a ring of buckets: no memory for each event, no timers.
 */
export class Tally {
  readonly #now: () => number;
  readonly #bucketMs: number;
  readonly #all: number[];
  readonly #marked: number[];
  #newest: number;

  /** @param windowMs how far back is counted; as coarse as a tenth of it. */
  constructor(windowMs: number, now: () => number) {
    this.#now = now;
    this.#bucketMs = windowMs / BUCKETS;
    this.#all = new Array<number>(BUCKETS).fill(0);
    this.#marked = new Array<number>(BUCKETS).fill(0);
    this.#newest = this.#turn();
  }

  /** One more event. */
  add(): void {
    this.#bump(this.#all);
  }

  /** One more of the marked ones; not an event by itself. */
  mark(): void {
    this.#bump(this.#marked);
  }

  get all(): number {
    this.#advance();
    return sum(this.#all);
  }

  get marked(): number {
    this.#advance();
    return sum(this.#marked);
  }

  clear(): void {
    this.#all.fill(0);
    this.#marked.fill(0);
  }

  #turn(): number {
    return Math.floor(this.#now() / this.#bucketMs);
  }

  #bump(counts: number[]): void {
    this.#advance();
    const bucket = this.#newest % BUCKETS;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }

  /** Empties the buckets that are out of the window. A clock that goes back moves nothing. */
  #advance(): void {
    const turn = this.#turn();
    const steps = Math.min(turn - this.#newest, BUCKETS);
    for (let step = 0; step < steps; step++) {
      const bucket = (turn - step) % BUCKETS;
      this.#all[bucket] = 0;
      this.#marked[bucket] = 0;
    }
    if (turn > this.#newest) this.#newest = turn;
  }
}

const BUCKETS = 10;

function sum(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
