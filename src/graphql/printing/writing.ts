import { writingBytes } from './code.ts';

/** The code of a row's function as it grows, in the order in which the row is printed. */
export class Writing {
  readonly lines: string[] = [];
  /** Statements that declare what the function keeps from call to call, and those that forget it. */
  readonly kept: string[] = [];
  readonly forgotten: string[] = [];
  readonly #given: Map<string, unknown>;
  /** Text that comes next and is the same for all rows. */
  #pending = '';
  #constant = 0;
  #conditions = 0;
  #isWithinAgain = false;

  /** @param given what the code has from the beginning, by name. */
  constructor(given: Readonly<Record<string, unknown>>) {
    this.#given = new Map(Object.entries(given));
  }

  /** Bytes that the code may write besides columns and what it makes room for itself. */
  get constant(): number {
    return this.#constant;
  }

  /** Whether what comes next is printed of every row: what is needed within an object that may be null may be missing. */
  get isForAll(): boolean {
    return this.#conditions === 0;
  }

  /** Text that is the same for all rows. */
  text(text: string): void {
    this.#pending += text;
  }

  /** Statements that write, after all text so far. @param most bytes that they write. */
  writes(lines: readonly string[], most = 0): void {
    this.#flush();
    this.#constant += most;
    this.lines.push(...lines);
  }

  /** Statements that write nothing. */
  checks(...lines: readonly string[]): void {
    this.lines.push(...lines);
  }

  /** What `print` writes where a condition holds, else null. */
  orNull(condition: string, print: () => void): void {
    this.writes([`if (${condition}) {`]);
    this.#conditions++;
    print();
    this.#conditions--;
    this.writes(['} else {']);
    this.text('null');
    this.writes(['}']);
  }

  /**
   * What `print` writes, copied from a row before where all of these runs are as they were there.
   *
   * That is right only where every row writes it in which a run is remembered: never within an object that may be null, which may be
   * left out of the very row.
   */
  again(runs: readonly number[] | undefined, print: () => void): void {
    if (runs === undefined || runs.length === 0 || this.#isWithinAgain || !this.isForAll) {
      print();
      return;
    }
    const id = this.kept.length;
    this.kept.push(`let out_${id} = -1, size_${id} = 0;`);
    this.forgotten.push(`out_${id} = -1;`);
    this.writes([
      `if (${runs.map((run) => `again_${run}`).join(' && ')} && out_${id} >= 0) {`,
      `w = into.room(o, length + size_${id});`,
      `o = copy(w, out_${id}, out_${id} + size_${id}, w, o);`,
      '} else {',
      `out_${id} = o;`,
    ]);
    this.#isWithinAgain = true;
    print();
    this.#isWithinAgain = false;
    this.writes([`size_${id} = o - out_${id};`, '}']);
  }

  /** Hands something to the code. @returns its name there. */
  give(what: string, value: unknown): string {
    const name = `${what}_${this.#given.size}`;
    this.#given.set(name, value);
    return name;
  }

  /** Makes the function, whose source is an expression. @param kept statements that declare what it keeps from call to call. */
  make(kept: readonly string[], source: string): unknown {
    const code = ["'use strict';", ...kept, `return ${source}`].join('\n');
    return new Function(...this.#given.keys(), code)(...this.#given.values());
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    this.#constant += bytes.length;
    if (bytes.length > 0) this.lines.push(...writingBytes(bytes));
  }
}
