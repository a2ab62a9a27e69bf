import { areEqual, type Literal, literal } from './output.ts';
import type { Make } from './source.ts';

/**
 * Prints what a resolver makes of some columns. Rows of a list often have the same in them: what was made last is printed again when the
 * columns are the same to the byte.
 */
export class Made {
  readonly #needs: readonly string[];
  readonly #make: Make;
  #text: Buffer | undefined;
  #from: readonly number[] = [];
  #to: readonly number[] = [];
  #printed: Literal = literal('');

  constructor(needs: readonly string[], make: Make) {
    this.#needs = needs;
    this.#make = make;
  }

  /**
   * @param from where the columns begin, in the order of `needs`; -1 for one that is not there.
   * @throws what the resolver throws.
   */
  print(text: Buffer, view: DataView, from: readonly number[], to: readonly number[], isStaff: boolean): Literal {
    if (this.#isAgain(text, view, from, to)) return this.#printed;
    const row: Record<string, unknown> = {};
    for (const [i, name] of this.#needs.entries()) {
      const start = from[i] ?? -1;
      if (start >= 0) row[name] = JSON.parse(text.toString('utf8', start, to[i]));
    }
    this.#printed = literal(JSON.stringify(this.#make(row, isStaff)));
    this.#text = text;
    this.#from = from;
    this.#to = to;
    return this.#printed;
  }

  /** Lets go of the text. */
  forget(): void {
    this.#text = undefined;
  }

  #isAgain(text: Buffer, view: DataView, from: readonly number[], to: readonly number[]): boolean {
    if (this.#text !== text) return false;
    for (let i = 0; i < from.length; i++) {
      const [start = -1, end = -1] = [from[i], to[i]];
      const [before = -1, beforeEnd = -1] = [this.#from[i], this.#to[i]];
      if (end - start !== beforeEnd - before || start < 0 !== before < 0) return false;
      if (start >= 0 && !areEqual(view, start, before, end - start)) return false;
    }
    return true;
  }
}
