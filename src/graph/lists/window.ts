import { badInput } from '../../errors.ts';
import type { Window } from '../../loading/lists.ts';
import { readCursor } from './cursor.ts';

/** Rows of a list, most of one page. */
export const MAX_PAGE_SIZE = 1000;
const DEFAULT_PAGE_SIZE = 20;
const MAX_OFFSET = 1_000_000_000;

export interface WindowArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
  readonly offset?: number | null;
}

/**
 * Reads the paging arguments of a connection.
 * @param print of the list, as `listPrint` gives it; cursors of other lists are refused.
 * @throws GatewayError BAD_USER_INPUT naming the argument and what is allowed; nothing is asked upstream then.
 */
export function readWindow(args: WindowArguments, print: () => string): Window {
  const { first, last, offset } = args;
  const after = args.after ?? undefined;
  const before = args.before ?? undefined;
  checkSize('first', first);
  checkSize('last', last);
  if (isGiven(first) && isGiven(last)) throw badInput('last', 'Give first or last, not both.');
  if (isGiven(offset)) {
    if (offset < 0 || offset > MAX_OFFSET)
      throw badInput('offset', `offset must be from 0 to ${MAX_OFFSET}, not ${offset}.`);
    if (after !== undefined || before !== undefined)
      throw badInput('offset', 'offset does not go with after or before.');
  }
  const start = after === undefined ? (offset ?? 0) : position('after', after, print) + 1;
  const end = before === undefined ? undefined : position('before', before, print);
  if (isGiven(last)) {
    if (end === undefined) return { kind: 'tail', start, count: last };
    const from = Math.max(start, end - last);
    return { kind: 'head', start: from, count: Math.max(0, end - from) };
  }
  const wanted = first ?? DEFAULT_PAGE_SIZE;
  const count = end === undefined ? wanted : Math.max(0, Math.min(wanted, end - start));
  return { kind: 'head', start, count };
}

const isGiven = (value: number | null | undefined): value is number => value !== null && value !== undefined;

function checkSize(argument: 'first' | 'last', value: number | null | undefined): void {
  if (isGiven(value) && (value < 0 || value > MAX_PAGE_SIZE)) {
    throw badInput(argument, `${argument} must be from 0 to ${MAX_PAGE_SIZE}, not ${value}.`);
  }
}

function position(argument: 'after' | 'before', cursor: string, print: () => string): number {
  const reading = readCursor(cursor, print());
  switch (reading.kind) {
    case 'position':
      return reading.offset;
    case 'malformed':
      throw badInput(argument, `${argument} is not a cursor of this API. Use one that a cursor field gave.`);
    case 'of-another-list':
      throw badInput(argument, `${argument} is a cursor of another filter or order. Use one of the same list.`);
  }
}
