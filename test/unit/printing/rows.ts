import { snapshotRow, volumeRow } from '../execution/support/rows.ts';
import { UUIDS } from '../execution/support/world.ts';

/** Rows as they might come, written in the ways in which they might be written. */

/** What a column may hold that is not what nearly all do, right and wrong. */
const ODD: readonly unknown[] = [
  undefined,
  null,
  0,
  7,
  -1,
  -0,
  1.5,
  1e300,
  2 ** 31,
  999_999_999,
  '',
  'OK',
  'Erred',
  'Update Scheduled',
  'UPDATING',
  'nowhere',
  'ein Wort: Größe, 大きさ, 🜂',
  'said "no" \\ and\nleft\t\u0007\u007f\u2028',
  '/',
  'x'.repeat(300),
  'a'.repeat(32),
  'A'.repeat(32),
  '0189d0fa-1c2b-4d3e-8f90-a1b2c3d4e5f6',
  'https://waldur.test/api/openstack-volumes/0189d0fa1c2b4d3e8f90a1b2c3d4e5f6/',
  'https://waldur.test/api/openstack-volumes/0189d0fa1c2b4d3e8f90a1b2c3d4e5f6',
  true,
  false,
  [],
  {},
  [null],
  [{}],
  { a: [1, { b: 'c' }] },
];

/** A number from 0 to `sides` - 1. */
export type Roll = (sides: number) => number;

const pick = <Item>(roll: Roll, items: readonly Item[]): Item => items[roll(items.length)] as Item;

/** @param oneIn how often a column is odd. */
export function rowsOf(kind: 'snapshot' | 'volume', roll: Roll, oneIn: number): unknown[] {
  const make = kind === 'snapshot' ? snapshotRow : volumeRow;
  return Array.from({ length: roll(12) === 0 ? 45 : roll(6) }, () => {
    if (roll(4 * oneIn) === 0) return pick(roll, ODD) ?? null;
    return odd(make(pick(roll, UUIDS), UUIDS), roll, oneIn);
  });
}

function odd(row: object, roll: Roll, oneIn: number): object {
  const entries = Object.entries(row).flatMap(([name, value]): [string, unknown][] => {
    if (roll(oneIn) === 0) return roll(3) === 0 ? [] : [[name, pick(roll, ODD)]];
    const isList = Array.isArray(value) && roll(2) === 0;
    return [[name, isList ? value.map((one) => (typeof one === 'object' ? odd(one, roll, oneIn) : one)) : value]];
  });
  // Another order, now and then: nothing promises that there is one.
  if (roll(oneIn) === 0 && entries.length > 1) entries.push(...entries.splice(roll(entries.length), 1));
  return Object.fromEntries(entries);
}

/** A text of rows, by one of the writers that JSON has. */
export function textOf(rows: readonly unknown[], roll: Roll): string {
  const text = JSON.stringify(rows, null, pick(roll, ['', '', '', ' ', '\t']));
  switch (roll(8)) {
    case 0:
      return text.replaceAll('/', '\\/');
    case 1:
      // As Python writes it by default.
      return text.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
    case 2:
      return `\n ${text}\r\n`;
    default:
      return text;
  }
}

/** Damages a text in one place. */
export function damaged(text: string, roll: Roll): string {
  const at = roll(text.length + 1);
  const piece = pick(roll, ['"', '\\', ',', '{', '}', '[', ']', ':', ' ', 'x', '0', '\u0001', 'é', 'null', '']);
  return text.slice(0, at) + piece + text.slice(at + roll(3));
}
