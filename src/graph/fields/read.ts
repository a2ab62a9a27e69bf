import { parseState, type State } from '../../domain/states.ts';
import { GatewayError } from '../../errors.ts';
import { isHex } from '../../waldur/uuid.ts';
import { parseUuid } from '../scalars.ts';

/**
 * Readers of single REST columns. Waldur's rows are checked where they are read and nowhere else: a wrong type in one column is
 * an error at that field's path, and the rest of the answer is served.
 */
type Columns = Readonly<Record<string, unknown>>;

/** The text of the value is never quoted: it could be anything. */
const malformed = (column: string): GatewayError =>
  new GatewayError('UPSTREAM_ERROR', `Waldur sent no usable value for ${column}.`);

/** A text that Waldur always sends, `""` when empty. */
export function text(row: object, column: string): string {
  const value = (row as Columns)[column];
  if (typeof value !== 'string') throw malformed(column);
  return value;
}

/** A text, or null where Waldur leaves it out or sends null. */
export function optionalText(row: object, column: string): string | null {
  return ((row as Columns)[column] ?? null) === null ? null : text(row, column);
}

/** A whole number within GraphQL's Int. */
export function int(row: object, column: string): number {
  const value = (row as Columns)[column];
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 0x7fff_ffff) throw malformed(column);
  return value;
}

export function boolean(row: object, column: string): boolean {
  const value = (row as Columns)[column];
  if (typeof value !== 'boolean') throw malformed(column);
  return value;
}

export function optionalBoolean(row: object, column: string): boolean | null {
  return ((row as Columns)[column] ?? null) === null ? null : boolean(row, column);
}

/** A uuid as hex, whatever spelling came. */
export function uuid(row: object, column: string): string {
  const value = (row as Columns)[column];
  if (isUuid(value)) return value;
  const found = parseUuid(value);
  if (found === undefined) throw malformed(column);
  return found;
}

export function optionalUuid(row: object, column: string): string | null {
  return ((row as Columns)[column] ?? null) === null ? null : uuid(row, column);
}

/** Either spelling of a state (contract 1.1). A label that no known version uses is an error of this field alone. */
export function state(row: object, column: string): State {
  const value = (row as Columns)[column];
  const known = typeof value === 'string' ? parseState(value) : undefined;
  if (known === undefined) throw malformed(column);
  return known;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
// Bit operations work on 32 bits, which is the range of Int.
const isInt = (value: unknown): boolean => typeof value === 'number' && (value | 0) === value;

let lately: string | undefined;

/** Several fields of an object are made of its uuid, one after the other; it is looked at once. */
function isUuid(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (value === lately) return true;
  if (!isHex(value)) return false;
  lately = value;
  return true;
}

const NOTHING = Symbol('nothing');

/** As `is`, which need not look again at what it saw last: rows of a list are of the same project, customer and offering. */
function unlessSeen(is: (value: unknown) => boolean): (value: unknown) => boolean {
  // Not undefined, which a column that is missing has.
  let seen: unknown = NOTHING;
  return (value) => {
    if (value === seen) return true;
    if (!is(value)) return false;
    seen = value;
    return true;
  };
}

/**
 * By reader, what tells that a value is one which the reader gives back as it is: what a column is for, as Waldur writes it. Lists
 * are read in this way, and by the reader only where this says false. Made for each column.
 */
export const PLAIN: ReadonlyMap<unknown, () => (value: unknown) => boolean> = new Map<
  unknown,
  () => (value: unknown) => boolean
>([
  [text, () => isText],
  [optionalText, () => (value: unknown) => value === null || isText(value)],
  [int, () => isInt],
  [boolean, () => isBoolean],
  [optionalBoolean, () => (value: unknown) => value === null || isBoolean(value)],
  [uuid, () => unlessSeen(isUuid)],
  [optionalUuid, () => unlessSeen((value) => value === null || isUuid(value))],
  [state, () => (value: unknown) => typeof value === 'string' && parseState(value) === value],
]);

/** Any JSON; null where absent. */
export const json = (row: object, column: string): unknown => (row as Columns)[column] ?? null;

/** `metadata: ""` means never set (contract 4.2). */
export function metadata(row: object): unknown {
  const value = json(row, 'metadata');
  return value === '' ? null : value;
}

const LAST_UUID = /\/([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i;

/**
 * The uuid at the end of a REST address. The address itself is never called: it may name a host that is not Waldur's.
 * @returns null for a null or absent relation.
 */
export function uuidInUrl(row: object, column: string): string | null {
  const address = optionalText(row, column);
  if (address === null) return null;
  // As Waldur writes it: 32 digits and a slash at the end.
  if (address.at(-1) === '/' && address.at(-34) === '/') {
    const last = parseUuid(address.slice(-33, -1));
    if (last !== undefined) return last;
  }
  const found = parseUuid(LAST_UUID.exec(address)?.[1]);
  if (found === undefined) throw malformed(column);
  return found;
}
