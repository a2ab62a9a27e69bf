import Keyv from 'keyv';
import { BoundedStore } from './memory.ts';

export interface Cached<Value> {
  /**
   * The value kept under the key, or the one `load` gives. Loads of one key at the same time are one load; a failed load is kept
   * for nobody.
   */
  get(key: string, load: () => Promise<Value>): Promise<Value>;
  /** Puts a value in, as when it came by another way. */
  set(key: string, value: Value): Promise<void>;
}

/**
 * A small cache in memory.
 * @param ttlMs how long a value serves.
 * @param limit most values held.
 */
export function createCached<Value>({ ttlMs, limit }: { ttlMs: number; limit: number }): Cached<Value> {
  const keyv = new Keyv<Value>({ store: new BoundedStore(limit), ttl: ttlMs });
  // Values stay objects: with Keyv's JSON a cache in memory is slower than none.
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  const loading = new Map<string, Promise<Value>>();

  return {
    async get(key, load) {
      const kept = await keyv.get(key);
      if (kept !== undefined) return kept;
      let flight = loading.get(key);
      if (flight === undefined) {
        flight = load()
          .then(async (value) => {
            await keyv.set(key, value);
            return value;
          })
          .finally(() => loading.delete(key));
        loading.set(key, flight);
      }
      return flight;
    },
    async set(key, value) {
      await keyv.set(key, value);
    },
  };
}
