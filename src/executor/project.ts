import { defaultFieldResolver } from 'graphql';
import {
  abandon,
  type FieldReader,
  isPromise,
  type PlanField,
  type Projected,
  type Read,
  type ResultObject,
  type SelectedField,
  type Selecting,
  type Selection,
  type Shape,
} from './types.ts';

/**
 * Row projection: one generated function makes the result object of a row, with nested objects and lists, from the fields that need
 * nothing but the row. It creates no promise, path or error for a field. It throws for any unusual value. The row is then executed field by
 * field, which makes the exact error, so readers may be called twice for a row.
 */
export interface Projection {
  /** Makes the object. Fields in `rest` are keys with the value undefined. @throws MustWait; anything else for an unusual row. */
  readonly make: (source: unknown, context: unknown) => ResultObject;
  /** Fields that need their resolvers. */
  readonly rest: Selection;
}

/** Thrown for a value that may be valid but has to be completed field by field. */
const BAILOUT = new Error('This value must be completed field by field.');

/** Thrown when a field returns a promise or a method. The next projection leaves the field to its resolver. */
export class MustWait extends Error {
  readonly field: Extract<Projected, { kind: 'read' }>;

  constructor(field: Extract<Projected, { kind: 'read' }>) {
    super('This field must be executed by its resolver.');
    this.field = field;
  }
}

/** Reads a property of the source, as the default resolver of graphql-js does. */
const propertyOf =
  (name: string): Read =>
  (source) => {
    if (typeof source !== 'object' || source === null) throw BAILOUT;
    return Reflect.get(source, name);
  };

/** @returns how a field is read without its resolver; undefined when it needs more than its source. */
export function readerOf(field: PlanField, { fragments, includes }: Selecting): Read | undefined {
  const { resolve, args, name, nodes, reader } = field;
  const declared = reader?.fromSource?.(nodes, { fragments, includes });
  if (declared !== undefined) return declared;
  // A resolver that declares only its source depends on nothing else.
  if (resolve.length === 1 && args !== undefined) return (source) => (resolve as (source: unknown) => unknown)(source);
  return resolve === defaultFieldResolver ? propertyOf(name) : undefined;
}

/** @returns undefined when no field of the selection can be projected. */
export function projectionOf(selection: Selection): Projection | undefined {
  const rest = selection.filter((field) => !isPure(field));
  if (rest.length === selection.length) return undefined;
  return { make: new Writer().function(selection), rest };
}

function isPure({ projected }: SelectedField): boolean {
  if (projected === undefined) return false;
  return projected.kind === 'constant' || (!projected.mustWait && isPureShape(projected.shape));
}

function isPureShape(shape: Shape): boolean {
  if (shape.kind === 'leaf') return true;
  return shape.kind === 'list' ? isPureShape(shape.item) : shape.selection.every(isPure);
}

type Field = Extract<Projected, { kind: 'read' }>;

/**
 * Generates the source of the function. V8 can optimise it for the rows of its selection: it reads properties by name and returns an object
 * literal. A loop over closures would see the rows of all selections.
 *
 * The source contains only keys and column names, quoted as JSON. Everything else is passed in by reference.
 */
class Writer {
  readonly #given = new Map<string, unknown>();
  /** Declarations of the functions that make list items. */
  readonly #functions: string[] = [];
  #variables: string[] = [];
  #count = 0;

  function(selection: Selection): Projection['make'] {
    const [body, variables] = this.#scope(() => this.#object(selection, 'row', false));
    const main = `return (row, context) => { ${declare(variables)} return ${body}; };`;
    const source = ["'use strict';", ...this.#functions, main].join('\n');
    return new Function(...this.#given.keys(), source)(...this.#given.values()) as Projection['make'];
  }

  /** An object literal. @param row the variable that holds the source. */
  #object(selection: Selection, row: string, isNested: boolean): string {
    const entries = selection.map((field) => {
      // A literal key `__proto__` would set the prototype.
      const name = field.key === '__proto__' ? "['__proto__']" : JSON.stringify(field.key);
      const { projected } = field;
      if (projected === undefined || !(isNested || isPure(field))) return `${name}: undefined`;
      if (projected.kind === 'constant') return `${name}: ${JSON.stringify(projected.value)}`;
      return `${name}: ${this.#field(projected, row)}`;
    });
    return `{ ${entries.join(', ')} }`;
  }

  #field(field: Field, row: string): string {
    const { read, column, shape } = field;
    if (shape.kind === 'leaf') {
      const usual = `${this.#give('leaf', leafReader(field))}(${row}, context)`;
      if (column === undefined || !(shape.plain || shape.names)) return usual;
      const value = this.#variable();
      const isPlain = `${this.#give('isPlain', column.isPlain)}(${value} = ${row}[${JSON.stringify(column.name)}])`;
      if (shape.plain) return `${isPlain} ? ${value} : ${usual}`;
      return `${isPlain} ? ${this.#give('names', shape.names)}.get(${value}) ?? ${usual} : ${usual}`;
    }
    const value = this.#variable();
    const found = `(${value} = ${this.#give('read', read)}(${row}, context))`;
    // An object whose fields are columns of the same row needs no check.
    const known = shape.kind === 'object' ? `${value} === ${row} || ` : '';
    return `${found} == null ? ${this.#nothing(shape)} : (${known}${this.#check(field)}(${value}), ${this.#nonNull(field, shape, value)})`;
  }

