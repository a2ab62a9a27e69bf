import { BoundedStore } from './memory.ts';

export interface Cached<Value> {
  /** The value kept under the key; undefined when there is none, or none any more. */
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * A small cache in memory.
 * @param ttlMs how long a value serves.
 * @param limit most values held.
 * @param now measures how long that is.
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
      const kept = store.get(key);
      if (kept === undefined) return undefined;
      if (now() < kept.until) return kept.value;
      store.delete(key);
      return undefined;
    },
    set: (key, value) => store.set(key, { value, until: now() + ttlMs }),
  };
}
