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

const restoration = (n: number, columns: object): object => ({
  uuid: UUIDS[n],
  created: '2024-09-01T08:00:00.123456Z',
  volume: `https://waldur.test/api/openstack-volumes/${UUIDS[n]}/`,
  volume_name: 'restored',
  volume_state: 'OK',
  volume_runtime_state: 'available',
  volume_size: 1,
  volume_device: '',
  ...columns,
});

/** What columns change to: values of which one begins like the other, and such as are hardly ever the same. */
const OTHERS: Readonly<Record<string, readonly unknown[]>> = {
  name: ['n', 'n"', 'long '.repeat(700), 'ö'.repeat(16), 'x'.repeat(17)],
  state: ['OK', 'Erred', 'CREATING', 'ERRED', 'Deleting'],
  size: [1, 12, 123, 1024],
  backend_id: [null, '', 'x'],
  kept_until: [null, '2024-01-01T00:00:00Z', 1, 12],
  runtime_state: ['available', 'in-use', ''],
  source_volume_name: ['a', 'ab', '', 'x'.repeat(40), 'é"\\'],
  source_volume_marketplace_uuid: [null, 'a'.repeat(32), 'b'.repeat(32)],
  instance_name: ['', 'db', 'dc'],
  instance_marketplace_uuid: [null, 'c'.repeat(32)],
  type_name: ['ssd', 'hdd', ''],
  action_details: [{}, null, 'a', 1, 12, { b: [1] }],
  metadata: ['', {}, { a: 1 }, { a: 12 }],
  is_usage_based: [true, false, null],
  restorations: [
    [],
    null,
    [null],
    [restoration(0, {}), restoration(1, { volume: null }), restoration(2, { volume_size: 12, volume_name: 'b' })],
    [restoration(1, { volume: null, volume_name: '' }), restoration(2, { volume_name: '' })],
    [restoration(1, { volume_size: 123 }), restoration(1, { volume_size: 1 })],
  ],
};
const NULLABLE = [
  ...['source_volume', 'instance', 'type', 'availability_zone', 'source_snapshot', 'image', 'tenant', 'access_url'],
  ...['marketplace_resource_uuid', 'marketplace_plan_uuid', 'marketplace_offering_uuid', 'marketplace_category_uuid'],
];
const MISSING = ['kept_until', 'marketplace_category_name', 'instance_marketplace_uuid', 'backups'];

/** Rows that have much in common with those before them, as rows of a project do, until it changes. */
export function repeatingRows(kind: 'snapshot' | 'volume', roll: Roll): object[] {
  const make = kind === 'snapshot' ? snapshotRow : volumeRow;
  const oneIn = pick(roll, [1, 2, 4, 30]);
  let before: Record<string, unknown> = { ...make(pick(roll, UUIDS), UUIDS) };
  return Array.from({ length: pick(roll, [0, 1, 2, 3, 5, 12, 30, 45]) }, () => {
    const { uuid, ...columns } = make(pick(roll, UUIDS), UUIDS);
    const changed = Object.entries(columns).flatMap(([name, value]): [string, unknown][] => {
      if (roll(oneIn) > 0) return [];
      if (NULLABLE.includes(name) && roll(2) === 0) return [[name, null]];
      const others = OTHERS[name];
      return [[name, others !== undefined && roll(2) === 0 ? pick(roll, others) : value]];
    });
    before = { ...before, uuid, ...Object.fromEntries(changed) };
    const row = { ...before };
    if (roll(15) === 0) delete row[pick(roll, MISSING)];
    if (roll(400) === 0) row[pick(roll, Object.keys(row))] = pick(roll, [null, 7, 'odd', [], {}]);
    return row;
  });
}
