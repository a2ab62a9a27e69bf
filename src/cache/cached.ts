import Keyv from 'keyv';
import { BoundedStore } from './memory.ts';

export interface Cached<Value> {
  /** The value kept under the key; undefined when there is none, or none any more. */
  get(key: string): Promise<Value | undefined>;
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

  return {
    get: (key) => keyv.get(key),
    async set(key, value) {
      await keyv.set(key, value);
    },
  };
}
