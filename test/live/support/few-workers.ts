/** An upstream with few workers, whose requests wait for each other in order. */
export class FewWorkers {
  readonly #free: number[];
  readonly #now: () => number;

  constructor(workers: number, now: () => number) {
    this.#free = new Array<number>(workers).fill(0);
    this.#now = now;
  }

  /** @returns the time until the response to a request that takes `ms` of a worker. */
  serve(ms: number): number {
    const next = this.#free.indexOf(Math.min(...this.#free));
    const end = Math.max(this.#free[next] ?? 0, this.#now()) + ms;
    this.#free[next] = end;
    return end - this.#now();
  }
}
