import { describe, expect, it } from 'vitest';
import { deletedImageId, globalId, type NodeType } from '../../src/graph/ids.ts';
import { openEvents } from '../support/events.ts';
import { at, dataset, type JsonValue, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';

/** Tenants, projects and the other objects that snapshots and volumes belong to. */

const gateway = useGateway();
const older = useGateway({}, { simulator: { waldur: '2024' } });
const genome = uuidOf.tenant('genome-tenant');

describe('a tenant', () => {
  it('known from the row of a volume costs no call', async () => {
    const { data } = await gateway().query(
      `{ volume(uuid: "${uuidOf.volume('db-data')}") { tenant { id uuid url } } }`,
    );
    expect(at(data, 'volume', 'tenant')).toEqual({
      id: globalId('Tenant', genome),
      uuid: genome,
      url: expect.stringContaining(`/api/openstack-tenants/${genome}/`),
    });
    expect(gateway().calls()).toBe(1);
  });

  it('has its name and quotas, for one call however many volumes it has', async () => {
    const { data, errors } = await gateway().query(
      '{ volumes(first: 20, filter: { tenantUuid: "' +
        genome +
        '" }) { nodes { tenant { name quotas { name usage limit } } } } }',
    );
    expect(errors).toBeUndefined();
    expect(at(data, 'volumes', 'nodes', 0, 'tenant')).toEqual({
      name: 'genome-tenant',
      quotas: [
        { name: 'gigabytes_hdd', usage: 52, limit: null },
        { name: 'gigabytes_nvme', usage: 4, limit: null },
        { name: 'gigabytes_ssd', usage: 92, limit: null },
        { name: 'snapshots', usage: 356, limit: 1000 },
        { name: 'snapshots_size', usage: 4341760, limit: null },
        { name: 'storage', usage: 316416, limit: 1024000 },
        { name: 'volumes', usage: 29, limit: 100 },
        { name: 'volumes_size', usage: 316416, limit: null },
      ],
    });
    expect(gateway().calls()).toBe(2);
  });

  it('is not asked for its quotas when they are not selected', async () => {
    await gateway().query(`{ volume(uuid: "${uuidOf.volume('db-data')}") { tenant { name } } }`);
    const tenant = (await gateway().requests()).at(-1);
    expect(tenant?.path).toBe(`/api/openstack-tenants/${genome}/?field=name&field=uuid`);
  });
});

/** Types that `node` finds, each with its table and the fields that a list shows of it. */
const TYPES: readonly { type: NodeType; table: keyof typeof dataset; name: string; foreign: string | undefined }[] = [
  { type: 'Project', table: 'projects', name: 'Genome browser', foreign: 'Forecast' },
  { type: 'Customer', table: 'customers', name: 'Institute of Biology', foreign: 'Restricted Lab' },
  { type: 'Tenant', table: 'tenants', name: 'genome-tenant', foreign: 'vault-tenant' },
  { type: 'Instance', table: 'instances', name: 'db-server', foreign: 'model-runner' },
  { type: 'ServiceSettings', table: 'service_settings', name: 'Tartu OpenStack', foreign: undefined },
  { type: 'VolumeType', table: 'volume_types', name: 'ssd', foreign: undefined },
  { type: 'AvailabilityZone', table: 'volume_availability_zones', name: 'room-2', foreign: undefined },
];

function idNamed(type: NodeType, table: keyof typeof dataset, name: string): string {
  const row = dataset[table].find((one) => one.name === name);
  if (typeof row?.uuid !== 'string') throw new Error(`there is no ${name} in ${table}`);
  return globalId(type, row.uuid);
}

const NODE = `query ($id: ID!) { node(id: $id) { __typename id
  ... on Project { uuid name url customer { name } } ... on Customer { uuid name url } ... on Tenant { uuid name url }
  ... on Instance { uuid name url } ... on ServiceSettings { uuid name url state errorMessage } ... on VolumeType { uuid name url }
  ... on AvailabilityZone { uuid name url } ... on Image { imageUuid: uuid name imageUrl: url } } }`;

describe.each(TYPES)('node of the type $type', ({ type, table, name, foreign }) => {
  it('has the object, for one call', async () => {
    const id = idNamed(type, table, name);
    const { data, errors } = await gateway().query(NODE, { variables: { id }, as: 'member1' });
    expect(errors).toBeUndefined();
    expect(at(data, 'node')).toMatchObject({ __typename: type, id, name, url: expect.stringMatching(/^http/) });
    expect(gateway().calls()).toBe(1);
  });

  it('needs no other field than its id', async () => {
    const id = idNamed(type, table, name);
    const { data, errors } = await gateway().query(`{ node(id: "${id}") { id __typename } }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ node: { id, __typename: type } });
  });

  it('is null for an object that does not exist or is not visible', async () => {
    const unknown = await gateway().query(NODE, { variables: { id: globalId(type, '0'.repeat(32)) } });
    expect(unknown.errors).toBeUndefined();
    expect(unknown.data).toEqual({ node: null });
    if (foreign === undefined) return;
    const hidden = await gateway().query(NODE, { variables: { id: idNamed(type, table, foreign) }, as: 'member1' });
    expect(hidden.errors).toBeUndefined();
    expect(hidden.data).toEqual({ node: null });
  });

  it('has an error without credentials, and when Waldur fails', async () => {
    const id = idNamed(type, table, name);
    const nobody = await gateway().query(NODE, { variables: { id }, as: null });
    expect(nobody.errors?.[0]).toMatchObject({ path: ['node'], extensions: { code: 'UNAUTHENTICATED' } });
    gateway().simulator.faults.add({ method: 'GET', status: 503 });
    const failed = await gateway().query(NODE, { variables: { id } });
    expect(failed.errors?.[0]).toMatchObject({ path: ['node'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } });
  });
});

describe('images', () => {
  const image = idNamed('Image', 'images', 'Ubuntu 24.04');

  it('are found by staff and support, as in Waldur', async () => {
    const [staff, member] = await Promise.all([
      gateway().query(NODE, { variables: { id: image } }),
      gateway().query(NODE, { variables: { id: image }, as: 'member1' }),
    ]);
    expect(at(staff.data, 'node')).toMatchObject({ __typename: 'Image', id: image, name: 'Ubuntu 24.04' });
    expect(member.data).toEqual({ node: null });
  });

  it('of which only the name is left have an id that finds nothing, without a call', async () => {
    const id = deletedImageId('Ubuntu 18.04');
    const { data, errors } = await gateway().query(NODE, { variables: { id } });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ node: null });
    expect(gateway().calls()).toBe(0);
  });
});

describe('ids', () => {
  const OBJECT = '{ id uuid __typename }';
  const VOLUME = `id uuid project ${OBJECT} customer ${OBJECT} serviceSettings ${OBJECT} tenant ${OBJECT} instance ${OBJECT} type ${OBJECT}
    availabilityZone ${OBJECT} image ${OBJECT} marketplace { offering ${OBJECT} category ${OBJECT} resource ${OBJECT} plan ${OBJECT} }`;

  /** All objects with an id and a uuid within an answer. */
  function* identified(value: JsonValue | undefined): Generator<{ [key: string]: JsonValue }> {
    if (Array.isArray(value)) for (const item of value) yield* identified(item);
    else if (typeof value === 'object' && value !== null) {
      if (typeof value.id === 'string') yield value;
      for (const item of Object.values(value)) yield* identified(item);
    }
  }

  it('within rows cost no call, differ by object and are those that node finds', async () => {
    const { data, errors } = await gateway().query(`{ volumes(first: 300) { nodes { __typename ${VOLUME} } } }`);
    expect(errors).toBeUndefined();
    expect(gateway().calls()).toBe(1);
    const byId = new Map([...identified(data)].map((object) => [String(object.id), object]));
    const distinct = new Set([...byId.values()].map(({ __typename, uuid }) => `${__typename} ${uuid}`));
    expect(distinct.size).toBe(byId.size);
    const fetched = [...byId.values()].filter(({ __typename }) => !String(__typename).startsWith('Marketplace'));
    expect(new Set(fetched.map(({ __typename }) => __typename)).size).toBe(9);
    const ids = fetched.map(({ id }) => id).slice(0, 100);
    const found = await gateway().query(`query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }`, {
      variables: { ids },
    });
    expect(found.errors).toBeUndefined();
    expect(at(found.data, 'nodes')).toEqual(fetched.slice(0, 100).map(({ id, __typename }) => ({ id, __typename })));
  });

  it('of the marketplace are not found by node', async () => {
    const { data } = await gateway().query('{ volumes(first: 1) { nodes { marketplace { resource { id } } } } }');
    const id = at(data, 'volumes', 'nodes', 0, 'marketplace', 'resource', 'id');
    expect(id).toEqual(expect.any(String));
    gateway().simulator.resetStats();
    const { data: node, errors } = await gateway().query(NODE, { variables: { id } });
    expect(errors).toBeUndefined();
    expect(node).toEqual({ node: null });
    expect(gateway().calls()).toBe(0);
  });

  it('are equal from a row, a list and node', async () => {
    const { data } = await gateway().query(
      `{ snapshot(uuid: "${uuidOf.snapshot('rw-target')}") { project { id } customer { id } sourceVolume { tenant { id } } }
         projects(filter: { name: "genome" }) { nodes { id customer { id } } } customers(filter: { name: "inst" }) { edges { node { id } } }
         tenants(filter: { name: "genome" }) { nodes { id } } }`,
    );
    expect(at(data, 'projects', 'nodes', 0, 'id')).toBe(at(data, 'snapshot', 'project', 'id'));
    expect(at(data, 'projects', 'nodes', 0, 'customer', 'id')).toBe(at(data, 'snapshot', 'customer', 'id'));
    expect(at(data, 'customers', 'edges', 0, 'node', 'id')).toBe(at(data, 'snapshot', 'customer', 'id'));
    expect(at(data, 'tenants', 'nodes', 0, 'id')).toBe(at(data, 'snapshot', 'sourceVolume', 'tenant', 'id'));
  });

  it('of many objects of one type are few calls', async () => {
    const ids = dataset.projects.map(({ uuid }) => globalId('Project', String(uuid)));
    const { data } = await gateway().query('query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Project { name } } }', {
      variables: { ids: [...ids, ...ids] },
    });
    expect(at(data, 'nodes')).toHaveLength(8);
    expect(at(data, 'nodes', 4)).toEqual(at(data, 'nodes', 0));
    expect(gateway().calls()).toBeLessThanOrEqual(4);
  });

  it.each(['', 'x', 'UHJvamVjdDp4', globalId('Project', 'x')])(
    'that are malformed are refused without a call: %j',
    async (id) => {
      const { errors } = await gateway().query(NODE, { variables: { id } });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'id' });
      expect(gateway().calls()).toBe(0);
    },
  );
});

describe('with the recorded version of Waldur', () => {
  it('a connection to a provider that failed has its state in the newer spelling', async () => {
    const id = idNamed('ServiceSettings', 'service_settings', 'Oslo OpenStack');
    const { data } = await older().query(NODE, { variables: { id } });
    expect(at(data, 'node')).toMatchObject({ state: 'ERRED', errorMessage: 'Keystone does not answer.' });
  });
});

describe('events', () => {
  it('have the ids and the tenants of their volumes', async () => {
    const query = `subscription { volumeChanges(filter: { name: "db-data" }) { kind
      volume { id project { id customer { id } } tenant { id name quotas { name } } } } }`;
    const stream = await openEvents(`${gateway().url}/graphql`, {
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Token ${tokenOf('member1')}`,
      },
      body: JSON.stringify({ query }),
    });
    const kindOf = (data: JsonValue) => at(data, 'data', 'volumeChanges', 'kind');
    const events = await stream.until(({ data }) => kindOf(data) === 'BOOKMARK');
    stream.leave();
    const [initial] = events.filter(({ data }) => kindOf(data) === 'INITIAL');
    expect(at(initial?.data, 'data', 'volumeChanges', 'volume')).toMatchObject({
      id: globalId('Volume', uuidOf.volume('db-data')),
      project: {
        id: idNamed('Project', 'projects', 'Genome browser'),
        customer: { id: idNamed('Customer', 'customers', 'Institute of Biology') },
      },
      tenant: { id: globalId('Tenant', genome), name: 'genome-tenant' },
    });
  });
});

