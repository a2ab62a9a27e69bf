import Keyv from 'keyv';
import { BoundedStore } from './memory.ts';

/** An answer as it is kept. */
export interface Kept {
  readonly value: unknown;
  /** When it was asked for, by this process's clock for durations. What comes from a shared store was perhaps asked for by another process: then only its age is known. */
  readonly at: number;
  /** Of the caller's answers, when it was asked for; see `AnswerCache`. */
  readonly generation: string;
  /** About how many bytes of memory it holds. */
  readonly bytes: number;
}

/** A store of this process alone. */
export interface OwnStore {
  readonly keyv: Keyv<Kept>;
  readonly shared: false;
  close(): Promise<void>;
}

/** What a shared store has under two keys. */
export interface Aged {
  readonly kept: Kept | undefined;
  /** For how many ms `kept` stays, by the store's clock, which alone is the same for all processes; below 0: it is not there. */
  readonly lifeLeft: number;
  readonly beside: Kept | undefined;
}

/** A store that other processes read and write, too; values are copies, by way of JSON. */
export interface SharedStore {
  readonly keyv: Keyv<Kept>;
  readonly shared: true;
  /** Reads an entry with its age, and another one beside it. */
  read(key: string, beside: string): Promise<Aged>;
  close(): Promise<void>;
}

export type Store = OwnStore | SharedStore;

const MOST_ENTRIES = 20_000;

/** A store in this process, which holds objects as they are: with Keyv's JSON a cache in memory is slower than none. */
export function openMemory({ maxBytes }: { readonly maxBytes: number }): OwnStore {
  // Keyv wraps what it stores: `{ value, expires }`. Nothing is given a time to expire at: Keyv would measure it by the system's time.
  const weight = { most: maxBytes, of: ({ value }: { value: Kept }) => value.bytes };
  const keyv = new Keyv<Kept>({ store: new BoundedStore({ entries: MOST_ENTRIES, weight }) });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return { keyv, shared: false, close: async () => {} };
}