  /** A list or an object that is not null. */
  #nonNull(field: Field, shape: Exclude<Shape, { kind: 'leaf' }>, value: string): string {
    if (shape.kind === 'object') return this.#object(shape.selection, value, true);
    return `${this.#give('list', listOf)}(${value}, ${this.#item(field, shape.item)}, context)`;
  }

  /** @returns the name of a function that makes an item of a list. */
  #item(field: Field, shape: Shape): string {
    if (shape.kind === 'leaf') return this.#give('leaf', leafOf(field, shape));
    const name = `item${this.#count++}`;
    const [body, variables] = this.#scope(() => this.#nonNull(field, shape, 'item'));
    const check = this.#check(field);
    this.#functions.push(
      `const ${name} = (item, context) => { ${declare(variables)} return item == null ? ${this.#nothing(shape)} : (${check}(item), ${body}); };`,
    );
    return name;
  }

  #nothing({ nullable }: Shape): string {
    return nullable ? 'null' : `${this.#give('refuse', refuse)}()`;
  }

  #check(field: Field): string {
    return this.#give('check', (value: unknown) => checkPlain(value, field));
  }

  #scope(write: () => string): [body: string, variables: readonly string[]] {
    const outer = this.#variables;
    this.#variables = [];
    const body = write();
    const variables = this.#variables;
    this.#variables = outer;
    return [body, variables];
  }

  #variable(): string {
    const name = `value${this.#count++}`;
    this.#variables.push(name);
    return name;
  }

  #give(what: string, value: unknown): string {
    const name = `${what}${this.#count++}`;
    this.#given.set(name, value);
    return name;
  }
}

const declare = (variables: readonly string[]): string =>
  variables.length === 0 ? '' : `let ${variables.join(', ')};`;

function listOf(value: unknown, item: (value: unknown, context: unknown) => unknown, context: unknown): unknown[] {
  if (!Array.isArray(value)) throw BAILOUT;
  const items: unknown[] = [];
  for (let i = 0; i < value.length; i++) items.push(item(value[i], context));
  return items;
}

function leafReader(field: Field): Read {
  const { read, shape } = field;
  if (shape.kind !== 'leaf') throw new TypeError('This field is not a leaf.');
  const complete = leafOf(field, shape);
  return (source, context) => complete(read(source, context));
}

function leafOf(field: Field, { serialize, nullable }: Extract<Shape, { kind: 'leaf' }>): (value: unknown) => unknown {
  return (value) => {
    if (value === null || value === undefined) return nullable ? null : refuse();
    if (typeof value === 'object' || typeof value === 'function') checkPlain(value, field);
    const serialized = serialize(value);
    // A scalar may return a promise.
    if (typeof serialized === 'object') checkPlain(serialized, field);
    return serialized;
  };
}

function refuse(): never {
  throw BAILOUT;
}

/** @throws for an Error, a promise, and a method, which needs more than the source. */
function checkPlain(value: unknown, field: Field): void {
  if (value instanceof Error) throw BAILOUT;
  if (typeof value === 'function') throw new MustWait(field);
  if (!isPromise(value)) return;
  abandon([value]);
  throw new MustWait(field);
}

/** @returns the reader that a field declares in its extensions, if any. */
export const declaredReader = (extensions: Readonly<Record<string, unknown>>): FieldReader | undefined =>
  extensions.read as FieldReader | undefined;
