import { describe, expect, it } from 'vitest';
import { at, type JsonValue, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';

/** Rows of Waldur in which one column, or one item of one of its lists, has a value of a wrong kind. */

const gateway = useGateway();

const RESOURCE = `id uuid url name description errorMessage errorTraceback resourceType state runtimeState action actionDetails displayStatus
  isSettled created modified backendId accessUrl size metadata
  serviceSettings { id uuid name url state errorMessage } project { id uuid name url }
  customer { id uuid name nativeName abbreviation url }
  marketplace { offering { id uuid name pluginOptions } category { uuid name } resource { uuid state } plan { uuid } isUsageBased isLimitBased }`;
const SNAPSHOTS = `{ snapshots(first: 300) { nodes { ${RESOURCE} keptUntil backups { uuid name } sourceVolume { id uuid url name marketplaceUuid }
  restorations { id uuid created description volume { id uuid url name state isSettled runtimeState size device } } availableActions { action allowed reason } } } }`;
const VOLUMES = `{ volumes(first: 300) { nodes { ${RESOURCE} marketplaceUuid bootable device extendEnabled imageMetadata image { id uuid url name }
  type { id uuid url name } availabilityZone { id uuid url name } instance { id uuid url name marketplaceUuid } tenant { id uuid url }
  sourceSnapshot { id uuid url } } } }`;
const VIEWER = `{ viewer { uuid username fullName email isStaff isSupport
  permissions { role scopeType scopeUuid scopeName customerUuid customerName expirationTime } } }`;

interface Row {
  [column: string]: JsonValue;
}

const WRONG: readonly JsonValue[] = [
  ...[null, true, 7, -2_147_483_649, 2_147_483_648, 0.5, 'x', '', '0'.repeat(32), [], {}],
  ...[[null], [7], ['x'], [[]], [{}], [[null]], { length: 3 }, { uuid: null }],
];

const genome = uuidOf.project('Genome browser');
const PROJECT_FIELDS =
  '?field=url&field=uuid&field=name&field=customer&field=customer_uuid&field=customer_name&field=customer_native_name&field=customer_abbreviation';
const HEX = '0123456789abcdef0123456789abcdef';
const restoration = {
  uuid: HEX,
  created: '2025-01-01T00:00:00Z',
  volume: `/api/openstack-volumes/${HEX}/`,
  volume_name: 'restored',
  volume_state: 'OK',
  volume_runtime_state: 'available',
  volume_size: 1024,
  volume_device: '',
};

const permission = {
  role_name: 'PROJECT.ADMIN',
  scope_type: 'project',
  scope_uuid: HEX,
  scope_name: 'Genome browser',
  customer_uuid: HEX,
  customer_name: 'Institute',
  expiration_time: null,
};

/** A row as Waldur sends it, with an item in each of its lists. */
async function rowOf(path: string, lists: Row): Promise<Row> {
  const url = `${gateway().simulator.url}/api/${path}`;
  const response = await fetch(url, { headers: { authorization: `Token ${tokenOf('staff')}` } });
  const row = (await response.json()) as Row;
  return { ...row, ...lists };
}

/** Each column with each wrong value, also those of the items of lists, and of their columns. */
function* damages(row: Row): Generator<Row> {
  for (const [column, value] of Object.entries(row)) {
    for (const wrong of WRONG) yield { ...row, [column]: wrong };
    if (!Array.isArray(value)) continue;
    for (const wrong of WRONG) yield { ...row, [column]: [...value, wrong] };
    for (const item of value) {
      if (typeof item !== 'object' || item === null || Array.isArray(item)) continue;
      for (const damaged of damages(item)) yield { ...row, [column]: [damaged] };
    }
  }
}

/** Answers of the upstream that hold damaged rows, with the field of the answer that shows them. */
interface Source {
  readonly what: string;
  readonly query: string;
  readonly path: string;
  readonly row: () => Promise<Row>;
  readonly bodies: (rows: readonly Row[], whole: Row) => JsonValue[];
  /** What the answer has of the whole row that stands beside the damaged ones; undefined where none stands there. */
  readonly besides: ((data: JsonValue | undefined) => JsonValue | undefined) | undefined;
}

const PAGE = 250;
const pages = (rows: readonly Row[], whole: Row): Row[][] =>
  Array.from({ length: Math.ceil(rows.length / PAGE) }, (_, i) => [...rows.slice(i * PAGE, (i + 1) * PAGE), whole]);
const lastNode = (list: string) => (data: JsonValue | undefined) => {
  const nodes = at(data, list, 'nodes');
  return Array.isArray(nodes) ? nodes.at(-1) : undefined;
};

const SOURCES: readonly Source[] = [
  {
    what: 'snapshots',
    query: SNAPSHOTS,
    path: '/api/openstack-snapshots/',
    row: () =>
      rowOf(`openstack-snapshots/${uuidOf.snapshot('rw-target')}/`, {
        restorations: [restoration],
        backups: [{ uuid: HEX, name: 'backup' }],
      }),
    bodies: pages,
    besides: lastNode('snapshots'),
  },
  {
    what: 'volumes',
    query: VOLUMES,
    path: '/api/openstack-volumes/',
    row: () => rowOf(`openstack-volumes/${uuidOf.volume('db-data')}/`, {}),
    bodies: pages,
    besides: lastNode('volumes'),
  },
  {
    what: 'projects',
    query: `{ projects(first: 300) { nodes { id uuid name url customer { id uuid name nativeName abbreviation url } } } }`,
    path: '/api/projects/',
    row: () => rowOf(`projects/${genome}/${PROJECT_FIELDS}`, {}),
    bodies: pages,
    besides: lastNode('projects'),
  },
  {
    what: 'tenants',
    query: `{ tenants(first: 300) { nodes { id uuid name url quotas { name usage limit } } } }`,
    path: '/api/openstack-tenants/',
    row: () =>
      rowOf(`openstack-tenants/${uuidOf.tenant('genome-tenant')}/?field=uuid&field=name&field=url`, {
        quotas: [{ name: 'volumes', usage: 1, limit: -1 }],
      }),
    bodies: pages,
    besides: lastNode('tenants'),
  },
  {
    what: 'the caller',
    query: VIEWER,
    path: '/api/users/me/',
    row: async () => ({
      ...{ uuid: HEX, username: 'x', full_name: 'X', email: '', is_staff: true, is_support: false },
      permissions: [permission],
    }),
    // Each of them is an answer of its own, so only every third is tried.
    bodies: (rows) => rows.filter((_, i) => i % 3 === 0),
    besides: undefined,
  },
];

describe.each(SOURCES)('wrong columns of $what', ({ query, path, row, bodies, besides }) => {
  it('are errors of Waldur, the same from a plan and without one', { timeout: 60_000 }, async () => {
    const whole = await row();
    const codes = new Set<string>();
    let errors = 0;
    for (const [i, body] of bodies([...damages(whole)], whole).entries()) {
      const answers = new Set<string>();
      // graphql-js executes a document that comes for the first time. That of the others has a plan from the third time on.
      for (const document of [`${query} # ${i}`, query, query]) {
        gateway().simulator.faults.add({
          path,
          times: 1,
          status: 200,
          body: JSON.stringify(body),
          headers: {
            'content-type': 'application/json',
            'x-result-count': String(Array.isArray(body) ? body.length : 1),
          },
        });
        const { data, errors: found = [] } = await gateway().query(document);
        answers.add(JSON.stringify({ data, found }));
        for (const { extensions } of found) codes.add(String(extensions.code));
        errors += found.length;
        if (besides !== undefined) expect(besides(data)).toMatchObject({ uuid: at(whole, 'uuid') });
      }
      expect([...answers]).toHaveLength(1);
    }
    expect([...codes]).toEqual(['UPSTREAM_ERROR']);
    expect(errors).toBeGreaterThan(50);
  });

  it('are none where they are as Waldur sends them', async () => {
    const { errors } = await gateway().query(query);
    expect(errors).toBeUndefined();
  });
});

it('a tenant that is not a uuid is not used as a filter, which would be reported as an error of the client', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({ uuid: i.toString(16).padStart(32, '0'), tenant_uuid: 'x' }));
  gateway().simulator.faults.add({
    path: '/api/openstack-volumes/',
    times: 1,
    status: 200,
    body: JSON.stringify(rows),
    headers: { 'content-type': 'application/json', 'x-result-count': '100' },
  });
  const { errors } = await gateway().query(
    '{ volumes(first: 100) { nodes { uuid snapshots(first: 2) { totalCount } } } }',
  );
  expect(errors).toBeUndefined();
});

