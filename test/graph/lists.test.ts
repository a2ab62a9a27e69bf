import { describe, expect, it } from 'vitest';
import { at, type JsonValue, useGateway, uuidOf } from '../support/gateway.ts';

const gateway = useGateway();
const genome = uuidOf.project('Genome browser');
const proteomics = uuidOf.project('Proteomics <beta>');

const page = async (
  args: string,
  fields = 'nodes { uuid name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount',
) => {
  const { data, errors } = await gateway().query(`{ snapshots(${args}) { ${fields} } }`);
  return { list: at(data, 'snapshots'), errors };
};
const names = (list: JsonValue | undefined) => {
  const nodes = at(list, 'nodes');
  return Array.isArray(nodes) ? nodes.map((node) => at(node, 'name')) : [];
};

describe('windows', () => {
  it('the default is 20 rows by name', async () => {
    const { list } = await page(`filter: {projectUuid: "${genome}"}`);
    expect(names(list)).toHaveLength(20);
    expect(at(list, 'totalCount')).toBe(356);
    expect(gateway().calls()).toBe(1);
  });

  it('first: 0 requests no rows', async () => {
    const { list } = await page(`first: 0, filter: {projectUuid: "${genome}"}`, 'nodes { uuid } totalCount');
    expect(list).toEqual({ nodes: [], totalCount: 356 });
  });

  it('last: 0 is at the end of the list, like last: 1', async () => {
    for (const last of [0, 1]) {
      const { list } = await page(
        `last: ${last}, filter: {projectUuid: "${genome}"}`,
        'pageInfo { hasNextPage hasPreviousPage }',
      );
      expect(list).toEqual({ pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    }
  });

  it('totalCount alone costs one call and no rows', async () => {
    const { list } = await page(`filter: {projectUuid: "${genome}"}`, 'totalCount');
    expect(list).toEqual({ totalCount: 356 });
    expect(gateway().calls()).toBe(1);
  });

  it('every window is a slice of the whole list, forwards and backwards', async () => {
    const filter = `filter: {projectUuid: "${genome}"}`;
    const whole = names((await page(`${filter}, first: 1000`, 'nodes { name }')).list);
    expect(whole).toHaveLength(356);
    for (const [offset, first] of [
      [0, 10],
      [3, 7],
      [37, 50],
      [299, 2],
      [300, 56],
      [350, 20],
      [350, 6],
    ] as const) {
      const { list } = await page(`${filter}, offset: ${offset}, first: ${first}`);
      expect(names(list)).toEqual(whole.slice(offset, offset + first));
      expect(at(list, 'pageInfo', 'hasNextPage')).toBe(offset + first < 356);
      expect(at(list, 'pageInfo', 'hasPreviousPage')).toBe(offset > 0);
    }
    const { list } = await page(`${filter}, last: 9`);
    expect(names(list)).toEqual(whole.slice(-9));
  });

  it('a walk by cursors sees every row once, in both directions', async () => {
    const filter = `filter: {projectUuid: "${proteomics}"}`;
    const seen: unknown[] = [];
    let after = '';
    for (let more = true; more; ) {
      const { list } = await page(`${filter}, first: 4${after}`);
      seen.push(...names(list));
      after = `, after: "${at(list, 'pageInfo', 'endCursor')}"`;
      more = at(list, 'pageInfo', 'hasNextPage') === true;
    }
    expect(seen).toHaveLength(14);
    const back: unknown[] = [];
    let before = '';
    for (let more = true; more; ) {
      const { list } = await page(`${filter}, last: 4${before}`);
      back.unshift(...names(list));
      before = `, before: "${at(list, 'pageInfo', 'startCursor')}"`;
      more = at(list, 'pageInfo', 'hasPreviousPage') === true;
    }
    expect(back).toEqual(seen);
  });

  it('beyond the end there are no rows, and the total is still returned', async () => {
    const { list, errors } = await page(`filter: {projectUuid: "${proteomics}"}, offset: 5000, first: 10`);
    expect(errors).toBeUndefined();
    expect(list).toEqual({
      nodes: [],
      totalCount: 14,
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  it('a window of 1,000 rows takes the fewest REST pages', async () => {
    await page('first: 1000', 'nodes { uuid }');
    expect(gateway().calls()).toBe(2);
  });

  it('an aligned and an odd window each cost one call', async () => {
    await page('offset: 33, first: 20', 'nodes { uuid }');
    expect(gateway().calls()).toBe(1);
  });
});

describe('order', () => {
  it('several keys at once, stable by creation', async () => {
    const { data } = await gateway().query(
      `{ snapshots(first: 1000, orderBy: [{field: STATE, direction: DESC}, {field: SIZE}], filter: {projectUuid: "${genome}"}) { nodes { state size created } } }`,
    );
    const rows = at(data, 'snapshots', 'nodes');
    if (!Array.isArray(rows)) throw new Error('no rows');
    const rank = [
      'UPDATE_SCHEDULED',
      'UPDATING',
      'OK',
      'ERRED',
      'CREATION_SCHEDULED',
      'CREATING',
      'DELETION_SCHEDULED',
      'DELETING',
    ];
    const keys = rows.map(
      (row) => [-rank.indexOf(String(at(row, 'state'))), Number(at(row, 'size')), String(at(row, 'created'))] as const,
    );
    const sorted = [...keys].sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1));
    expect(keys).toEqual(sorted);
  });

  it.each([
    'NAME',
    'STATE',
    'CUSTOMER_NAME',
    'CUSTOMER_NATIVE_NAME',
    'CUSTOMER_ABBREVIATION',
    'PROJECT_NAME',
    'SERVICE_NAME',
    'CREATED',
    'SOURCE_VOLUME_NAME',
    'SIZE',
  ])('snapshots by %s', async (field) => {
    const { errors } = await page(`first: 3, orderBy: [{field: ${field}, direction: DESC}]`);
    expect(errors).toBeUndefined();
  });

  it.each(['NAME', 'INSTANCE_NAME', 'SIZE', 'CREATED'])('volumes by %s', async (field) => {
    const { errors } = await gateway().query(`{ volumes(first: 3, orderBy: [{field: ${field}}]) { nodes { uuid } } }`);
    expect(errors).toBeUndefined();
  });
});

describe('filters', () => {
  const target = uuidOf.snapshot('rw-target');

  it.each([
    ['name: "BULK-00"', 9],
    ['nameExact: "CaSe Test"', 1],
    ['state: [ERRED], name: "bulk"', 12],
    ['state: [ERRED, UPDATING, CREATING], name: "st-"', 6],
    ['state: []', 385],
    [`uuid: "${target}"`, 1],
    [`uuid: "${target}", state: [ERRED]`, 0],
    [`uuid: "${target}", name: "rw"`, 1],
    [`sourceVolumeUuid: "${uuidOf.volume('prot-a')}"`, 6],
    [`sourceVolume: "https://elsewhere.example/api/openstack-volumes/${uuidOf.volume('prot-a')}/"`, 6],
    [`tenant: "/api/openstack-tenants/${uuidOf.tenant('vault-tenant')}/"`, 2],
    ['externalIp: "10.0.0.1"', 0],
    ['runtimeState: "backing-up"', 1],
    ['description: ""', 385],
    ['canManage: false', 385],
  ])('%s finds %i', async (filter, count) => {
    const { list, errors } = await page(`filter: {${filter}}`, 'totalCount');
    expect(errors).toBeUndefined();
    expect(list).toEqual({ totalCount: count });
  });

  it('aliases with the same filter share the total, which comes with a list', async () => {
    const { data } = await gateway().query(`{
      a: snapshots(filter: {projectUuid: "${genome}"}) { totalCount }
      b: snapshots(filter: {projectUuid: "${genome}"}, orderBy: [{field: SIZE}]) { totalCount }
      c: snapshots(filter: {projectUuid: "${genome}"}, first: 2) { nodes { uuid } }
    }`);
    expect(at(data, 'a')).toEqual(at(data, 'b'));
    expect(gateway().calls()).toBe(1);
  });

  it('snapshots of a volume are a list of their own', async () => {
    const { data } = await gateway().query(`{ volume(uuid: "${uuidOf.volume('prot-a')}") {
      snapshots(first: 2, orderBy: [{field: NAME, direction: DESC}]) { totalCount nodes { name sourceVolume { name } } }
      none: snapshots(filter: {sourceVolumeUuid: "${uuidOf.volume('prot-b')}"}) { totalCount nodes { name } }
    } }`);
    expect(at(data, 'volume', 'snapshots', 'totalCount')).toBe(6);
    expect(at(data, 'volume', 'snapshots', 'nodes', 0, 'sourceVolume')).toEqual({ name: 'prot-a' });
    expect(at(data, 'volume', 'none')).toEqual({ totalCount: 0, nodes: [] });
  });
});

describe('bad input is refused without upstream calls', () => {
  it.each([
    ['first: -1', 'first'],
    ['first: 1001', 'first'],
    ['first: 1000000000', 'first'],
    ['last: -1', 'last'],
    ['first: 1, last: 1', 'last'],
    ['offset: -1', 'offset'],
    ['offset: 1, after: "x"', 'offset'],
    ['after: "nonsense"', 'after'],
    ['before: "bm9uc2Vuc2U"', 'before'],
    ['orderBy: [{field: NAME}, {field: NAME, direction: DESC}]', 'orderBy'],
    ['filter: {tenant: "not an address"}', 'filter.tenant'],
    ['filter: {tenant: "/api/openstack-volumes/6f1c2a5be0a94d0db3b7a1c7c05d1e42/"}', 'filter.tenant'],
    ['filter: {backup: "http://[::1"}', 'filter.backup'],
    ['filter: {name: "a\\u0000b"}', 'filter.name'],
  ])('%s', async (args, argument) => {
    const { list, errors } = await page(args, '__typename');
    expect(list).toBeNull();
    expect(errors).toMatchObject([{ path: ['snapshots'], extensions: { code: 'BAD_USER_INPUT', argument } }]);
    expect(gateway().calls()).toBe(0);
  });

  it('a cursor of another list', async () => {
    const { list } = await page('first: 1');
    gateway().simulator.resetStats();
    const cursor = String(at(list, 'pageInfo', 'endCursor'));
    const { errors } = await page(`first: 1, after: "${cursor}", filter: {name: "x"}`);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }]);
    expect(gateway().calls()).toBe(0);
  });
});
