import { type Check, Mismatch, skip } from '../check.ts';
import { type Kind, labelsOf, SNAPSHOTS, type Subject, VOLUMES } from '../subject.ts';
import { isRow, isTime, isUuid, list, type Row, show, uuidInUrl } from '../values.ts';

/** What whole rows look like. A row is judged with every relation it has; what may be absent is named apart. */

/** Columns by what they must be, in every row. Those that only some versions have are not here. */
interface Columns {
  readonly texts: readonly string[];
  readonly times: readonly string[];
  readonly uuids: readonly string[];
  readonly addresses: readonly string[];
  readonly states: readonly string[];
  readonly integers: readonly string[];
  readonly booleans: readonly string[];
  /** There, and null or of that kind. */
  readonly nullable: Readonly<Record<string, Test>>;
}

type Test = (value: unknown) => boolean;

const isText: Test = (value) => typeof value === 'string';
const isAddress: Test = (value) => uuidInUrl(value) !== undefined;
const isAnything: Test = (value) => value !== undefined;

const COMMON = {
  texts: [
    'name',
    'description',
    'service_name',
    'service_settings_error_message',
    'project_name',
    'customer_name',
    'customer_native_name',
    'customer_abbreviation',
    'error_message',
    'error_traceback',
    'resource_type',
    'runtime_state',
    'action',
  ],
  times: ['created', 'modified'],
  uuids: ['uuid', 'project_uuid', 'service_settings_uuid'],
  addresses: ['url', 'project', 'customer', 'service_settings'],
  states: ['state', 'service_settings_state'],
  integers: ['size'],
  booleans: [],
  nullable: {
    backend_id: isText,
    access_url: isAnything,
    marketplace_resource_uuid: isUuid,
    marketplace_offering_uuid: isUuid,
    marketplace_category_uuid: isUuid,
    marketplace_plan_uuid: isUuid,
    is_usage_based: isAnything,
    is_limit_based: isAnything,
  },
} satisfies Columns;

const COLUMNS: Readonly<Record<Kind['id'], Columns>> = {
  snapshot: { ...COMMON, nullable: { ...COMMON.nullable, source_volume: isAddress, kept_until: isTime } },
  volume: {
    ...COMMON,
    texts: [...COMMON.texts, 'device', 'image_name', 'image_metadata'],
    uuids: [...COMMON.uuids, 'tenant_uuid'],
    addresses: [...COMMON.addresses, 'tenant'],
    booleans: ['bootable'],
    nullable: {
      ...COMMON.nullable,
      source_snapshot: isAddress,
      instance: isAddress,
      image: isAddress,
      type: isAddress,
      availability_zone: isAddress,
    },
  },
};

/** Keys that are there with a relation and absent, not null, without it. */
const DOTTED: Readonly<Record<Kind['id'], Readonly<Record<string, readonly string[]>>>> = {
  snapshot: { source_volume: ['source_volume_name', 'source_volume_marketplace_uuid'] },
  volume: {
    instance: ['instance_name', 'instance_marketplace_uuid'],
    type: ['type_name'],
    availability_zone: ['availability_zone_name'],
  },
};

function every(rows: readonly Row[], columns: readonly string[], test: Test, wanted: string): void {
  for (const row of rows) {
    for (const column of columns) {
      if (!test(row[column])) throw new Mismatch(`${column} of ${row.uuid} is ${show(row[column])}, not ${wanted}`);
    }
  }
}