describe('the ends of Int', () => {
  const MIN = -(2 ** 31);
  const MAX = 2 ** 31 - 1;

  /** The same bytes from graphql-js and from a plan. @returns the answer. */
  async function same(query: string, variables: Record<string, unknown>, prepare: () => void = () => {}) {
    const answers = [];
    for (const document of [`${query} # alone`, query, query, query]) {
      prepare();
      const { data, errors } = await gateway().query(document, { variables });
      answers.push({ data, errors });
    }
    const [first] = answers;
    if (first === undefined) throw new Error('nothing was asked');
    for (const answer of answers) expect(answer).toEqual(first);
    return first;
  }

  const volume = { ...restoration, volume_size: 0 };
  const FIELDS: readonly [what: string, query: string, row: (size: number) => Row, path: string][] = [
    ['the size of a snapshot', '{ snapshots(first: 1) { nodes { it: size } } }', (size) => ({ size }), 'snapshots'],
    ['the size of a volume', '{ volumes(first: 1) { nodes { it: size } } }', (size) => ({ size }), 'volumes'],
    [
      'the size of a restored volume',
      '{ snapshots(first: 1) { nodes { restorations { volume { it: size } } } } }',
      (size) => ({ restorations: [{ ...volume, volume_size: size }] }),
      'snapshots',
    ],
  ];

  it.each(FIELDS.flatMap((field) => [MIN, MIN - 1, MAX, MAX + 1, -0].map((value) => [...field, value] as const)))(
    '%s',
    async (_what, query, row, list, value) => {
      const { data, errors } = await same(query, {}, () =>
        gateway().simulator.faults.add({
          path: `/api/openstack-${list}/`,
          times: 1,
          status: 200,
          body: JSON.stringify([{ uuid: HEX, ...row(value) }]),
          headers: { 'content-type': 'application/json', 'x-result-count': '1' },
        }),
      );
      if (value < MIN || value > MAX) expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
      else expect(JSON.stringify(data)).toContain(`"it":${value}}`);
    },
  );

  it.each([MAX, MAX + 1])('a total of %i', async (total) => {
    const { data, errors } = await same('{ snapshots(first: 1) { totalCount } volumes { totalCount } }', {}, () => {
      for (const list of ['snapshots', 'volumes']) {
        gateway().simulator.faults.add({
          path: `/api/openstack-${list}/`,
          times: 1,
          headers: { 'x-result-count': String(total) },
        });
      }
    });
    if (total > MAX)
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_ERROR', 'UPSTREAM_ERROR']);
    else expect(data).toEqual({ snapshots: { totalCount: MAX }, volumes: { totalCount: MAX } });
  });

  const LISTS = [
    '{ snapshots(ARG) { totalCount } }',
    '{ volumes(ARG) { totalCount } }',
    `{ volume(uuid: "${uuidOf.volume('db-data')}") { snapshots(ARG) { totalCount } } }`,
  ];
  const ARGUMENTS = LISTS.flatMap((list) => ['first', 'last', 'offset'].map((name) => [name, list] as const));

  it.each(ARGUMENTS)('%s of %s: by literal, by variable and by default value', async (name, list) => {
    for (const value of [MIN, MAX, MIN - 1, MAX + 1]) {
      const isInt = value >= MIN && value <= MAX;
      const literal = await same(list.replace('ARG', `${name}: ${value}`), {});
      const byVariable = list.replace('ARG', `${name}: $n`);
      const variable = await same(`query ($n: Int) ${byVariable}`, { n: value });
      const fallback = await same(`query ($n: Int = ${value}) ${byVariable}`, {});
      const codes = [literal, variable, fallback].map(({ errors }) => errors?.map(({ extensions }) => extensions.code));
      const wrong = isInt ? 'BAD_USER_INPUT' : 'GRAPHQL_VALIDATION_FAILED';
      expect(codes).toEqual([[wrong], ['BAD_USER_INPUT'], [wrong]]);
      if (isInt) expect(new Set([literal, variable, fallback].map(({ errors }) => errors?.[0]?.message)).size).toBe(1);
    }
  });
});
