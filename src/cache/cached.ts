import { BoundedStore } from './memory.ts';

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
