import * as code from './code.ts';
import { DIGITS, isAddress, isUuidAt, stateNames, UUID_LENGTH } from './columns.ts';
import { IdPrinter, LONGEST_ID } from './id.ts';
import { Made } from './made.ts';
import { copy, type Output, put } from './output.ts';
import type { RowPrinter } from './row-printer.ts';
import { readingRow } from './row-reader.ts';
import { type ColumnKind, type Facts, NotPrinted, type PrintedField } from './source.ts';
import { isInt, type Layout, STOPS, stringifiedEnd, textEnd, valueEnd } from './text.ts';
import { type Wanted, WantedColumns } from './wanted.ts';

/**
 * Prints the object that begins at a place.
 * @param facts of its page; undefined for an object within another.
 * @param above where the digits begin of the uuid of the object that holds the list.
 * @returns where the object has ended; -1 when it has something that is not printed, -2 when it is written in another way.
 */
export type PrintRow = (
  text: Buffer,
  view: DataView,
  at: number,
  into: Output,
  index: number,
  facts: Facts | undefined,
  above: number,
) => number;

/** What the code of every row is given. */
const GIVEN = { STOPS, textEnd, stringifiedEnd, valueEnd, isInt, isUuidAt, isAddress, copy, put };

/** Another resource that a row tells of: its columns by the names that they have there. */
interface Renamed {
  readonly address: string;
  readonly columns: Readonly<Record<string, string>>;
}

/** What a value must be that is copied, and whether there may be none. */
const COPIED: Readonly<
  Record<Exclude<ColumnKind, 'state'>, readonly [is: (column: Wanted) => string, optional: boolean]>
> = {
  text: [({ id }) => `b[s${id}] === 34`, false],
  'optional text': [({ id }) => `b[s${id}] === 34`, true],
  int: [({ id }) => `isInt(b, s${id}, e${id})`, false],
  boolean: [({ id }) => `b[s${id}] === 116 || b[s${id}] === 102`, false],
  'optional boolean': [({ id }) => `b[s${id}] === 116 || b[s${id}] === 102`, true],
  uuid: [code.isUuid, false],
  'optional uuid': [code.isUuid, true],
};

/**
 * Writes the source of the function that prints objects of one layout for one selection. A loop over a table of what to do takes twice as
 * long: a function that compares with the keys of its layout and writes those of its selection has all of them as numbers in it.
 *
 * Nothing gets into the source but numbers and names of our own.
 */
export class RowWriter {
  readonly #rowPrinter: (fields: readonly PrintedField[]) => RowPrinter;
  readonly #wanted = new WantedColumns();
  readonly #given = new Map<string, unknown>(Object.entries(GIVEN));
  readonly #made: Made[] = [];
  readonly #lines: string[] = [];
  /** Text that comes next and is the same for all rows. */
  #pending = '';
  /** Bytes written that no column brings. */
  #constant = 0;
  #tellsAbove = false;
  /** Within how many objects that may be null: what is needed there may be missing. */
  #conditions = 0;

  /**
   * @param rowPrinter makes what prints objects within a column.
   * @throws NotPrinted for a selection that cannot be printed.
   */
  constructor(fields: readonly PrintedField[], rowPrinter: (fields: readonly PrintedField[]) => RowPrinter) {
    this.#rowPrinter = rowPrinter;
    this.#object(fields, undefined);
    this.#flush();
  }

