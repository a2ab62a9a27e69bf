import { isAddress, isUuidAt } from './columns.ts';
import { page } from './input.ts';
import type { Layout } from './layout.ts';
import { areEqual, copy, type Output, put } from './output.ts';
import { readingRow } from './row-reader.ts';
import type { Facts } from './source.ts';
import { isInt, STOPS, stringifiedEnd, textEnd, valueEnd } from './text.ts';
import type { WantedColumns } from './wanted.ts';
import type { Writing } from './writing.ts';

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
export const GIVEN = {
  STOPS,
  textEnd,
  stringifiedEnd,
  valueEnd,
  isInt,
  isUuidAt,
  isAddress,
  areEqual,
  copy,
  put,
  page,
};

/**
 * Makes the function of a layout: it finds the columns, then prints them.
 * @param code that prints them.
 * @throws NotPrinted for a layout that lacks what is needed.
 */
export function rowFunction(layout: Layout, wanted: WantedColumns, code: Writing, tellsAbove: boolean): PrintRow {
  const reading = readingRow(layout, wanted, tellsAbove, (what, value) => code.give(what, value));
  const copied = wanted.all.map(([, { id, copies, rows }]) => {
    const times = rows === undefined ? copies : 1;
    return times === 0 ? '' : ` + ${times} * (e${id} - s${id})`;
  });
  const source = [
    '(b, v, at, into, index, facts, above) => {',
    'const end = v.byteLength;',
    'let p = at;',
    'if (pageSeen !== page.number) {',
    'pageSeen = page.number;',
    ...reading.forgotten,
    ...code.forgotten,
    '}',
    ...reading.lines,
    `const length = ${code.constant}${copied.join('')};`,
    'let o = into.at;',
    'let w = into.room(o, length);',
    ...code.lines,
    'into.at = o;',
    'return p;',
    '}',
  ].join('\n');
  return code.make(['let pageSeen = -1;', ...reading.kept, ...code.kept], source) as PrintRow;
}
