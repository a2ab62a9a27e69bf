import Keyv from 'keyv';
import { BoundedStore } from './memory.ts';

/** A cached answer. */
export interface CacheEntry {
  readonly value: unknown;
  /** Request time, by this process's monotonic clock. Entries of other processes have no valid time here; only their age is known. */
  readonly at: number;
  /** The generation of the caller's entries at that time; see `AnswerCache`. */
  readonly generation: string;
  /** Estimated memory use. */
  readonly bytes: number;
}

/** A store of this process alone. */
export interface OwnStore {
  readonly keyv: Keyv<CacheEntry>;
  readonly shared: false;
  close(): Promise<void>;
}

/** The content of a shared store under two keys. */
export interface SharedContent {
  readonly entry: CacheEntry | undefined;
  /** Remaining life of `entry` in ms, by the store's clock, which is the same for all processes. Negative when there is no entry. */
  readonly lifeLeft: number;
  readonly beside: CacheEntry | undefined;
}

/** A store that several processes use. Values are copied through JSON. */
export interface SharedStore {
  readonly keyv: Keyv<CacheEntry>;
  readonly shared: true;
  /** Reads an entry with its age, and a second entry. */
  read(key: string, beside: string): Promise<SharedContent>;
  close(): Promise<void>;
}

export type Store = OwnStore | SharedStore;

const MAX_ENTRIES = 20_000;

/** A store in memory. It holds objects without serialising them: with Keyv's JSON the cache would be slower than none. */
export function openMemory({ maxBytes }: { readonly maxBytes: number }): OwnStore {
  // Keyv wraps values as `{ value, expires }`. No expiry is set, because Keyv would measure it by the system's time.
  const weight = { most: maxBytes, of: ({ value }: { value: CacheEntry }) => value.bytes };
  const keyv = new Keyv<CacheEntry>({ store: new BoundedStore({ entries: MAX_ENTRIES, weight }) });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return { keyv, shared: false, close: async () => {} };
}