  /** To be called once. @throws NotPrinted for a layout that it cannot be printed from. */
  write(layout: Layout): { readonly print: PrintRow; readonly made: readonly Made[] } {
    const reading = readingRow(layout, this.#wanted, this.#tellsAbove, (what, value) => this.#give(what, value));
    const columns = this.#wanted.all.map(([, column]) => column);
    const copied = columns.map(({ id, copies, rows }) => {
      const times = rows === undefined ? copies : 1;
      return times === 0 ? '' : ` + ${times} * (e${id} - s${id})`;
    });
    const source = [
      '(b, v, at, into, index, facts, above) => {',
      'const end = v.byteLength;',
      'let p = at;',
      ...reading,
      `const length = ${this.#constant}${copied.join('')};`,
      'let o = into.at;',
      'let w = into.room(o, length);',
      ...this.#lines,
      'into.at = o;',
      'return p;',
      '}',
    ].join('\n');
    const print = new Function(...this.#given.keys(), `'use strict';\nreturn ${source}`)(...this.#given.values());
    return { print: print as PrintRow, made: this.#made };
  }

  #object(fields: readonly PrintedField[], renamed: Renamed | undefined): void {
    let before = '{';
    for (const field of fields) {
      this.#pending += `${before}${JSON.stringify(field.key)}:`;
      this.#field(field, renamed);
      before = ',';
    }
    this.#pending += '}';
  }

  #field(field: PrintedField, renamed: Renamed | undefined): void {
    const { source } = field;
    switch (source.kind) {
      case 'constant':
        this.#pending += JSON.stringify(source.value);
        break;
      case 'column':
        if (renamed !== undefined && source.column === 'uuid') this.#digitsOf(this.#column(renamed.address));
        else this.#leaf(field, source.holds, this.#column(nameIn(renamed, source.column)));
        break;
      case 'id':
        this.#id(source.type, source.column, source.below, renamed);
        break;
      case 'made':
        this.#making(field, source.needs, source.forCaller === true, renamed);
        break;
      case 'cursor':
        this.#cursor();
        break;
      case 'object':
        if (source.unlessNull.length === 0) this.#object(below(field), renamed);
        else {
          const conditions = source.unlessNull.map((name) => code.isThere(this.#column(nameIn(renamed, name))));
          this.#orNull(conditions.join(' || '), () => this.#object(below(field), renamed));
        }
        break;
      case 'reference': {
        if (renamed !== undefined) throw new NotPrinted('a reference of a reference');
        const column = this.#column(source.address);
        this.#orNull(code.isThere(column), () => {
          this.#lines.push(code.unless(code.isAddress(column)));
          this.#object(below(field), source);
        });
        break;
      }
      case 'join':
        this.#join(field, source.address, renamed);
        break;
      case 'rows':
        this.#rows(field, source.column, renamed);
        break;
    }
  }

  #leaf({ names }: PrintedField, holds: ColumnKind, column: Wanted): void {
    if (holds === 'state') {
      this.#require(column);
      this.#named(column, names);
      return;
    }
    const [is, optional] = COPIED[holds];
    column.copies++;
    if (!optional) this.#require(column);
    column.isText ||= holds === 'text' || holds === 'optional text';
    const print = (): void => {
      const { id } = column;
      this.#lines.push(code.unless(is(column)));
      this.#flush();
      if (holds === 'uuid' || holds === 'optional uuid') this.#lines.push(...code.copying(`s${id}`, UUID_LENGTH));
      else this.#lines.push(`o = copy(v, s${id}, e${id}, w, o);`);
    };
    if (optional) this.#orNull(code.isThere(column), print);
    else print();
  }

