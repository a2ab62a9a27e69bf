/** Counts events, and marked ones apart, over a sliding window. A ring of buckets needs no memory for single events and no timers. */
export class SlidingWindow {
  readonly #now: () => number;
  readonly #bucketMs: number;
  readonly #all: number[];
  readonly #marked: number[];
  #newest: number;

  /** @param windowMs length of the window; the resolution is a tenth of it. */
  constructor(windowMs: number, now: () => number) {
    this.#now = now;
    this.#bucketMs = windowMs / BUCKETS;
    this.#all = new Array<number>(BUCKETS).fill(0);
    this.#marked = new Array<number>(BUCKETS).fill(0);
    this.#newest = this.#turn();
  }

  /** Counts an event. */
  add(): void {
    this.#bump(this.#all);
  }

  /** Counts a mark; a mark is not an event by itself. */
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

  /** Clears the buckets that have left the window. */
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
