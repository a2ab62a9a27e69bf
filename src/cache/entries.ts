import type { CacheEntry } from './store.ts';

/**
 * How entries are written into a shared store. Anything may be stored there by others, so `decode` accepts only what `encode` wrote for
 * the same key.
 */
export interface EntryCodec {
  /** @throws for a value that cannot be written. */
  encode(key: string, entry: StoredEntry): string;
  /** @returns undefined for anything but an entry of this key. Never throws. */
  decode(key: string, stored: string): StoredEntry | undefined;
}

/** What others need of an entry. Its age is known to the store. */
export type StoredEntry = Pick<CacheEntry, 'value' | 'generation'>;

/**
 * Entries as JSON, with their key inside. Values of Waldur are JSON, so a key such as `toJSON` or `__proto__` is data: `JSON.parse` makes
 * own properties of them, and `JSON.stringify` calls only functions.
 */
export const JSON_ENTRIES: EntryCodec = {
  encode: (key, { generation, value }) => JSON.stringify({ key, generation, value }),
  decode(key, stored) {
    const entry = parse(stored);
    if (typeof entry !== 'object' || entry === null) return undefined;
    if (!('key' in entry) || entry.key !== key || !('generation' in entry) || !('value' in entry)) return undefined;
    const { generation, value } = entry;
    return typeof generation === 'string' ? { generation, value } : undefined;
  },
};

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
