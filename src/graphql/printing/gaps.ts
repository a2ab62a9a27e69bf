import { DIGITS, UUID_LENGTH } from './columns.ts';
import { areEqual, copy, Output, viewOf } from './output.ts';
import type { PrintedField } from './source.ts';

/** A resource that rows of a page refer to by one field. */
export interface Referred {
  readonly field: PrintedField;
  readonly uuid: string;
  /** Where its uuid begins in the page. */
  readonly digits: number;
  /** What its join needs of the first row that refers to it. */
  readonly row: object;
  /** What goes into its gaps; undefined until it is known. */
  json: string | undefined;
}

const USUAL_BYTES = 16 * 1024;
const KEPT_BYTES = 1024 * 1024;
/** What goes into the gaps of a list, each once. One list is filled at a time. */
const fillings = new Output(USUAL_BYTES, KEPT_BYTES);

/** Where in a printed list there is to go what belongs to other resources, which are read once it is known which ones those are. */
export class Gaps {
  /** Each resource once for each field. */
  readonly referred: Referred[];
  /** By field and a sum of the digits, for which no text must be made: the number of the one that came last. Nearly always it is the only one. */
  readonly #last: Map<PrintedField, Map<number, number>>;
  /** What of the list stands before each gap, in bytes. */
  readonly #places: number[] = [];
  /** The number in `referred` of what goes into it. */
  readonly #contents: number[] = [];

  private constructor(referred: Referred[], last: Map<PrintedField, Map<number, number>>) {
    this.referred = referred;
    this.#last = last;
  }

  static none(): Gaps {
    return new Gaps([], new Map());
  }

  /** For another print of the same page, with what is known of the resources. */
  again(): Gaps {
    return new Gaps(this.referred, this.#last);
  }

  get areNone(): boolean {
    return this.#places.length === 0;
  }

  /**
   * Leaves a gap.
   * @param at what of the list stands before it, in bytes.
   * @param addressEnd where the address of the resource ends in the page.
   * @returns false, and leaves none, for a resource that no row before has referred to.
   */
  add(field: PrintedField, at: number, view: DataView, addressEnd: number): boolean {
    const number = this.#find(field, view, addressEnd - UUID_LENGTH);
    if (number === undefined) return false;
    this.#leave(at, number);
    return true;
  }

  /** Leaves the first gap of a resource. @param row what its join needs of the row that refers to it. */
  refer(field: PrintedField, at: number, text: Buffer, view: DataView, addressEnd: number, row: object): void {
    const digits = addressEnd - UUID_LENGTH;
    const uuid = text.toString('latin1', digits, digits + DIGITS);
    const number = this.referred.push({ field, uuid, digits, row, json: undefined }) - 1;
    const last = this.#last.get(field) ?? new Map<number, number>();
    this.#last.set(field, last.set(sumOf(view, digits), number));
    this.#leave(at, number);
  }

  #leave(at: number, number: number): void {
    this.#places.push(at);
    this.#contents.push(number);
  }

  #find(field: PrintedField, view: DataView, digits: number): number | undefined {
    const last = this.#last.get(field)?.get(sumOf(view, digits));
    if (last === undefined) return undefined;
    const is = (one: Referred | undefined): boolean =>
      one?.field === field && areEqual(view, one.digits, digits, DIGITS);
    if (is(this.referred[last])) return last;
    const number = this.referred.findIndex(is);
    return number < 0 ? undefined : number;
  }

  /** Prints the list with its gaps filled. @throws when it is not known with what. */
  fill(list: Buffer, output: Output): void {
    const view = viewOf(list);
    const ends = this.#printFillings();
    let from = 0;
    for (const [i, at] of this.#places.entries()) {
      const number = this.#contents[i] ?? 0;
      const [start, end] = [ends[number] ?? 0, ends[number + 1] ?? 0];
      const into = output.room(output.at, at - from + end - start);
      output.at = copy(fillings.view, start, end, into, copy(view, from, at, into, output.at));
      from = at;
    }
    output.at = copy(view, from, list.length, output.room(output.at, list.length - from), output.at);
  }

  /** @returns where each begins, and where the last one ends. */
  #printFillings(): number[] {
    fillings.clear();
    const ends = [0];
    for (const { json } of this.referred) {
      if (json === undefined) throw new Error('A gap is to be filled before it is known with what.');
      fillings.text(json);
      ends.push(fillings.at);
    }
    return ends;
  }
}

function sumOf(view: DataView, digits: number): number {
  let sum = 0;
  for (let i = 0; i < DIGITS; i += 4) sum = (Math.imul(sum, 31) + view.getInt32(digits + i)) | 0;
  return sum;
}
