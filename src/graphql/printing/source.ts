import type { Loaders } from '../../loaders/loaders.ts';
import type { Gaps } from './gaps.ts';

/**
 * What a field says of itself so that lists can be printed from the bytes of Waldur's answer, without making objects of them: which column
 * it is, or what it is made of. A value that is not what its column is for is not printed in this way, nor is the rest of its list.
 */
export type PrintSource =
  | { readonly kind: 'column'; readonly column: string; readonly holds: ColumnKind }
  /** A global id: the name of the type, then the uuid in this column, after the uuid of the object that holds the list if `below`. */
  | { readonly kind: 'id'; readonly type: string; readonly column: string; readonly below: boolean }
  /** What the field's resolver makes of a row with these columns; `forCaller`: and of whether the caller is staff. */
  | { readonly kind: 'made'; readonly needs: readonly string[]; readonly forCaller?: true }
  /** An object made of columns of the same row; null when all of `unlessNull` are, unless that is empty. */
  | { readonly kind: 'object'; readonly unlessNull: readonly string[] }
  /** Another resource, as far as this row knows it, by its own names of the columns; null when its address is. */
  | { readonly kind: 'reference'; readonly address: string; readonly columns: Readonly<Record<string, string>> }
  /** Another resource that is read for all rows together; null when its address is. */
  | { readonly kind: 'join'; readonly address: string; readonly needs: readonly string[] }
  /** A list of objects in a column; the row that holds it must have a uuid. */
  | { readonly kind: 'rows'; readonly column: string }
  /** The place of a row in its list. */
  | { readonly kind: 'cursor' };

/** What a column holds, as Waldur writes it. */
export type ColumnKind =
  | 'text'
  | 'optional text'
  | 'int'
  | 'boolean'
  | 'optional boolean'
  | 'uuid'
  | 'optional uuid'
  | 'state';

export type Make = (source: unknown, isStaff: boolean) => unknown;

/** What a page is printed with besides its text. */
export interface Facts {
  /** The cursor of a row by its place in the page, from 0. */
  readonly cursorOf: (index: number) => string;
  /** Whether the caller is; false where nobody asks. */
  readonly isStaff: boolean;
  /** Takes note of where joined resources go; the print has nothing there. */
  readonly gaps: Gaps;
}

/** How another resource is read for many rows together. */
export interface Join {
  /** The column that tells which one it is. */
  readonly address: string;
  /** Other columns that it takes a look at, where they are there. */
  readonly needs: readonly string[];
  load(row: unknown, uuid: string, loaders: Loaders): Promise<unknown>;
}

/** A field of a selection, with all that its text is made from. */
export interface PrintedField {
  /** In the answer. */
  readonly key: string;
  readonly source: PrintSource | { readonly kind: 'constant'; readonly value: string };
  /** Makes the value from its row, for what is made. @throws whatever is not straight. */
  readonly make: Make;
  /** What stands in the answer for the values of an enum. */
  readonly names: ReadonlyMap<unknown, string> | undefined;
  /** Selected below it. */
  readonly fields: readonly PrintedField[] | undefined;
  /** Of what is joined; `make` makes it from what was loaded. */
  readonly join?: Join;
}

/** Thrown for a selection that cannot be printed, or not from objects that are written in this way. */
export class NotPrinted extends Error {}