function shape(kind: Kind): readonly Check<Subject>[] {
  const { id } = kind;
  const columns = COLUMNS[id];
  const check = (
    what: string,
    section: Check<Subject>['section'],
    statement: string,
    judge: (rows: readonly Row[], subject: Subject) => void,
  ): Check<Subject> => ({
    id: `${id}.${what}`,
    statement,
    section,
    run: async (subject) => judge(await subject.samples.rows(kind), subject),
  });
  return [
    check('texts', '4.1', `String columns of a ${id} are present and never null. Empty ones are "".`, (rows) =>
      every(rows, columns.texts, isText, 'a string'),
    ),
    check('uuids', '4.1', `Uuids in a ${id} are 32 lower-case hexadecimal digits.`, (rows) =>
      every(rows, columns.uuids, isUuid, 'a uuid'),
    ),
    check('addresses', '4.1', `URLs in a ${id} end in a uuid and a slash.`, (rows) => {
      every(rows, columns.addresses, isAddress, 'an address');
      for (const row of rows) every([row], ['url'], (url) => uuidInUrl(url) === row.uuid, 'its own address');
    }),
    check('times', '4.1', `Times of a ${id} are in UTC with Z, with microseconds unless they are zero.`, (rows) =>
      every(rows, columns.times, isTime, 'a time'),
    ),
    check('states', '1.1', `States in a ${id} are the eight known ones, in one spelling.`, (rows, { spelling }) => {
      const known: readonly unknown[] = labelsOf(spelling);
      every(rows, columns.states, (label) => known.includes(label), 'a known state');
    }),
    check('size', '4.1', `The size of a ${id} is an integer.`, (rows) =>
      every(rows, columns.integers, Number.isInteger, 'an integer'),
    ),
    check('nullable', '4.2', `Optional columns of a ${id} are null, not absent.`, (rows) => {
      every(rows, columns.booleans, (value) => typeof value === 'boolean', 'true or false');
      for (const [column, test] of Object.entries(columns.nullable)) {
        every(rows, [column], (value) => value === null || test(value), 'null or its kind');
      }
    }),
    check(
      'metadata',
      '4.2',
      `The metadata of a ${id} is present and never null. "" means that it was never set.`,
      (rows) => every(rows, ['metadata'], (value) => value !== undefined && value !== null, 'a JSON value'),
    ),
    check('action-details', '1.4', `The action_details of a ${id} are an object.`, (rows) =>
      every(rows, ['action_details'], isRow, 'an object'),
    ),
    ...Object.entries(DOTTED[id]).flatMap(([relation, keys]) => [
      check(`with-${relation}`, '4.2', `A ${id} with ${relation} has ${keys.join(' and ')}.`, (rows) => {
        const related = rows.filter((row) => typeof row[relation] === 'string');
        if (related.length === 0) skip(`the caller sees no ${id} with ${relation}`);
        every(related, keys, (value) => value !== undefined, 'there');
      }),
      check(`without-${relation}`, '4.2', `Without ${relation} a ${id} lacks ${keys.join(' and ')}.`, (rows) => {
        const unrelated = rows.filter((row) => row[relation] === null);
        if (unrelated.length === 0) skip(`the caller sees no ${id} without ${relation}`);
        every(unrelated, keys, (value) => value === undefined, 'absent');
      }),
    ]),
  ];
}

export const SHAPE: readonly Check<Subject>[] = [
  ...shape(SNAPSHOTS),
  {
    id: 'snapshot.restorations',
    statement: 'The restorations of a snapshot are an array, possibly empty.',
    section: '4.2',
    async run({ samples }) {
      for (const row of await samples.rows(SNAPSHOTS)) list(row, 'restorations');
    },
  },
  {
    id: 'snapshot.restoration',
    statement:
      'A restoration has its uuid and time, and the URL, name, state, runtime state, size and device of the volume.',
    section: '4.4',
    async run({ samples, spelling }) {
      const found = list(await samples.restored(), 'restorations');
      const known: readonly unknown[] = labelsOf(spelling);
      every(found, ['uuid'], isUuid, 'a uuid');
      every(found, ['created'], isTime, 'a time');
      every(found, ['volume'], isAddress, 'an address');
      every(found, ['volume_name', 'volume_runtime_state', 'volume_device'], isText, 'a string');
      every(found, ['volume_state'], (label) => known.includes(label), 'a known state');
      every(found, ['volume_size'], Number.isInteger, 'an integer');
    },
  },
  ...shape(VOLUMES),
];
