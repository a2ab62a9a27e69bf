import { TextPage } from '../waldur/reads.ts';

/**
 * What an operation has read and lets go of when it has been answered. Promises that waited for Waldur are old by then, and what an old
 * object holds, dead or not, is copied until a full collection.
 */
export class Held {
  #all: (unknown[] | TextPage<unknown>)[] | undefined;

  /** @param held a page, or a list that nobody but this operation has: it is emptied in the end. */
  add(held: readonly unknown[] | TextPage<unknown>): void {
    const one = held as unknown[] | TextPage<unknown>;
    if (this.#all === undefined) this.#all = [one];
    else this.#all.push(one);
  }

  release(): void {
    for (const held of this.#all ?? []) {
      if (held instanceof TextPage) held.release();
      else held.length = 0;
    }
    this.#all = undefined;
  }
}
