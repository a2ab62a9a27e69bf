import { BoundedStore } from '../cache/memory.ts';

/** Most documents kept in one place; a client sends few different ones, an attacker any number. */
const MOST = 1_000;
/** Of all their texts together. What is made of a text takes up to 80 times its length, so this is 40 MB. */
const CHARACTERS = 500_000;
const LONGEST = 10_000;

/** What was made of the documents used most recently, by their texts. */
export class DocumentCache<Value> {
  readonly #store = new BoundedStore<{ readonly value: Value; readonly length: number }>({
    entries: MOST,
    weight: { most: CHARACTERS, of: ({ length }) => length },
  });

  get(key: string): Value | undefined {
    return this.#store.get(key)?.value;
  }

  /** @param length of the text; a long one is not kept, for making it again takes no longer than it took to come. */
  set(key: string, value: Value, length: number): void {
    if (length <= LONGEST) this.#store.set(key, { value, length });
  }

  delete(key: string): boolean {
    return this.#store.delete(key);
  }
}
