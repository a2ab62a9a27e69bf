/**
 * A store for Keyv with a bound on its entries: the one used longest ago goes first. Keyv's own default is a Map without a bound,
 * which a stream of new callers would grow without end.
 */
export class BoundedStore<Value = unknown> {
  readonly #entries = new Map<string, Value>();
  readonly #limit: number;

  /** @param limit most entries held. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    // A Map keeps the order of insertion, so what is put back is the youngest.
    if (value !== undefined && this.#entries.delete(key)) this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  get size(): number {
    return this.#entries.size;
  }
}
