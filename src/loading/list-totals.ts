import { BoundedStore } from '../cache/memory.ts';

/** How long a number is good enough to plan with, in ms. Plans stay right with a wrong one, they only cost more. */
const KEPT_MS = 60_000;
const MOST = 10_000;

/** How long lists were when they were last seen, for the planner. */
export class ListTotals {
  readonly #now: () => number;
  readonly #totals = new BoundedStore<{ total: number; at: number }>(MOST);

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param list tells the caller and the list. */
  learn(list: string, total: number): void {
    const known = this.#totals.get(list);
    if (known === undefined) {
      this.#totals.set(list, { total, at: this.#now() });
      return;
    }
    known.total = total;
    known.at = this.#now();
  }

  recall(list: string): number | undefined {
    const known = this.#totals.get(list);
    return known !== undefined && this.#now() - known.at <= KEPT_MS ? known.total : undefined;
  }
}
