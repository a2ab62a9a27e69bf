import { hash } from 'node:crypto';

/**
 * Cursors of lists. REST pages are numbered, so a cursor is the position of a row; it also carries a print of the filter and
 * order it belongs to, because a position in another list would silently skip or repeat rows.
 */
const MAX_OFFSET = 1_000_000_000;

/** A short print of what makes two lists the same list. */
export const listPrint = (identity: string): string => hash('sha256', identity, 'base64url').slice(0, 12);

export const encodeCursor = (offset: number, print: string): string =>
  Buffer.from(`${offset}.${print}`, 'latin1').toString('base64url');

export type CursorReading =
  | { readonly kind: 'position'; readonly offset: number }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'of-another-list' };

/** Reads a cursor against the list it is used on. Only what `encodeCursor` printed is a position. */
export function readCursor(cursor: string, print: string): CursorReading {
  if (cursor.length > 64) return { kind: 'malformed' };
  const found = /^(\d{1,10})\.([\w-]{12})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const offset = Number(found?.[1]);
  const owner = found?.[2];
  if (owner === undefined || offset > MAX_OFFSET || encodeCursor(offset, owner) !== cursor)
    return { kind: 'malformed' };
  return owner === print ? { kind: 'position', offset } : { kind: 'of-another-list' };
}
