import { STATES } from '../../../src/domain/states.ts';
import { type Check, Mismatch, skip } from '../check.ts';
import { ensure, refuses, rows, same, total } from '../expect.ts';
import { type Kind, labelOf, PAGE, SNAPSHOTS, type Spelling, type Subject, VOLUMES } from '../subject.ts';
import { query, type Row, show, sortableTime, text } from '../values.ts';

/** How values of a column compare. Texts follow the database's collation, which only the server knows. */
type Measure = (row: Row, spelling: Spelling) => number | string | undefined;

interface Key {
  readonly key: string;
  /** Left out when it is that of the key. */
  readonly column?: string;
  /** Values that increase with the order; strings have none. */
  readonly measure?: Measure;
}

const time: Measure = (row) => sortableTime(text(row, 'created'));
const size: Measure = (row) => Number(row.size);
/** Waldur sorts states by the integers behind them. */
const rank: Measure = (row, spelling) => STATES.findIndex((state) => labelOf(state, spelling) === row.state);

const COMMON: readonly Key[] = [
  { key: 'name' },
  { key: 'state', measure: rank },
  { key: 'customer_name' },
  { key: 'customer_native_name' },
  { key: 'customer_abbreviation' },
  { key: 'project_name' },
  { key: 'service_name' },
  { key: 'created', measure: time },
  { key: 'size', measure: size },
];

async function listed({ waldur }: Subject, kind: Kind, o: string, columns: readonly string[]) {
  const answer = await waldur.get(kind.path + query({ o, page_size: PAGE, field: ['uuid', ...columns] }));
  const found = rows(answer);
  if (found.length < 2) skip(`the caller sees fewer than two ${kind.id}s`);
  return { found, whole: total(answer) === found.length };
}

function ascending(found: readonly Row[], what: string, measure: (row: Row) => number | string | undefined): void {
  for (const [i, row] of found.entries()) {
    const [before, here] = [measure(found[i - 1] ?? row), measure(row)];
    if (before !== undefined && here !== undefined && before > here) {
      throw new Mismatch(`ordered by ${what}, row ${i} has ${show(here)} after ${show(before)}`);
    }
  }
}

/** The values in their order, equal neighbours once. @throws Mismatch when a value comes back after another one. */
function runs(found: readonly Row[], column: string): unknown[] {
  const values = found.map((row) => row[column]).filter((value, i, all) => i === 0 || value !== all[i - 1]);
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw new Mismatch(`equal values of ${column} are not together: ${show(twice)}`);
  return values;
}

const sorts = (kind: Kind, { key, column = key, measure }: Key): Check<Subject> => ({
  id: `order.${kind.id}-${key}`,
  statement: `o=${key} sorts ${kind.id}s, and o=-${key} reverses the order.`,
  section: '3.4',
  async run(subject) {
    const up = await listed(subject, kind, key, [column]);
    const down = await listed(subject, kind, `-${key}`, [column]);
    if (measure !== undefined) {
      const measured = (row: Row) => measure(row, subject.spelling);
      ascending(up.found, key, measured);
      ascending(down.found.toReversed(), `-${key}`, measured);
      return;
    }
    const [upwards, downwards] = [runs(up.found, column), runs(down.found, column)];
    // The order of strings depends on the database, but both directions must agree on it.
    if (up.whole && down.whole) same(`o=-${key}`, downwards, upwards.toReversed());
    else ensure(upwards.length < 2 || upwards[0] !== downwards[0], `both directions begin with ${show(upwards[0])}`);
  },
});

/** A related name is absent where there is no relation, and that sorts as the greatest. */
const sortsRelation = (kind: Kind, key: string): Check<Subject> => ({
  id: `order.${kind.id}-${key}`,
  statement: `o=${key} sorts ${kind.id}s, with null last.`,
  section: '3.4',
  async run(subject) {
    const { found } = await listed(subject, kind, `-${key}`, [key]);
    runs(found, key);
    ascending(found.toReversed(), key, (row) => Number(row[key] === undefined));
    const { found: upwards } = await listed(subject, kind, key, [key]);
    runs(upwards, key);
    ascending(upwards, key, (row) => Number(row[key] === undefined));
  },
});

export const ORDERING: readonly Check<Subject>[] = [
  ...COMMON.map((key) => sorts(SNAPSHOTS, key)),
  sortsRelation(SNAPSHOTS, 'source_volume_name'),
  ...COMMON.map((key) => sorts(VOLUMES, key)),
  sortsRelation(VOLUMES, 'instance_name'),
  {
    id: 'order.default',
    statement: 'The default of o is name.',
    section: '3.4',
    async run({ waldur, samples }) {
      await samples.rows(SNAPSHOTS);
      const names = async (parameters: Record<string, string>): Promise<unknown[]> => {
        const answer = await waldur.get(SNAPSHOTS.path + query({ ...parameters, field: 'name', page_size: PAGE }));
        return rows(answer).map(({ name }) => name);
      };
      same('the names', await names({}), await names({ o: 'name' }));
    },
  },
  {
    id: 'order.tie-breaker',
    statement: 'A comma-separated list of keys sorts by the first, then by the next, each in its own direction.',
    section: '3.4',
    async run(subject) {
      for (const [o, direction] of [
        ['state,created', 1],
        ['state,-created', -1],
      ] as const) {
        const { found } = await listed(subject, SNAPSHOTS, o, ['state', 'created']);
        ascending(found, o, (row) => rank(row, subject.spelling));
        const groups = Map.groupBy(found, ({ state }) => state);
        for (const group of groups.values()) {
          ascending(direction === 1 ? group : group.toReversed(), o, (row) => time(row, subject.spelling));
        }
      }
    },
  },
  {
    id: 'order.unknown',
    statement: 'An unknown key: 400 that names o, also for the URL of one object.',
    section: '3.4',
    async run({ waldur, samples }) {
      refuses(await waldur.get(SNAPSHOTS.path + query({ o: 'no_such_key' })), 'o');
      const uuid = text(await samples.settled(SNAPSHOTS), 'uuid');
      refuses(await waldur.get(`${SNAPSHOTS.path}${uuid}/${query({ o: 'no_such_key' })}`), 'o');
    },
  },
];