describe('numbers by state', () => {
  const COUNTS = `query ($snapshots: SnapshotFilter, $volumes: VolumeFilter) {
    snapshotStateCounts(filter: $snapshots) { totalCount counts { state count } }
    volumeStateCounts(filter: $volumes) { totalCount counts { state count } } }`;
  const ORDER = [
    'CREATION_SCHEDULED',
    'CREATING',
    'UPDATE_SCHEDULED',
    'UPDATING',
    'DELETION_SCHEDULED',
    'DELETING',
    'OK',
    'ERRED',
  ];

  /** What the recorded world has in each state. */
  function truth(table: 'snapshots' | 'volumes', projects: readonly string[], states?: readonly string[]) {
    const found = dataset[table]
      .filter(({ project_uuid }) => projects.includes(String(project_uuid)))
      .map(({ state }) => String(state).toUpperCase().replaceAll(' ', '_'))
      .filter((state) => states === undefined || states.includes(state));
    const counts = ORDER.map((state) => ({ state, count: found.filter((one) => one === state).length }));
    return { totalCount: found.length, counts: counts.filter(({ count }) => count > 0) };
  }
  const everything = dataset.projects.map(({ uuid }) => String(uuid));
  const [genomeProject, forecast] = [uuidOf.project('Genome browser'), uuidOf.project('Forecast')];

  it.each([
    { as: 'staff', projects: everything },
    { as: 'support', projects: everything },
    { as: 'member1', projects: [genomeProject] },
    { as: 'multi', projects: [genomeProject, forecast] },
    { as: 'stranger', projects: [] },
  ])('are those that $as sees, in at most two calls for each', async ({ as, projects }) => {
    const { data, errors } = await gateway().query(COUNTS, { as });
    expect(errors).toBeUndefined();
    expect(at(data, 'snapshotStateCounts')).toEqual(truth('snapshots', projects));
    expect(at(data, 'volumeStateCounts')).toEqual(truth('volumes', projects));
    expect(gateway().calls()).toBeLessThanOrEqual(3);
  });

  it('fulfil the filter', async () => {
    const states = ['OK', 'UPDATING'];
    const variables = {
      snapshots: { projectUuid: genomeProject, state: states },
      volumes: { projectUuid: genomeProject, state: ['ERRED'] },
    };
    const { data, errors } = await gateway().query(COUNTS, { variables });
    expect(errors).toBeUndefined();
    expect(at(data, 'snapshotStateCounts')).toEqual(truth('snapshots', [genomeProject], states));
    expect(at(data, 'volumeStateCounts')).toEqual(truth('volumes', [genomeProject], ['ERRED']));
  });

  it('of equal filters share their calls', async () => {
    const { data } = await gateway().query(
      '{ a: volumeStateCounts { totalCount } b: volumeStateCounts { totalCount } }',
    );
    expect(at(data, 'a')).toEqual(at(data, 'b'));
    expect(gateway().calls()).toBe(1);
  });

  it('of a uuid are those of one object', async () => {
    const variables = { snapshots: { uuid: uuidOf.snapshot('st-erred') }, volumes: { uuid: '0'.repeat(32) } };
    const { data } = await gateway().query(COUNTS, { variables });
    expect(at(data, 'snapshotStateCounts')).toEqual({ totalCount: 1, counts: [{ state: 'ERRED', count: 1 }] });
    expect(at(data, 'volumeStateCounts')).toEqual({ totalCount: 0, counts: [] });
  });

  it('name states to an older Waldur in its spelling', async () => {
    const states = ['UPDATE_SCHEDULED', 'DELETING'];
    const { data, errors } = await older().query(COUNTS, { variables: { snapshots: { state: states } } });
    expect(errors).toBeUndefined();
    expect(at(data, 'snapshotStateCounts')).toEqual(truth('snapshots', everything, states));
  });

  it('refuse a wrong condition without a call', async () => {
    const { errors } = await gateway().query(COUNTS, { variables: { snapshots: { tenant: 'nonsense' } } });
    expect(errors?.[0]).toMatchObject({ path: ['snapshotStateCounts'], extensions: { code: 'BAD_USER_INPUT' } });
  });
});
