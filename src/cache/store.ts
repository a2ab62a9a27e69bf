import Keyv from 'keyv';
import { BoundedStore } from './memory.ts';

/** A cached answer. */
export interface CacheEntry {
  readonly value: unknown;
  /** Request time, by this process's monotonic clock. */
  readonly at: number;
  /** The generation of the caller's entries at that time; see `AnswerCache`. */
  readonly generation: string;
  /** Estimated memory use. */
  readonly bytes: number;
}

/** A store of this process alone. */
export interface OwnStore {
  readonly shared: false;
  readonly keyv: Keyv<CacheEntry>;
  /** Number of entries and their estimated memory. */
  stats(): { readonly entries: number; readonly bytes: number };
  close(): Promise<void>;
}

/** What others need of an entry. Its age is known to the store. */
export type StoredEntry = Pick<CacheEntry, 'value' | 'generation'>;

/** The content of a shared store for one entry. */
export interface SharedContent {
  /** Undefined when there is none, or none that can be used. */
  readonly entry: StoredEntry | undefined;
  /** Remaining life of `entry` in ms, by the store's clock, which is the same for all processes. Negative when it is unknown. */
  readonly lifeLeft: number;
  /** The current generation of the caller's entries. */
  readonly generation: string;
}

/** A store that several processes use. It may fail at any time: no method throws, and none takes long. */
export interface SharedStore {
  readonly shared: true;
  /** Reads an entry and the caller's generation, which is started when there is none. @returns undefined when the store cannot be used. */
  read(callerKey: string, key: string): Promise<SharedContent | undefined>;
  /** Writes an entry. Nobody waits for it. */
  write(callerKey: string, key: string, entry: StoredEntry, lifeMs: number): void;
  /** Replaces the caller's generation. @returns whether the store confirmed it. */
  startGeneration(callerKey: string): Promise<boolean>;
  close(): Promise<void>;
}

export type Store = OwnStore | SharedStore;

const MAX_ENTRIES = 20_000;

/** A store in memory. It holds objects without serialising them: with Keyv's JSON the cache would be slower than none. */
export function openMemory({ maxBytes }: { readonly maxBytes: number }): OwnStore {
  // Keyv wraps values as `{ value, expires }`. No expiry is set, because Keyv would measure it by the system's time.
  const weight = { most: maxBytes, of: ({ value }: { value: CacheEntry }) => value.bytes };
  const entries = new BoundedStore({ entries: MAX_ENTRIES, weight });
  const keyv = new Keyv<CacheEntry>({ store: entries });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  const stats = () => ({ entries: entries.size, bytes: entries.weight });
  return { keyv, shared: false, stats, close: async () => {} };
}
