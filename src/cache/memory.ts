export interface StoreBounds<Value> {
  /** Most entries held. */
  readonly entries: number;
  /** Most weight held, with what tells the weight of a value. */
  readonly weight?: { readonly most: number; readonly of: (value: Value) => number };
}

/**
 * A store for Keyv with bounds on its entries and their weight: the one used longest ago goes first. Keyv's own default is a Map
 * without a bound, which a stream of new callers would grow without end.
 */
export class BoundedStore<Value = unknown> {
  readonly #entries = new Map<string, Value>();
  readonly #limit: number;
  readonly #most: number;
  readonly #weigh: (value: Value) => number;
  #weight = 0;
  /** Read or written last; undefined when that is gone or not known. */
  #youngest: string | undefined;

  /** @param bounds a number bounds the entries alone. */
  constructor(bounds: number | StoreBounds<Value>) {
    const { entries, weight } = typeof bounds === 'number' ? { entries: bounds } : bounds;
    this.#limit = entries;
    this.#most = weight?.most ?? Number.POSITIVE_INFINITY;
    this.#weigh = weight?.of ?? (() => 0);
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    // A Map keeps the order of insertion, so what is put back is the youngest. Few keys are asked for again and again.
    if (value !== undefined && key !== this.#youngest && this.#entries.delete(key)) this.#add(key, value);
    return value;
  }

  /** A value heavier than all that may be held is not kept. */
  set(key: string, value: Value): void {
    this.delete(key);
    const weight = this.#weigh(value);
    if (weight > this.#most) return;
    this.#add(key, value);
    this.#weight += weight;
    while (this.#entries.size > this.#limit || this.#weight > this.#most) {
      const oldest = this.#entries.keys().next();
      if (oldest.done) return;
      this.delete(oldest.value);
    }
  }

  delete(key: string): boolean {
    const value = this.#entries.get(key);
    if (value === undefined) return false;
    this.#weight -= this.#weigh(value);
    if (key === this.#youngest) this.#youngest = undefined;
    return this.#entries.delete(key);
  }

  #add(key: string, value: Value): void {
    this.#entries.set(key, value);
    this.#youngest = key;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#youngest = undefined;
    this.#weight = 0;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Of all entries together, as the bounds count it. */
  get weight(): number {
    return this.#weight;
  }
}
