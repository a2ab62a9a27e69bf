import type { RowPrinter } from './row-printer.ts';

/** A column that is printed. */
export interface Wanted {
  /** Its number in the code: the value begins at `s` and ends at `e`; both are -1 when it is not there. */
  readonly id: number;
  /** How often it is copied. */
  copies: number;
  /** It is copied as a text, so its escapes must be those of `JSON.stringify`. */
  isText: boolean;
  /** It is printed as a uuid: whether it is one is told by `u` and its number. */
  isUuid: boolean;
  /** Nothing can be printed without it. */
  required: boolean;
  /** Prints the objects in it. */
  rows: RowPrinter | undefined;
}

/** The columns that a selection is printed from. */
export class WantedColumns {
  readonly #columns = new Map<string, Wanted>();

  /** The column, which is wanted from now on. */
  of(name: string): Wanted {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const column: Wanted = {
      id: this.#columns.size,
      copies: 0,
      isText: false,
      isUuid: false,
      required: false,
      rows: undefined,
    };
    this.#columns.set(name, column);
    return column;
  }

  find(name: string): Wanted | undefined {
    return this.#columns.get(name);
  }

  get all(): readonly (readonly [name: string, column: Wanted])[] {
    return [...this.#columns];
  }
}
