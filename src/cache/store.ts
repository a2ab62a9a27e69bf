import Keyv from 'keyv';
import { BoundedStore } from './memory.ts';

/** An answer as it is kept. */
export interface Kept {
  readonly value: unknown;
  /** When it was asked for, in ms since the epoch. */
  readonly at: number;
  /** Of the caller's answers, when it was asked for; see `AnswerCache`. */
  readonly generation: string;
  /** About how many bytes of memory it holds. */
  readonly bytes: number;
}

export interface Store {
  readonly keyv: Keyv<Kept>;
  /** Whether other processes read and write it too; then values are copies, by way of JSON. */
  readonly shared: boolean;
  close(): Promise<void>;
}

const MOST_ENTRIES = 20_000;

/** A store in this process, which holds objects as they are: with Keyv's JSON a cache in memory is slower than none. */
export function openMemory({ maxBytes }: { readonly maxBytes: number }): Store {
  // Keyv wraps what it stores: `{ value, expires }`.
  const weight = { most: maxBytes, of: ({ value }: { value: Kept }) => value.bytes };
  const keyv = new Keyv<Kept>({ store: new BoundedStore({ entries: MOST_ENTRIES, weight }) });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return { keyv, shared: false, close: async () => {} };
}
