import type { Check } from '../../check.ts';
import { ensure, object, same } from '../../expect.ts';
import { after, type Life, operate, ready } from '../../life/life.ts';
import { stateOf } from '../../life/watch.ts';
import { SNAPSHOTS } from '../../subject.ts';
import { sortableTime, text } from '../../values.ts';

/** PATCH and PUT: the new values come back at once, the work follows. */

type Changes = Readonly<Record<string, unknown>>;

/** Columns that a write can set. */
const WRITABLE = ['name', 'description', 'kept_until', 'metadata'];

/** Sends the changes and demands that the answer shows them and leaves all else as it was. */
async function change(life: Life, operation: 'update' | 'replace', changes: Changes, shown: Changes): Promise<void> {
  const before = await ready(life);
  const method = operation === 'update' ? 'PATCH' : 'PUT';
  const row = object(await operate(life, operation, [method, '', { json: changes }]), 200);
  for (const column of WRITABLE) {
    same(column, row[column], Object.hasOwn(shown, column) ? shown[column] : before[column]);
  }
  same('state', stateOf(row), 'UPDATE_SCHEDULED');
  same('action', row.action, '');
  const [earlier, later] = [before, row].map((one) => sortableTime(text(one, 'modified')));
  ensure(String(later) > String(earlier), `modified is ${later} after ${earlier}`);
}

/** The walk's snapshot once an update is over, with the values that it was given. */
async function keeps(life: Life, operation: 'update' | 'replace', values: Changes): Promise<void> {
  const { row, seen } = await life.watch.settle(SNAPSHOTS, after(life, operation));
  ensure(row !== undefined, 'it is gone');
  same(
    'states besides',
    seen.filter((state) => !['UPDATE_SCHEDULED', 'UPDATING', 'OK'].includes(state)),
    [],
  );
  same('state', stateOf(row), 'OK');
  for (const [column, value] of Object.entries(values)) same(column, row[column], value);
}

const renamed = (life: Life): string => `${life.name}-renamed`;
const METADATA = { conformance: { nested: [1, 'two', null] } };

export const UPDATE: readonly Check<Life>[] = [
  {
    id: 'update.accepted',
    statement: 'PATCH: 200 with the new values, in UPDATE_SCHEDULED. Other columns do not change.',
    section: '2.4',
    run: (life) => change(life, 'update', { name: renamed(life) }, { name: renamed(life) }),
  },
  {
    id: 'update.settles',
    statement: 'The snapshot passes through UPDATING to OK and keeps the new values.',
    section: '2.4',
    run: (life) => keeps(life, 'update', { name: renamed(life) }),
  },
  {
    id: 'update.metadata',
    statement: 'metadata can be any JSON value.',
    section: '2.4',
    run: (life) => change(life, 'update', { metadata: METADATA }, { metadata: METADATA }),
  },
  {
    id: 'update.trims',
    statement: 'Names are trimmed, a description may be empty, and unknown keys are ignored.',
    section: '2.4',
    run: (life) =>
      change(
        life,
        'update',
        { name: `  ${life.name}\n`, description: '', no_such_key: 1 },
        { name: life.name, description: '' },
      ),
  },
];

export const REPLACE: readonly Check<Life>[] = [
  {
    id: 'replace.accepted',
    statement: 'PUT: 200 in UPDATE_SCHEDULED. Null clears kept_until, and absent columns do not change.',
    section: '2.4',
    run: (life) =>
      change(
        life,
        'replace',
        { name: `${life.name}-replaced`, kept_until: null },
        { name: `${life.name}-replaced`, kept_until: null },
      ),
  },
  {
    id: 'replace.settles',
    statement: 'The snapshot passes through UPDATING to OK and keeps the new values.',
    section: '2.4',
    run: (life) => keeps(life, 'replace', { name: `${life.name}-replaced`, kept_until: null }),
  },
];