  #named({ id }: Wanted, names: ReadonlyMap<unknown, string> | undefined): void {
    const nameOf = names && stateNames(names);
    if (names === undefined || nameOf === undefined) throw new NotPrinted('an enum of something else');
    const longest = Math.max(...[...names.values()].map((name) => name.length));
    const n = this.#give('names', nameOf);
    this.#constant += longest + 2;
    this.#flush();
    this.#lines.push(
      `const of_${n} = ${n}(v, s${id}, e${id});`,
      code.unless(`of_${n} !== undefined`),
      `o = put(of_${n}, w, o);`,
    );
  }

  /** The uuid of an address that has been looked at. */
  #digitsOf({ id }: Wanted): void {
    this.#constant += DIGITS;
    this.#pending += '"';
    this.#flush();
    this.#lines.push(...code.copying(`e${id} - ${DIGITS + 2}`, DIGITS));
    this.#pending += '"';
  }

  #id(type: string, name: string, isBelow: boolean, renamed: Renamed | undefined): void {
    const ids = this.#give('ids', new IdPrinter(type));
    this.#constant += LONGEST_ID;
    let first: string;
    if (renamed !== undefined && name === 'uuid') {
      first = `e${this.#column(renamed.address).id} - ${DIGITS + 2}`;
    } else {
      const column = this.#column(nameIn(renamed, name));
      this.#require(column);
      this.#lines.push(code.unless(code.isUuid(column)));
      first = `s${column.id} + 1`;
    }
    if (isBelow) this.#lines.push(code.unless('above >= 0'));
    this.#flush();
    this.#lines.push(`o = ${ids}.print(v, ${isBelow ? `above, ${first}` : `${first}, -1`}, w, o);`);
  }

  #cursor(): void {
    this.#flush();
    const cursor = this.#give('cursor', undefined);
    this.#lines.push(
      code.unless('facts !== undefined'),
      `${cursor} = JSON.stringify(facts.cursorOf(index));`,
      `w = into.room(o, length + ${cursor}.length);`,
      `o += into.bytes.write(${cursor}, o);`,
    );
  }

  #making({ make }: PrintedField, needs: readonly string[], forCaller: boolean, renamed: Renamed | undefined): void {
    // It would have to be cut out of the address.
    if (renamed !== undefined && needs.includes('uuid')) throw new NotPrinted('something made of a uuid in an address');
    const made = new Made(needs, make);
    this.#made.push(made);
    const name = this.#give('made', made);
    const ids = needs.map((need) => this.#column(nameIn(renamed, need)).id);
    const [from, to] = ['s', 'e'].map((letter) => ids.map((id) => `${letter}${id}`).join(', '));
    this.#flush();
    if (forCaller) this.#lines.push(code.unless('facts !== undefined'));
    this.#lines.push(
      `const of_${name} = ${name}.print(b, v, [${from}], [${to}], ${forCaller ? 'facts.isStaff' : 'false'});`,
    );
    this.#lines.push(`w = into.room(o, length + of_${name}.length);`, `o = put(of_${name}, w, o);`);
  }

  #join(field: PrintedField, address: string, renamed: Renamed | undefined): void {
    if (renamed !== undefined) throw new NotPrinted('something joined to a reference');
    const column = this.#column(address);
    this.#orNull(code.isThere(column), () => {
      const joined = this.#give('join', field);
      const uuid = `b.toString('latin1', e${column.id} - ${DIGITS + 2}, e${column.id} - 2)`;
      this.#lines.push(code.unless(`facts !== undefined && ${code.isAddress(column)}`));
      this.#flush();
      this.#lines.push(
        `const of_${joined} = facts.joined(${joined}, ${uuid});`,
        code.unless(`of_${joined} !== undefined`),
        `w = into.room(o, length + of_${joined}.length);`,
        `o = put(of_${joined}, w, o);`,
      );
    });
  }

  #rows(field: PrintedField, name: string, renamed: Renamed | undefined): void {
    if (renamed !== undefined) throw new NotPrinted('a list within a reference');
    const column = this.#column(name);
    // One that is selected twice would need two printers.
    if (column.rows !== undefined) throw new NotPrinted('the same list twice');
    // Their rows are not looked through before they are printed.
    if (joinsIn(below(field)).length > 0) throw new NotPrinted('something joined to a list within a row');
    column.required = true;
    column.rows = this.#rowPrinter(below(field));
    const uuid = this.#column('uuid');
    uuid.required = true;
    this.#tellsAbove ||= below(field).some(needsAbove);
    this.#lines.push(code.unless(code.isUuid(uuid)));
    this.#flush();
    this.#lines.push(`o = copy(beside${column.id}.view, s${column.id}, e${column.id}, w, o);`);
  }

  #orNull(condition: string, print: () => void): void {
    this.#flush();
    this.#lines.push(`if (${condition}) {`);
    this.#conditions++;
    print();
    this.#conditions--;
    this.#flush();
    this.#lines.push('} else {');
    this.#pending = 'null';
    this.#flush();
    this.#lines.push('}');
  }

  /** Writes what is the same for all rows. */
  #flush(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    this.#constant += bytes.length;
    if (bytes.length > 0) this.#lines.push(...code.writingBytes(bytes));
  }

  #require(column: Wanted): void {
    column.required ||= this.#conditions === 0;
  }

  #column(name: string): Wanted {
    return this.#wanted.of(name);
  }

  #give(what: string, value: unknown): string {
    const name = `${what}_${this.#given.size}`;
    this.#given.set(name, value);
    return name;
  }
}

function nameIn(renamed: Renamed | undefined, name: string): string {
  if (renamed === undefined) return name;
  const column = Object.hasOwn(renamed.columns, name) ? renamed.columns[name] : undefined;
  if (column === undefined) throw new NotPrinted(`${name} is not known here`);
  return column;
}

function below({ fields }: PrintedField): readonly PrintedField[] {
  if (fields === undefined) throw new NotPrinted('an object without fields');
  return fields;
}

/** Fields of resources that have to be read before. */
export const joinsIn = (fields: readonly PrintedField[]): readonly PrintedField[] =>
  fields.flatMap((field) => (field.source.kind === 'join' ? [field] : joinsIn(field.fields ?? [])));

function needsAbove({ source, fields }: PrintedField): boolean {
  return (source.kind === 'id' && source.below) || (fields?.some(needsAbove) ?? false);
}
