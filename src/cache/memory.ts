export interface StoreBounds<Value> {
  /** Maximum number of entries. */
  readonly entries: number;
  /** Maximum total weight, and the function that weighs a value. */
  readonly weight?: { readonly most: number; readonly of: (value: Value) => number };
}

/**
 * A least-recently-used store for Keyv, bounded by the number of entries and their weight. Keyv's default is an unbounded Map, which
 * a stream of new callers would grow without limit.
 */
export class BoundedStore<Value = unknown> {
  /** In order of use: a Map iterates in insertion order, and entries are inserted again when they are used. */
  readonly #entries = new Map<string, Value>();
  readonly #maxEntries: number;
  readonly #maxWeight: number;
  readonly #weigh: (value: Value) => number;
  #weight = 0;

  /** @param bounds a number limits the entries alone. */
  constructor(bounds: number | StoreBounds<Value>) {
    const { entries, weight } = typeof bounds === 'number' ? { entries: bounds } : bounds;
    this.#maxEntries = entries;
    this.#maxWeight = weight?.most ?? Number.POSITIVE_INFINITY;
    this.#weigh = weight?.of ?? (() => 0);
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** A value heavier than the maximum total weight is not stored. */
  set(key: string, value: Value): void {
    this.delete(key);
    const weight = this.#weigh(value);
    if (weight > this.#maxWeight) return;
    this.#entries.set(key, value);
    this.#weight += weight;
    while (this.#entries.size > this.#maxEntries || this.#weight > this.#maxWeight) {
      const oldest = this.#entries.keys().next();
      if (oldest.done) return;
      this.delete(oldest.value);
    }
  }

  delete(key: string): boolean {
    const value = this.#entries.get(key);
    if (value === undefined) return false;
    this.#weight -= this.#weigh(value);
    return this.#entries.delete(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Total weight of all entries. */
  get weight(): number {
    return this.#weight;
  }
}

export interface Cached<Value> {
  /** The value of the key; undefined when there is none or it has expired. */
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * A small cache in memory.
 * @param ttlMs how long a value is served.
 * @param limit maximum number of values.
 * @param now measures durations.
 */
export function createCached<Value>({
  ttlMs,
  limit,
  now,
}: {
  readonly ttlMs: number;
  readonly limit: number;
  readonly now: () => number;
}): Cached<Value> {
  const store = new BoundedStore<{ readonly value: Value; readonly until: number }>(limit);
  return {
    get(key) {
      const entry = store.get(key);
      if (entry === undefined) return undefined;
      if (now() < entry.until) return entry.value;
      store.delete(key);
      return undefined;
    },
    set: (key, value) => store.set(key, { value, until: now() + ttlMs }),
  };
}
