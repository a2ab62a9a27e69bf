/**
 * Which callers have calls of their own under way. Waldur answers the requests of one user one after another (contract 2.0), so polls
 * for a caller's subscriptions step aside for that caller's queries.
 */
export class BusyCallers {
  readonly #running = new Map<string, number>();

  isBusy(callerKey: string): boolean {
    return (this.#running.get(callerKey) ?? 0) > 0;
  }

  /** One call more; `leave` must follow when it has ended, well or badly. */
  enter(callerKey: string): void {
    this.#running.set(callerKey, (this.#running.get(callerKey) ?? 0) + 1);
  }

  leave(callerKey: string): void {
    const left = (this.#running.get(callerKey) ?? 1) - 1;
    if (left === 0) this.#running.delete(callerKey);
    else this.#running.set(callerKey, left);
  }
}
