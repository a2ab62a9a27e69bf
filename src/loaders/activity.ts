/**
 * Which callers have calls of their own under way. Waldur answers the requests of one user one after another (contract 2.0), so polls
 * for a caller's subscriptions step aside for that caller's queries.
 */
export class Activity {
  readonly #running = new Map<string, number>();

  isBusy(callerKey: string): boolean {
    return this.#running.has(callerKey);
  }

  /** Counts a call until it has ended, well or badly. */
  during<Value>(callerKey: string, call: Promise<Value>): Promise<Value> {
    this.#running.set(callerKey, (this.#running.get(callerKey) ?? 0) + 1);
    const over = (): void => this.#over(callerKey);
    call.then(over, over);
    return call;
  }

  #over(callerKey: string): void {
    const left = (this.#running.get(callerKey) ?? 1) - 1;
    if (left === 0) this.#running.delete(callerKey);
    else this.#running.set(callerKey, left);
  }
}
