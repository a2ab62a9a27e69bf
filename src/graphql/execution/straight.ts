import { defaultFieldResolver, type FieldNode, type FragmentDefinitionNode } from 'graphql';
import type { Serialize } from './leaves.ts';
import type { PlanField, Selection } from './plan.ts';
import { abandon, isPromise } from './promises.ts';
import { type Column, type WrittenField, writtenOut } from './written.ts';

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/**
 * The straight way through rows that are there already: nothing to wait for and nothing wrong, as nearly all of them are. It makes no
 * paths and looks out for no errors. Whatever is out of the ordinary is thrown, and the object is then completed in the usual way,
 * which knows what to make of it: resolvers of their source alone may be asked twice.
 */

/** Resolves one field of an object into what stands in the answer. @throws whatever is not straight. */
export type Straight = (source: unknown) => unknown;

/** Turns what a resolver gave into what stands in the answer. @throws whatever is not straight. */
export type Convert = (value: unknown) => unknown;

/** Thrown for a value that may be right but is not straight. */
const DETOUR = new Error('This value has to be completed in the usual way.');
/** Thrown where a field has to be waited for: it will have to be for the other rows as well. */
export const WAITING = new Error('This field has to be waited for.');

/** What a resolver gives when it is given nothing but its source. */
export type FromSource = (source: unknown) => unknown;

/** What a field may say of itself in its extensions. */
export interface FieldExtensions {
  /**
   * Tells from what is selected under the field whether it needs nothing but its source.
   * @returns how it resolves then; undefined when it needs more.
   */
  readonly fromSource?: (nodes: readonly FieldNode[], fragments: Fragments) => FromSource | undefined;
  readonly column?: Column;
}

/** A resolver that declares nothing but its source is given nothing else: most fields are a column of a row. */
export const fromSourceAlone = ({ resolve, args }: PlanField): FromSource | undefined =>
  resolve.length === 1 && args !== undefined ? (resolve as FromSource) : undefined;

/** @returns undefined for a field that needs more than its source. */
export function straightField(
  field: PlanField,
  fragments: Fragments,
  convert: Convert | undefined,
): Straight | undefined {
  const { resolve, name, nodes, extensions } = field;
  const read =
    fromSourceAlone(field) ??
    (resolve === defaultFieldResolver ? propertyOf(name) : extensions.fromSource?.(nodes, fragments));
  if (read === undefined || convert === undefined) return undefined;
  return (source) => convert(read(source));
}

const propertyOf =
  (name: string): FromSource =>
  (source) => {
    if (typeof source !== 'object' || source === null) throw DETOUR;
    const value: unknown = Reflect.get(source, name);
    // A method is given more than that, and is free to do what it wants.
    if (typeof value === 'function') throw WAITING;
    return value;
  };

export function straightLeaf(serialize: Serialize, nullable: boolean): Convert {
  return (value) => {
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!isPlain && !isThere(value)) return nothing(nullable);
    const serialized = serialize(value);
    // A scalar might give a promise.
    if (typeof serialized === 'object') isThere(serialized);
    return serialized;
  };
}

export function straightList(item: Convert, nullable: boolean): Convert {
  return (value) => {
    if (!isThere(value)) return nothing(nullable);
    if (!Array.isArray(value)) throw DETOUR;
    const items: unknown[] = [];
    for (let i = 0; i < value.length; i++) items.push(item(value[i]));
    return items;
  };
}

/** @returns undefined when a field of the selection has no straight way. */
export function straightObject({ fields }: Selection, nullable: boolean): Convert | undefined {
  const written = new Map<string, WrittenField>();
  for (const field of fields) {
    if (field.written === undefined) return undefined;
    written.set(field.key, field.written);
  }
  let read: Straight | undefined;
  return (value) => {
    if (!isThere(value)) return nothing(nullable);
    // Not before there is one: much of what a document selects never comes.
    read ??= writtenOut(written);
    return read(value);
  };
}

function isThere(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (value instanceof Error) throw DETOUR;
  if (isPromise(value)) {
    abandon([value]);
    throw WAITING;
  }
  return true;
}

function nothing(nullable: boolean): null {
  if (nullable) return null;
  throw DETOUR;
}
