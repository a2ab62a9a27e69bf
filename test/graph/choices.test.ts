import { describe, expect, it } from 'vitest';
import { at, dataset, type JsonValue, useGateway, uuidOf } from '../support/gateway.ts';

/** Lists to choose from: projects, customers, tenants and instances. */

const gateway = useGateway();

const uuidIn = (table: 'customers' | 'instances', name: string): string => {
  const row = dataset[table].find((one) => one.name === name);
  if (typeof row?.uuid !== 'string') throw new Error(`there is no ${name} in ${table}`);
  return row.uuid;
};
const names = (list: JsonValue | undefined): JsonValue[] => {
  const nodes = at(list, 'nodes');
  if (!Array.isArray(nodes)) throw new Error('there are no nodes');
  return nodes.map((node) => at(node, 'name') ?? null);
};

const ALL = {
  projects: ['Forecast', 'Genome browser', 'Proteomics <beta>', 'Vault'],
  customers: ['Institute of Biology', 'Norwegian Weather & Sea', 'Restricted Lab'],
  tenants: ['forecast-tenant', 'genome-tenant', 'proteomics-tenant', 'vault-tenant'],
  instances: ['broken-server', 'db-server', 'model-runner', 'web-server'],
};
const GENOME = ['broken-server', 'db-server', 'web-server'];
const NOTHING = { projects: [], customers: [], tenants: [], instances: [] };
const BIOLOGY = ['Institute of Biology'];

/** What each user sees, as recorded. */
const SEEN: Readonly<Record<string, Readonly<Record<keyof typeof ALL, readonly string[]>>>> = {
  staff: ALL,
  support: ALL,
  owner1: {
    projects: ['Genome browser', 'Proteomics <beta>'],
    customers: BIOLOGY,
    tenants: ['genome-tenant', 'proteomics-tenant'],
    instances: GENOME,
  },
  member1: { projects: ['Genome browser'], customers: BIOLOGY, tenants: ['genome-tenant'], instances: GENOME },
  admin2: { projects: ['Proteomics <beta>'], customers: BIOLOGY, tenants: ['proteomics-tenant'], instances: [] },
  multi: {
    projects: ['Forecast', 'Genome browser'],
    customers: ['Institute of Biology', 'Norwegian Weather & Sea'],
    tenants: ['forecast-tenant', 'genome-tenant'],
    instances: ALL.instances,
  },
  owner3: NOTHING,
  stranger: NOTHING,
};

/** Each filter with what it leaves of everything. */
const FILTERS: readonly { list: keyof typeof ALL; args: string; left: readonly string[] }[] = [
  { list: 'projects', args: 'filter: { name: "BRO" }', left: ['Genome browser'] },
  { list: 'projects', args: 'filter: { name: "<beta>" }', left: ['Proteomics <beta>'] },
  { list: 'projects', args: 'filter: { name: "no such" }', left: [] },
  { list: 'projects', args: 'filter: { name: null, customerUuid: null }', left: ALL.projects },
  { list: 'projects', args: 'filter: { name: "" }', left: ALL.projects },
  {
    list: 'projects',
    args: `filter: { customerUuid: "${uuidIn('customers', 'Institute of Biology')}" }`,
    left: ['Genome browser', 'Proteomics <beta>'],
  },
  {
    list: 'projects',
    args: `filter: { name: "r", customerUuid: "${uuidIn('customers', 'Norwegian Weather & Sea')}" }`,
    left: ['Forecast'],
  },
  { list: 'projects', args: 'filter: { customerUuid: "00000000-0000-4000-8000-000000000000" }', left: [] },
  { list: 'customers', args: 'filter: { name: "LAB" }', left: ['Restricted Lab'] },
  { list: 'customers', args: 'filter: { name: "& Sea" }', left: ['Norwegian Weather & Sea'] },
  { list: 'tenants', args: 'filter: { name: "EOM" }', left: ['proteomics-tenant'] },
  {
    list: 'tenants',
    args: `filter: { projectUuid: "${uuidOf.project('Genome browser')}" }`,
    left: ['genome-tenant'],
  },
  { list: 'instances', args: 'filter: { name: "SERVER" }', left: GENOME },
  {
    list: 'instances',
    args: `filter: { projectUuid: "${uuidOf.project('Forecast')}" }`,
    left: ['model-runner'],
  },
  { list: 'instances', args: `filter: { tenantUuid: "${uuidOf.tenant('genome-tenant')}" }`, left: GENOME },
  { list: 'instances', args: `attachableTo: "${uuidOf.volume('db-data')}"`, left: GENOME },
  {
    list: 'instances',
    args: `attachableTo: "${uuidOf.volume('db-data')}", filter: { name: "db" }`,
    left: ['db-server'],
  },
  { list: 'instances', args: 'attachableTo: "00000000000040008000000000000000"', left: [] },
  { list: 'instances', args: 'attachableTo: null', left: ALL.instances },
];

