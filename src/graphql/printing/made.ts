import type { Cut } from './cut.ts';
import { type Literal, literal } from './output.ts';
import type { Make } from './source.ts';

/** Prints what a resolver makes of some columns; what was made last is printed again when they are the same. */
export class Made {
  readonly #cut: Cut;
  readonly #make: Make;
  #row: object | undefined;
  #printed: Literal = literal('');

  constructor(cut: Cut, make: Make) {
    this.#cut = cut;
    this.#make = make;
  }

  /**
   * @param from where the columns begin; see `Cut`.
   * @throws what the resolver throws.
   */
  print(text: Buffer, view: DataView, from: readonly number[], to: readonly number[], isStaff: boolean): Literal {
    const row = this.#cut.of(text, view, from, to);
    if (row !== this.#row) {
      this.#printed = literal(JSON.stringify(this.#make(row, isStaff)));
      this.#row = row;
    }
    return this.#printed;
  }
}
