import type { LogicalClock } from './store.ts';

/** Who waits for a relist that begins later than now. One relist serves all that waited when it began. */
export class RelistWaiters<Waiter> {
  readonly #logicalNow: LogicalClock;
  readonly #relist: () => void;
  readonly #since = new Map<Waiter, number>();

  /** @param relist requests a relist. */
  constructor(logicalNow: LogicalClock, relist: () => void) {
    this.#logicalNow = logicalNow;
    this.#relist = relist;
  }

  has(waiter: Waiter): boolean {
    return this.#since.has(waiter);
  }

  add(waiter: Waiter): void {
    if (this.#since.has(waiter)) return;
    this.#since.set(waiter, this.#logicalNow());
    // Whoever comes later waits for the next one: each newcomer would otherwise restart it.
    if (this.#since.size === 1) this.#relist();
  }

  delete(waiter: Waiter): void {
    this.#since.delete(waiter);
  }

  /** A relist has ended. @param begun logical time of its start. @returns those that need not wait any more. */
  relisted(begun: number): Waiter[] {
    const served = [...this.#since].flatMap(([waiter, since]) => (since < begun ? [waiter] : []));
    for (const waiter of served) this.#since.delete(waiter);
    if (this.#since.size > 0) this.#relist();
    return served;
  }

  /** Somebody else relists from now on. */
  again(): void {
    if (this.#since.size > 0) this.#relist();
  }
}
