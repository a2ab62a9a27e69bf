import { OTHER_LAYOUT } from './code.ts';
import type { Cut } from './cut.ts';
import { type Layout, layoutOf } from './layout.ts';
import { Output } from './output.ts';
import type { PrintRow } from './row-function.ts';
import { RowWriter } from './row-writer.ts';
import { type Facts, NotPrinted, type PrintedField } from './source.ts';
import { blanksEnd, CLOSE_LIST, COMMA, FAILED, OPEN_LIST } from './text.ts';

/** Layouts that rows of one kind are printed from: Waldur leaves a few columns out where there is nothing to tell. */
const MOST_LAYOUTS = 8;
/**
 * Functions of all selections: each may take some 100 KiB with its code, by a guess from the length of its source, and selections are the clients' to make up. The printer used longest
 * ago begins anew.
 */
const MOST_FUNCTIONS = 300;
const NO_LAYOUT: Layout = { runs: [], tail: Buffer.alloc(0) };
const BESIDE_BYTES = 4 * 1024;
const KEPT_BYTES = 256 * 1024;

/** Prints objects for one selection, by a function for each way in which they are written. */
export class RowPrinter {
  /** Of all printers there are, the functions that they hold. */
  static #functionsInAll = 0;
  /** Those that hold functions; the one used longest ago comes first. */
  static readonly #holders = new Set<RowPrinter>();

  readonly #fields: readonly PrintedField[];
  /** The one used last comes first. */
  #functions: PrintRow[] = [];
  #cuts: Cut[] = [];
  #below: RowPrinter[] = [];
  #layouts = 0;
  /** Names of the columns of layouts that cannot be printed from: each counts once, however many pages have it. */
  readonly #notPrinted = new Set<string>();
  #beside: Output | undefined;

  constructor(fields: readonly PrintedField[]) {
    this.#fields = fields;
  }

  /** Whether there are layouts that a selection can be printed for. */
  static canPrint(fields: readonly PrintedField[]): boolean {
    const check = (below: readonly PrintedField[]): RowPrinter => {
      new RowWriter(below, NO_LAYOUT, check);
      return new RowPrinter(below);
    };
    try {
      check(fields);
      return true;
    } catch (thrown) {
      if (thrown instanceof NotPrinted) return false;
      throw thrown;
    }
  }

  /** Where objects are printed that stand within others, until it is known where they go. */
  get beside(): Output {
    this.#beside ??= new Output(BESIDE_BYTES, KEPT_BYTES);
    return this.#beside;
  }

  /** @returns where the object has ended; -1 for one that is not printed. */
  print(
    text: Buffer,
    view: DataView,
    at: number,
    into: Output,
    index: number,
    facts: Facts | undefined,
    above: number,
  ): number {
    const functions = this.#functions;
    for (let i = 0; i < functions.length; i++) {
      const print = functions[i] as PrintRow;
      const end = print(text, view, at, into, index, facts, above);
      if (end === OTHER_LAYOUT) continue;
      if (i > 0) functions.unshift(...functions.splice(i, 1));
      return end;
    }
    const print = this.#learn(text, at);
    return print === undefined ? FAILED : print(text, view, at, into, index, facts, above);
  }

  /** Prints a list of objects beside. @returns where it has ended; -1 for one that is not printed. */
  printList(text: Buffer, view: DataView, at: number, above: number): number {
    const { beside } = this;
    if (text[at] !== OPEN_LIST) return FAILED;
    beside.byte(OPEN_LIST);
    let p = blanksEnd(text, at + 1);
    if (text[p] !== CLOSE_LIST) {
      for (let i = 0; ; i++) {
        p = this.print(text, view, p, beside, i, undefined, above);
        if (p < 0) return FAILED;
        p = blanksEnd(text, p);
        if (text[p] === CLOSE_LIST) break;
        if (text[p] !== COMMA) return FAILED;
        beside.byte(COMMA);
        p = blanksEnd(text, p + 1);
      }
    }
    beside.byte(CLOSE_LIST);
    return p + 1;
  }

  /** A page begins. */
  use(): void {
    const holders = RowPrinter.#holders;
    if (holders.delete(this)) holders.add(this);
  }

  /** Lets go of a text. */
  forget(): void {
    for (const cut of this.#cuts) cut.forget();
    for (const below of this.#below) {
      below.beside.clear();
      below.forget();
    }
  }

  #learn(text: Buffer, at: number): PrintRow | undefined {
    // One that cannot be printed counts, too: its rows are looked at each time.
    if (this.#layouts >= MOST_LAYOUTS) return undefined;
    const layout = layoutOf(text, at, listsIn(this.#fields));
    if (layout === undefined) return undefined;
    const names = JSON.stringify(layout.runs.flatMap(({ keys }) => keys.map(({ name }) => name)));
    if (this.#notPrinted.has(names)) return undefined;
    this.#layouts++;
    try {
      const { print, cuts } = new RowWriter(this.#fields, layout, (fields) => this.#rowPrinter(fields)).write();
      this.#functions.unshift(print);
      this.#cuts.push(...cuts);
      RowPrinter.#functionsInAll++;
      this.#bound();
      return print;
    } catch (thrown) {
      if (!(thrown instanceof NotPrinted)) throw thrown;
      this.#notPrinted.add(names);
      return undefined;
    }
  }

  #bound(): void {
    const holders = RowPrinter.#holders;
    holders.delete(this);
    holders.add(this);
    for (const oldest of holders) {
      if (RowPrinter.#functionsInAll <= MOST_FUNCTIONS || oldest === this) break;
      oldest.#beginAnew();
    }
  }

  #beginAnew(): void {
    RowPrinter.#holders.delete(this);
    RowPrinter.#functionsInAll -= this.#functions.length;
    for (const below of this.#below) below.#beginAnew();
    this.#functions = [];
    this.#cuts = [];
    this.#below = [];
    this.#layouts = 0;
    this.#notPrinted.clear();
  }

  #rowPrinter(fields: readonly PrintedField[]): RowPrinter {
    const printer = new RowPrinter(fields);
    this.#below.push(printer);
    return printer;
  }
}

/** Columns that hold lists of objects, which are printed anew for each row. */
const listsIn = (fields: readonly PrintedField[]): ReadonlySet<string> =>
  new Set(
    fields.flatMap(({ source, fields: inner }) =>
      source.kind === 'rows' ? [source.column] : [...listsIn(inner ?? [])],
    ),
  );
