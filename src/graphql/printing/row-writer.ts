import * as code from './code.ts';
import { DIGITS, stateNames, UUID_LENGTH } from './columns.ts';
import { Cut } from './cut.ts';
import { groupsIn } from './groups.ts';
import { IdPrinter, LONGEST_ID } from './id.ts';
import type { Layout } from './layout.ts';
import { Made } from './made.ts';
import { below, nameIn, type Renamed } from './names.ts';
import { literal } from './output.ts';
import { GIVEN, type PrintRow, rowFunction } from './row-function.ts';
import type { RowPrinter } from './row-printer.ts';
import { type ColumnKind, NotPrinted, type PrintedField } from './source.ts';
import { type Wanted, WantedColumns } from './wanted.ts';
import { Writing } from './writing.ts';

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
  readonly #layout: Layout;
  readonly #rowPrinter: (fields: readonly PrintedField[]) => RowPrinter;
  readonly #wanted = new WantedColumns();
  readonly #code = new Writing(GIVEN);
  readonly #cuts: Cut[] = [];
  #tellsAbove = false;

  /**
   * @param rowPrinter makes what prints objects within a column.
   * @throws NotPrinted for a selection that cannot be printed.
   */
  constructor(
    fields: readonly PrintedField[],
    layout: Layout,
    rowPrinter: (fields: readonly PrintedField[]) => RowPrinter,
  ) {
    this.#layout = layout;
    this.#rowPrinter = rowPrinter;
    this.#object(fields, undefined);
    this.#code.writes([]);
  }

  /** To be called once. @throws NotPrinted for a layout that it cannot be printed from. */
  write(): { readonly print: PrintRow; readonly cuts: readonly Cut[] } {
    const print = rowFunction(this.#layout, this.#wanted, this.#code, this.#tellsAbove);
    return { print, cuts: this.#cuts };
  }

  #object(fields: readonly PrintedField[], renamed: Renamed | undefined): void {
    let before = '{';
    for (const group of groupsIn(fields, renamed, this.#layout)) {
      this.#code.again(group.runs, () => {
        for (const field of group.fields) {
          this.#code.text(`${before}${JSON.stringify(field.key)}:`);
          this.#field(field, renamed);
          before = ',';
        }
      });
    }
    this.#code.text('}');
  }

  #field(field: PrintedField, renamed: Renamed | undefined): void {
    const { source } = field;
    switch (source.kind) {
      case 'constant':
        this.#code.text(JSON.stringify(source.value));
        break;
      case 'column':
        if (renamed !== undefined && source.column === 'uuid') this.#digitsOf(this.#wanted.of(renamed.address));
        else this.#leaf(field, source.holds, this.#column(source.column, renamed));
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
          const conditions = source.unlessNull.map((name) => code.isThere(this.#column(name, renamed)));
          this.#code.orNull(conditions.join(' || '), () => this.#object(below(field), renamed));
        }
        break;
      case 'reference': {
        if (renamed !== undefined) throw new NotPrinted('a reference of a reference');
        const column = this.#wanted.of(source.address);
        this.#code.orNull(code.isThere(column), () => {
          this.#code.checks(code.unless(code.isAddress(column)));
          this.#object(below(field), source);
        });
        break;
      }
      case 'join':
        this.#join(field, source.address, source.needs, renamed);
        break;
      case 'rows':
        this.#rows(field, source.column, renamed);
        break;
    }
  }

  #leaf({ names }: PrintedField, holds: ColumnKind, column: Wanted): void {
    const { id } = column;
    if (holds === 'state') {
      this.#require(column);
      this.#named(column, names);
      return;
    }
    const [is, optional] = COPIED[holds];
    column.copies++;
    if (!optional) this.#require(column);
    column.isText ||= holds === 'text' || holds === 'optional text';
    const isUuid = holds === 'uuid' || holds === 'optional uuid';
    const copying = isUuid ? code.copying(`s${id}`, UUID_LENGTH) : code.copyingLike(column, this.#usualLength(column));
    const print = (): void => {
      this.#code.checks(code.unless(is(column)));
      this.#code.writes(copying);
    };
    if (optional) this.#code.orNull(code.isThere(column), print);
    else print();
  }

  #named({ id }: Wanted, names: ReadonlyMap<unknown, string> | undefined): void {
    const nameOf = names && stateNames(names);
    if (names === undefined || nameOf === undefined) throw new NotPrinted('an enum of something else');
    const longest = Math.max(...[...names.values()].map((name) => name.length));
    const name = this.#code.give('name', nameOf);
    this.#code.checks(`const of_${name} = ${name}(v, s${id}, e${id});`, code.unless(`of_${name} !== undefined`));
    this.#code.writes([`o = put(of_${name}, w, o);`], longest + 2);
  }

  /** The uuid of an address that has been looked at. */
  #digitsOf({ id }: Wanted): void {
    this.#code.text('"');
    this.#code.writes(code.copying(`e${id} - ${UUID_LENGTH}`, DIGITS), DIGITS);
    this.#code.text('"');
  }

  #id(type: string, name: string, isBelow: boolean, renamed: Renamed | undefined): void {
    const ids = this.#code.give('ids', new IdPrinter(type));
    let first: string;
    if (renamed !== undefined && name === 'uuid') {
      first = `e${this.#wanted.of(renamed.address).id} - ${UUID_LENGTH}`;
    } else {
      const column = this.#column(name, renamed);
      this.#require(column);
      this.#code.checks(code.unless(code.isUuid(column)));
      first = `s${column.id} + 1`;
    }
    if (isBelow) this.#code.checks(code.unless('above >= 0'));
    this.#code.writes([`o = ${ids}.print(v, ${isBelow ? `above, ${first}` : `${first}, -1`}, w, o);`], LONGEST_ID);
  }

  #cursor(): void {
    const cursor = this.#code.give('cursor', literal);
    this.#code.checks(code.unless('facts !== undefined'));
    this.#makes(cursor, `${cursor}(JSON.stringify(facts.cursorOf(index)))`);
  }

  #making({ make }: PrintedField, needs: readonly string[], forCaller: boolean, renamed: Renamed | undefined): void {
    // It would have to be cut out of the address.
    if (renamed !== undefined && needs.includes('uuid')) throw new NotPrinted('something made of a uuid in an address');
    const [cut, places] = this.#cut(needs, renamed);
    const name = this.#code.give('made', new Made(cut, make));
    if (forCaller) this.#code.checks(code.unless('facts !== undefined'));
    this.#makes(name, `${name}.print(b, v, ${places}, ${forCaller ? 'facts.isStaff' : 'false'})`);
  }

  /** @returns what cuts columns out of a row, and code of where they begin and end. */
  #cut(needs: readonly string[], renamed: Renamed | undefined): [cut: Cut, places: string] {
    const cut = new Cut(needs);
    this.#cuts.push(cut);
    const ids = needs.map((need) => this.#column(need, renamed).id);
    const [from, to] = ['s', 'e'].map((letter) => ids.map((id) => `${letter}${id}`).join(', '));
    return [cut, `[${from}], [${to}]`];
  }

  #join(field: PrintedField, address: string, needs: readonly string[], renamed: Renamed | undefined): void {
    if (renamed !== undefined) throw new NotPrinted('something joined to a reference');
    const column = this.#wanted.of(address);
    const end = `e${column.id}`;
    this.#code.orNull(code.isThere(column), () => {
      const joined = this.#code.give('join', field);
      const [cut, places] = this.#cut(needs, undefined);
      const row = `${this.#code.give('cut', cut)}.of(b, v, ${places})`;
      this.#code.checks(code.unless(`facts !== undefined && ${code.isAddress(column)}`));
      this.#code.writes([
        `if (!facts.gaps.add(${joined}, o, v, ${end})) facts.gaps.refer(${joined}, o, b, v, ${end}, ${row});`,
      ]);
    });
  }

  /** Writes a literal that an expression gives. */
  #makes(name: string, expression: string): void {
    this.#code.checks(`const of_${name} = ${expression};`, code.unless(`of_${name} !== undefined`));
    this.#code.writes([`w = into.room(o, length + of_${name}.length);`, `o = put(of_${name}, w, o);`]);
  }

  #rows(field: PrintedField, name: string, renamed: Renamed | undefined): void {
    if (renamed !== undefined) throw new NotPrinted('a list within a reference');
    const column = this.#wanted.of(name);
    // One that is selected twice would need two printers.
    if (column.rows !== undefined) throw new NotPrinted('the same list twice');
    // Their rows are not looked through before they are printed.
    if (joinsIn(below(field)).length > 0) throw new NotPrinted('something joined to a list within a row');
    column.required = true;
    column.rows = this.#rowPrinter(below(field));
    const uuid = this.#wanted.of('uuid');
    uuid.required = true;
    this.#tellsAbove ||= below(field).some(needsAbove);
    this.#code.checks(code.unless(code.isUuid(uuid)));
    this.#code.writes([`o = copy(beside${column.id}.view, s${column.id}, e${column.id}, w, o);`]);
  }

  #usualLength(column: Wanted): number {
    for (const { keys } of this.#layout.runs) {
      const key = keys.find(({ name }) => this.#wanted.find(name) === column);
      if (key !== undefined) return key.valueLength;
    }
    return 0;
  }

  #require(column: Wanted): void {
    column.required ||= this.#code.isForAll;
  }

  #column(name: string, renamed: Renamed | undefined): Wanted {
    return this.#wanted.of(nameIn(renamed, name));
  }
}

const joinsIn = (fields: readonly PrintedField[]): readonly PrintedField[] =>
  fields.flatMap((field) => (field.source.kind === 'join' ? [field] : joinsIn(field.fields ?? [])));

function needsAbove({ source, fields }: PrintedField): boolean {
  return (source.kind === 'id' && source.below) || (fields?.some(needsAbove) ?? false);
}
