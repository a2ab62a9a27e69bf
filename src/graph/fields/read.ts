import { parseState, type State } from '../../domain/states.ts';
import { GatewayError } from '../../errors.ts';
import { isHex, parseUuid as parseAddressUuid } from '../../waldur/uuid.ts';
import { parseUuid } from '../scalars.ts';

/**
 * Readers of single REST columns. Waldur's rows are checked here and nowhere else: a wrong type in one column is an error at that
 * field's path, and the rest of the response is served.
 */
export type Reader<Value> = (row: object, column: string) => Value;

type Columns = Readonly<Record<string, unknown>>;

/** The value is never quoted: it could contain anything. */
export const malformed = (column: string): GatewayError =>
  new GatewayError('UPSTREAM_ERROR', `Waldur sent an invalid value for ${column}.`);

/** A string that Waldur always sends, `""` when empty. */
export function string(row: object, column: string): string {
  const value = (row as Columns)[column];
  if (typeof value !== 'string') throw malformed(column);
  return value;
}

/** A string; null where Waldur omits it or sends null. */
export function optionalString(row: object, column: string): string | null {
  return isAbsent(row, column) ? null : string(row, column);
}

/** An integer within the range of GraphQL's Int. */
export function int(row: object, column: string): number {
  const value = (row as Columns)[column];
  if (!isInt(value)) throw malformed(column);
  return value;
}

/** A number, whole or not. */
export function number(row: object, column: string): number {
  const value = (row as Columns)[column];
  if (typeof value !== 'number') throw malformed(column);
  return value;
}

export function boolean(row: object, column: string): boolean {
  const value = (row as Columns)[column];
  if (typeof value !== 'boolean') throw malformed(column);
  return value;
}

export function optionalBoolean(row: object, column: string): boolean | null {
  return isAbsent(row, column) ? null : boolean(row, column);
}

/** A uuid in any spelling, as 32 lower-case hexadecimal digits. */
export function uuid(row: object, column: string): string {
  const found = parseUuid((row as Columns)[column]);
  if (found === undefined) throw malformed(column);
  return found;
}

export function optionalUuid(row: object, column: string): string | null {
  return isAbsent(row, column) ? null : uuid(row, column);
}

/** A state in either spelling (contract 1.1). A label that no known version uses is an error of this field alone. */
export function state(row: object, column: string): State {
  const value = (row as Columns)[column];
  const known = typeof value === 'string' ? parseState(value) : undefined;
  if (known === undefined) throw malformed(column);
  return known;
}

/** A list of objects. Their columns are checked where they are read; an item of any other kind makes the list unusable. */
export function objects(row: object, column: string): object[] {
  const value = (row as Columns)[column];
  if (!Array.isArray(value) || !value.every(isObject)) throw malformed(column);
  return value;
}

/** A list of objects; null where Waldur omits it or sends null. */
export function optionalObjects(row: object, column: string): object[] | null {
  return isAbsent(row, column) ? null : objects(row, column);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any JSON value; null where absent. */
export const json = (row: object, column: string): unknown => (row as Columns)[column] ?? null;

/** `metadata: ""` means that it was never set (contract 4.2). */
export function metadata(row: object, column: string): unknown {
  const value = json(row, column);
  return value === '' ? null : value;
}

const isAbsent = (row: object, column: string): boolean => ((row as Columns)[column] ?? null) === null;

const isString = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
// Bit operations work on 32 bits, which is the range of Int.
const isInt = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value;
const isUuid = (value: unknown): boolean => typeof value === 'string' && isHex(value);
const orNull =
  (is: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === null || is(value);

/**
 * For each reader, a test for the values that it returns unchanged. The row projection calls the reader only for other values.
 */
export const UNCHANGED: ReadonlyMap<unknown, (value: unknown) => boolean> = new Map<
  unknown,
  (value: unknown) => boolean
>([
  [string, isString],
  [optionalString, orNull(isString)],
  [int, isInt],
  [number, isNumber],
  [boolean, isBoolean],
  [optionalBoolean, orNull(isBoolean)],
  [uuid, isUuid],
  [optionalUuid, orNull(isUuid)],
  [state, (value) => typeof value === 'string' && parseState(value) === value],
]);

/**
 * The uuid at the end of a REST address. The gateway never calls the address itself: it may name a foreign host.
 * @returns null for a null or absent relation.
 */
export function uuidInUrl(row: object, column: string): string | null {
  const address = optionalString(row, column);
  if (address === null) return null;
  const end = address.endsWith('/') ? address.length - 1 : address.length;
  const slash = address.lastIndexOf('/', end - 1);
  const found = slash === -1 ? undefined : parseAddressUuid(address.slice(slash + 1, end));
  if (found === undefined) throw malformed(column);
  return found;
}

/** As `uuidInUrl`, for a relation that must not be absent. */
export function requiredUuidInUrl(row: object, column: string): string {
  const found = uuidInUrl(row, column);
  if (found === null) throw malformed(column);
  return found;
}
