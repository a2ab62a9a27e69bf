import type { Gaps } from './gaps.ts';
import { load } from './input.ts';
import { PrintedList } from './list.ts';
import { Output, viewOf } from './output.ts';
import { RowPrinter } from './row-printer.ts';
import type { Facts, PrintedField } from './source.ts';
import { blanksEnd, CLOSE_LIST, COMMA, OPEN_LIST } from './text.ts';

/** A list as it stands in an answer. */
export interface PrintedRows {
  readonly list: PrintedList;
  readonly count: number;
  /** What is still to be put into the list. */
  readonly gaps: Gaps;
}

const USUAL_BYTES = 256 * 1024;
const KEPT_BYTES = 4 * 1024 * 1024;
// One list is printed at a time: nothing in it waits for anything.
const output = new Output(USUAL_BYTES, KEPT_BYTES);

/**
 * Prints lists for one selection, from the bytes of Waldur's answers: columns are found and copied to where they belong. The text is what
 * `JSON.stringify` would print of the objects that the selection's resolvers would make of the answer's rows, to the byte.
 */
export class Printer {
  /** Whether it must be told if the caller is staff. */
  readonly asksForStaff: boolean;
  readonly #rows: RowPrinter;

  private constructor(fields: readonly PrintedField[]) {
    this.asksForStaff = fields.some(asksForStaff);
    this.#rows = new RowPrinter(fields);
  }

  /** @returns undefined for a selection that can never be printed. */
  static of(fields: readonly PrintedField[]): Printer | undefined {
    return RowPrinter.canPrint(fields) ? new Printer(fields) : undefined;
  }

  /**
   * @param json a list of objects.
   * @param most rows; the answer is not printed when it has more.
   * @returns undefined for what has to be read in the usual way: because something in it is wrong, or just not as nearly all is.
   */
  print(json: string, most: number, facts: Facts): PrintedRows | undefined {
    this.#rows.use();
    try {
      const count = this.#print(load(json), most, facts);
      return count === undefined ? undefined : { list: PrintedList.of(output), count, gaps: facts.gaps };
    } catch {
      // The resolver of something made has found something wrong: it will say so in the usual way.
      return undefined;
    } finally {
      output.clear();
      this.#rows.forget();
    }
  }

  /** @returns the list with its gaps filled. @throws when what goes into one of them is not known. */
  static fill({ list, gaps }: PrintedRows): PrintedList {
    if (gaps.areNone) return list;
    try {
      gaps.fill(list.bytes, output);
      list.release();
      return PrintedList.of(output);
    } finally {
      output.clear();
    }
  }

  /** @returns the number of rows. */
  #print(text: Buffer, most: number, facts: Facts): number | undefined {
    const view = viewOf(text);
    let p = blanksEnd(text, 0);
    if (text[p] !== OPEN_LIST) return undefined;
    p = blanksEnd(text, p + 1);
    output.byte(OPEN_LIST);
    let count = 0;
    if (text[p] !== CLOSE_LIST) {
      for (;;) {
        if (count === most) return undefined;
        p = this.#rows.print(text, view, p, output, count, facts, -1);
        if (p < 0) return undefined;
        count++;
        p = blanksEnd(text, p);
        if (text[p] === CLOSE_LIST) break;
        if (text[p] !== COMMA) return undefined;
        output.byte(COMMA);
        p = blanksEnd(text, p + 1);
      }
    }
    output.byte(CLOSE_LIST);
    return blanksEnd(text, p + 1) === text.length ? count : undefined;
  }
}

const asksForStaff = ({ source, fields }: PrintedField): boolean =>
  (source.kind === 'made' && source.forCaller === true) || (fields?.some(asksForStaff) ?? false);
