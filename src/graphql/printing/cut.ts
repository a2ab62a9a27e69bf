import { areEqual } from './output.ts';

/**
 * Some columns of a row, cut out as an object. Rows of a list often have the same in them: it is the same object then as of the row that was
 * cut before.
 */
export class Cut {
  readonly #columns: readonly string[];
  #text: Buffer | undefined;
  #from: readonly number[] = [];
  #to: readonly number[] = [];
  #row: object = {};

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** @param from where the columns begin, in their order; -1 for one that is not there. */
  of(text: Buffer, view: DataView, from: readonly number[], to: readonly number[]): object {
    if (this.#isAgain(text, view, from, to)) return this.#row;
    const row: Record<string, unknown> = {};
    for (const [i, name] of this.#columns.entries()) {
      const start = from[i] ?? -1;
      if (start >= 0) row[name] = JSON.parse(text.toString('utf8', start, to[i]));
    }
    this.#row = row;
    this.#text = text;
    this.#from = from;
    this.#to = to;
    return row;
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
