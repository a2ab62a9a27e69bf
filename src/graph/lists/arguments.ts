import { hash } from 'node:crypto';
import { badInput } from '../../errors.ts';
import type { Filter, Order, Window } from '../../loading/list-request.ts';
import { type FilterTable, type FilterValues, writeFilter } from '../../waldur/filters.ts';

/** Readers of the arguments of lists. Each of them throws BAD_USER_INPUT with the name of the argument, before any call to Waldur. */

/** Maximum number of rows in one page. */
export const MAX_PAGE_SIZE = 1000;
const DEFAULT_PAGE_SIZE = 20;
const MAX_OFFSET = 1_000_000_000;

/** Maximum number of objects in one list argument. */
export const MAX_BATCH = 100;

/** Proxies in front of Waldur refuse request lines above 4,094 bytes. The rest of the line needs some of them. */
const MAX_FILTER_BYTES = 2_500;

const NO_FILTER: Filter = {};

/** @throws GatewayError BAD_USER_INPUT when a list argument names too many objects. */
export function checkBatch(argument: string, items: readonly unknown[]): void {
  if (items.length > MAX_BATCH) {
    throw badInput(
      argument,
      `${argument} may name at most ${MAX_BATCH} objects, not ${items.length}. Use several requests.`,
    );
  }
}

/**
 * Reads a filter. Values that are no condition are removed: null, an empty list, `canManage: false`, and the empty string, which
 * Waldur ignores.
 * @param table the REST filters of the resource.
 * @throws GatewayError BAD_USER_INPUT for a wrong condition.
 */
export function readFilter(table: FilterTable, given: FilterValues | null | undefined): Filter {
  if (given === null || given === undefined) return NO_FILTER;
  const filter: Record<string, string | true | readonly string[]> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === '' || value === false) continue;
    if (!Array.isArray(value)) filter[name] = value === true || String(value);
    else if (value.length > 0) filter[name] = [...new Set(value.map(String))].sort();
  }
  // Written only to check it: a wrong value must be refused whatever is selected under the list.
  const written = writeFilter(table, filter, false);
  if (written.length > MAX_FILTER_BYTES) {
    throw badInput(
      'filter',
      `The conditions of filter are too long: ${written.length} bytes, the maximum is ${MAX_FILTER_BYTES}.`,
    );
  }
  return filter;
}

const CREATED = { field: 'CREATED', direction: 'ASC' } as const;
const BY_NAME: Order = [{ field: 'NAME', direction: 'ASC' }, CREATED];

/**
 * Reads `orderBy`. The default is by name, as in Waldur. `created` is always added as the last key, because it is the nearest to
 * unique that REST can sort by: without it, rows with equal names may swap between pages (contract 3.4).
 * @throws GatewayError BAD_USER_INPUT when a field occurs twice.
 */
export function readOrder(
  given: readonly { readonly field: string; readonly direction?: 'ASC' | 'DESC' }[] | null | undefined,
): Order {
  if (given === null || given === undefined || given.length === 0) return BY_NAME;
  const order = given.map(({ field, direction = 'ASC' }) => ({ field, direction }));
  const fields = order.map(({ field }) => field);
  const duplicate = fields.find((field, i) => fields.indexOf(field) !== i);
  if (duplicate !== undefined) throw badInput('orderBy', `orderBy names ${duplicate} twice. Name each field once.`);
  if (!order.some(({ field }) => field === 'CREATED')) order.push(CREATED);
  return order;
}

export interface WindowArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
  readonly offset?: number | null;
}

/**
 * Reads the paging arguments of a connection.
 * @param fingerprint of the list, as `listFingerprint` returns it. Cursors of other lists are refused.
 * @throws GatewayError BAD_USER_INPUT for a wrong argument.
 */
export function readWindow(args: WindowArguments, fingerprint: () => string): Window {
  const { first, last, offset } = args;
  const after = args.after ?? undefined;
  const before = args.before ?? undefined;
  checkSize('first', first);
  checkSize('last', last);
  if (isGiven(first) && isGiven(last)) throw badInput('last', 'first and last cannot be combined.');
  if (isGiven(offset)) {
    if (offset < 0 || offset > MAX_OFFSET)
      throw badInput('offset', `offset must be from 0 to ${MAX_OFFSET}, not ${offset}.`);
    if (after !== undefined || before !== undefined)
      throw badInput('offset', 'offset cannot be combined with after or before.');
  }
  const start = after === undefined ? (offset ?? 0) : position('after', after, fingerprint) + 1;
  const end = before === undefined ? undefined : position('before', before, fingerprint);
  if (isGiven(last)) {
    if (end === undefined) return { kind: 'tail', start, count: last };
    const from = Math.max(start, end - last);
    return { kind: 'head', start: from, count: Math.max(0, end - from) };
  }
  const size = first ?? DEFAULT_PAGE_SIZE;
  const count = end === undefined ? size : Math.max(0, Math.min(size, end - start));
  return { kind: 'head', start, count };
}

const isGiven = (value: number | null | undefined): value is number => value !== null && value !== undefined;

function checkSize(argument: 'first' | 'last', value: number | null | undefined): void {
  if (isGiven(value) && (value < 0 || value > MAX_PAGE_SIZE)) {
    throw badInput(argument, `${argument} must be from 0 to ${MAX_PAGE_SIZE}, not ${value}.`);
  }
}

function position(argument: 'after' | 'before', cursor: string, fingerprint: () => string): number {
  const result = readCursor(cursor, fingerprint());
  switch (result.kind) {
    case 'position':
      return result.offset;
    case 'malformed':
      throw badInput(argument, `${argument} is not a cursor of this API. Use the value of a cursor field.`);
    case 'of-another-list':
      throw badInput(argument, `${argument} is a cursor of another filter or order. Use a cursor of the same list.`);
  }
}

/**
 * A short hash of the filter and order of a list. Cursors are positions, because REST pages are numbered. A position in another list
 * would silently skip or repeat rows, so a cursor carries the fingerprint of its list.
 */
export const listFingerprint = (identity: string): string => hash('sha256', identity, 'base64url').slice(0, 12);

export const encodeCursor = (offset: number, fingerprint: string): string =>
  Buffer.from(`${offset}.${fingerprint}`, 'latin1').toString('base64url');

export type CursorResult =
  | { readonly kind: 'position'; readonly offset: number }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'of-another-list' };

/** Decodes a cursor for a list. Only the exact output of `encodeCursor` is a position. */
export function readCursor(cursor: string, fingerprint: string): CursorResult {
  if (cursor.length > 64) return { kind: 'malformed' };
  const found = /^(\d{1,10})\.([\w-]{12})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const offset = Number(found?.[1]);
  const owner = found?.[2];
  if (owner === undefined || offset > MAX_OFFSET || encodeCursor(offset, owner) !== cursor)
    return { kind: 'malformed' };
  return owner === fingerprint ? { kind: 'position', offset } : { kind: 'of-another-list' };
}