describe.each(Object.keys(SEEN))('as %s', (as) => {
  it('each list has what the caller sees, by name', async () => {
    const { data, errors } = await gateway().query(
      '{ projects { ...P } customers { totalCount nodes { name } } tenants { totalCount nodes { name } } instances { totalCount nodes { name } } } fragment P on ProjectConnection { totalCount nodes { name } }',
      { as },
    );
    expect(errors).toBeUndefined();
    for (const [list, seen] of Object.entries(SEEN[as] ?? {})) {
      expect(names(at(data, list)), list).toEqual(seen);
      expect(at(data, list, 'totalCount'), list).toBe(seen.length);
    }
    expect(gateway().calls()).toBe(4);
  });

  it('each filter leaves what fulfils it of that', async () => {
    const aliases = FILTERS.map(({ list, args }, i) => `a${i}: ${list}(${args}) { totalCount nodes { name } }`);
    const { data, errors } = await gateway().query(`{ ${aliases.join(' ')} }`, { as });
    expect(errors).toBeUndefined();
    FILTERS.forEach(({ list, args, left }, i) => {
      const seen = SEEN[as]?.[list] ?? [];
      expect(names(at(data, `a${i}`)), args).toEqual(left.filter((name) => seen.includes(name)));
    });
  });
});

describe('pages', () => {
  it.each(Object.entries(ALL))('of %s are walked by cursors in both directions', async (list, all) => {
    const PAGE =
      'nodes { name } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
    const walk = async (args: (cursor: string) => string, more: string, next: string) => {
      const pages: JsonValue[][] = [];
      for (let cursor = ''; ; ) {
        const { data, errors } = await gateway().query(`{ ${list}(${args(cursor)}) { ${PAGE} } }`);
        expect(errors).toBeUndefined();
        pages.push(names(at(data, list)));
        if (at(data, list, 'pageInfo', more) !== true) return pages;
        cursor = String(at(data, list, 'pageInfo', next));
      }
    };
    const forwards = await walk((at) => `first: 2${at && `, after: "${at}"`}`, 'hasNextPage', 'endCursor');
    expect(forwards).toEqual([all.slice(0, 2), all.slice(2)]);
    const backwards = await walk((at) => `last: 3${at && `, before: "${at}"`}`, 'hasPreviousPage', 'startCursor');
    expect(backwards.toReversed().flat()).toEqual(all);
    const { data } = await gateway().query(`{ ${list}(offset: 1, first: 2) { nodes { name } } }`);
    expect(names(at(data, list))).toEqual(all.slice(1, 3));
  });

  it('have a total for one call without rows', async () => {
    const { data } = await gateway().query(
      '{ tenants { totalCount } none: tenants(first: 0) { totalCount nodes { uuid } } }',
    );
    expect(data).toEqual({ tenants: { totalCount: 4 }, none: { totalCount: 4, nodes: [] } });
    expect(gateway().calls()).toBe(1);
  });

  it('refuse wrong arguments without a call', async () => {
    const cursor = at(
      (await gateway().query('{ projects { pageInfo { endCursor } } }')).data,
      'projects',
      'pageInfo',
      'endCursor',
    );
    gateway().simulator.resetStats();
    for (const args of [
      'first: 1001',
      'first: 1, last: 1',
      'offset: 1, after: "x"',
      `after: ${JSON.stringify(cursor)}, filter: { name: "x" }`,
      `filter: { name: "${'x'.repeat(2001)}" }`,
    ]) {
      const { errors } = await gateway().query(`{ projects(${args}) { nodes { uuid } } }`);
      expect(errors?.[0]?.extensions.code, args).toBe('BAD_USER_INPUT');
    }
    const other = await gateway().query(`{ customers(after: ${JSON.stringify(cursor)}) { nodes { uuid } } }`);
    expect(other.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(gateway().calls()).toBe(0);
  });
});

describe('rows', () => {
  it('have the columns of the objects', async () => {
    const { data, errors } = await gateway().query(
      '{ projects(filter: { name: "genome" }) { nodes { id uuid name url customer { id uuid name nativeName abbreviation url } } } customers(filter: { name: "inst" }) { nodes { id uuid name nativeName abbreviation url } } instances(filter: { name: "db" }) { nodes { id uuid name url marketplaceUuid } } }',
    );
    expect(errors).toBeUndefined();
    const customer = at(data, 'customers', 'nodes', 0);
    expect(customer).toEqual({
      id: expect.any(String),
      uuid: uuidIn('customers', 'Institute of Biology'),
      name: 'Institute of Biology',
      nativeName: 'Bioloogia instituut',
      abbreviation: 'IB',
      url: expect.stringContaining('/api/customers/'),
    });
    expect(at(data, 'projects', 'nodes', 0, 'customer')).toEqual(customer);
    expect(at(data, 'instances', 'nodes', 0)).toMatchObject({
      uuid: uuidIn('instances', 'db-server'),
      marketplaceUuid: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(gateway().calls()).toBe(3);
  });

  it('ask for no quotas unless they are selected', async () => {
    await gateway().query('{ tenants { nodes { id name } } }');
    expect((await gateway().requests()).at(-1)?.path).toBe(
      '/api/openstack-tenants/?o=name,created&page_size=20&field=name&field=uuid',
    );
    await gateway().query('{ tenants { nodes { quotas { name } } } }');
    expect((await gateway().requests()).at(-1)?.path).toContain('field=quotas');
  });
});

describe('limits', () => {
  it('count the rows of each list, and the pages of each count by state', async () => {
    const cost = async (document: string) =>
      at((await gateway().query(document, { headers: { 'x-explain': 'cost' } })).extensions, 'cost', 'rows');
    expect(await cost('{ projects(first: 1000) { nodes { customer { name } } } }')).toBe(1000);
    expect(await cost('{ tenants(first: 50) { totalCount nodes { quotas { name } } } }')).toBe(51);
    expect(await cost('{ volumes(first: 50) { nodes { tenant { name } } } }')).toBe(100);
    expect(await cost('{ snapshotStateCounts { totalCount } }')).toBe(600);
  });

  it('refuse more than Waldur should be asked for', async () => {
    const lists = Array.from(
      { length: 30 },
      (_, i) => `a${i}: tenants(first: 1000, offset: ${i}) { edges { node { id } } nodes { id } }`,
    );
    const { errors } = await gateway().query(
      `{ ${lists.join(' ')} volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { id } } } } }`,
    );
    expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
    expect(gateway().calls()).toBe(0);
  });
});

describe('an upstream that fails', () => {
  it('in one row makes that row null', async () => {
    gateway().simulator.faults.add({
      path: '/api/projects/',
      times: 1,
      status: 200,
      body: JSON.stringify([{ uuid: '1'.repeat(32), name: 'good' }, 7]),
      headers: { 'content-type': 'application/json', 'x-result-count': '2' },
    });
    const { data, errors } = await gateway().query('{ projects { totalCount nodes { uuid name } } }');
    expect(at(data, 'projects')).toEqual({ totalCount: 2, nodes: [{ uuid: '1'.repeat(32), name: 'good' }, null] });
    expect(errors).toMatchObject([{ path: ['projects', 'nodes', 1], extensions: { code: 'UPSTREAM_ERROR' } }]);
  });

  it('makes the list null with an error at its path', async () => {
    const { data, errors } = await gateway().query(
      '{ projects { nodes { uuid } } snapshots(first: 1) { totalCount } }',
      {
        as: null,
      },
    );
    expect(at(data, 'projects')).toBeNull();
    expect(errors?.map(({ path, extensions }) => [path?.[0], extensions.code])).toContainEqual([
      'projects',
      'UNAUTHENTICATED',
    ]);
  });
});
