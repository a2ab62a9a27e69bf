import { describe, expect, it } from 'vitest';
import { at, useGateway, uuidOf } from '../support/gateway.ts';

const target = uuidOf.snapshot('rw-target');
const NAME = `{ snapshot(uuid: "${target}") { name } }`;

/** A clock of the test's own, so that nothing waits. */
let time = 1_750_000_000_000;
const overrides = { now: () => time };
const gateway = useGateway({ cacheTtlMs: 1_000, cacheStaleMs: 5_000 }, overrides);
const pass = (ms: number): void => {
  time += ms;
};
/** Nothing of a test before is left, whatever it asked. */
const begin = (): void => pass(3_600_000);

const rename = (name: string) =>
  gateway().query('mutation ($input: UpdateSnapshotInput!) { updateSnapshot(input: $input) { snapshot { name } } }', {
    variables: { input: { uuid: target, name } },
  });

describe('cached answers', () => {
  it('serve the same caller for the configured time', async () => {
    begin();
    const first = await gateway().query(NAME);
    pass(1_000);
    expect((await gateway().query(NAME)).data).toEqual(first.data);
    expect(gateway().calls()).toBe(1);
    pass(1);
    await gateway().query(NAME);
    expect(gateway().calls()).toBe(2);
  });

  it('serve other documents that need the same data', async () => {
    begin();
    await gateway().query(NAME);
    await gateway().query(`query Other { x: snapshot(uuid: "${target}") { ... on Snapshot { title: name } } }`);
    expect(gateway().calls()).toBe(1);
  });

  it('are complete for every operation that reads them, although each releases what it has read', async () => {
    const list = (fields: string) => gateway().query(`{ snapshots(first: 20) { nodes { ${fields} } } }`);
    const documents = ['name', 'n: name', 'name n: name'];
    // Documents take the lane from the second time on.
    for (const fields of [...documents, ...documents]) {
      begin();
      await list(fields);
    }
    begin();
    gateway().simulator.resetStats();
    for (const fields of documents) expect(at((await list(fields)).data, 'snapshots', 'nodes')).toHaveLength(20);
    expect(gateway().calls()).toBe(1);
  });

  it("are invalidated by the caller's own change", async () => {
    begin();
    await gateway().query(NAME);
    await rename('changed a moment ago');
    expect(at((await gateway().query(NAME)).data, 'snapshot', 'name')).toBe('changed a moment ago');
  });

  it('are invalidated by a failed change too: it may have been made', async () => {
    begin();
    await gateway().query(NAME);
    gateway().simulator.faults.add({ method: 'PATCH', status: 500, times: 1 });
    await rename('nobody knows');
    gateway().simulator.resetStats();
    await gateway().query(NAME);
    expect(gateway().calls()).toBe(1);
  });

  it('an answer requested before a change is not cached after it', async () => {
    begin();
    gateway().simulator.faults.add({ method: 'GET', latencyMs: 150, times: 1 });
    const early = gateway().query(NAME);
    await rename('while it was read');
    await early;
    expect(at((await gateway().query(NAME)).data, 'snapshot', 'name')).toBe('while it was read');
  });

  it.each([401, 403])('are not used again after a %i', async (status) => {
    begin();
    await gateway().query(NAME);
    pass(1_001);
    gateway().simulator.faults.add({ path: '/api/openstack-snapshots/', status, times: 1 });
    expect((await gateway().query(NAME)).errors).toHaveLength(1);
    gateway().simulator.faults.add({ path: '/api/openstack-snapshots/', status: 503 });
    expect((await gateway().query(NAME)).errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('one refusal invalidates everything cached for the caller', async () => {
    begin();
    await gateway().query(NAME);
    gateway().simulator.faults.add({ path: '/api/openstack-volumes/', status: 403, times: 1 });
    await gateway().query('{ volumes { nodes { uuid } } }');
    gateway().simulator.resetStats();
    await gateway().query(NAME);
    expect(gateway().calls()).toBe(1);
  });

  it('serve while Waldur is unavailable, marked as stale and for a limited time', async () => {
    begin();
    const first = await gateway().query(NAME);
    gateway().simulator.faults.add({ status: 503 });
    pass(4_000);
    const stale = await gateway().query(NAME);
    expect(stale.errors).toBeUndefined();
    expect(stale.data).toEqual(first.data);
    expect(stale.extensions).toEqual({ stale: { ageMs: 4_000 } });
    pass(2_001);
    expect((await gateway().query(NAME)).errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('do not replace a response of Waldur, even when it is a failure', async () => {
    begin();
    await gateway().query(NAME);
    pass(2_000);
    gateway().simulator.faults.add({ status: 500, times: 1 });
    expect((await gateway().query(NAME)).errors?.[0]?.extensions.code).toBe('UPSTREAM_ERROR');
  });

  it('a page with an unreadable row is not cached', async () => {
    begin();
    const page = { body: '[{"uuid": "broken"}, 7]', headers: { 'x-result-count': '2' }, status: 200, times: 1 };
    gateway().simulator.faults.add({ path: '/api/openstack-snapshots/', ...page });
    await gateway().query('{ snapshots(first: 2) { nodes { uuid } } }');
    const { errors } = await gateway().query('{ snapshots(first: 2) { nodes { uuid } } }');
    expect(errors).toBeUndefined();
  });

  it('a page with an invalid row that was not requested is an error, and is requested again the next time', async () => {
    begin();
    const { faults } = gateway().simulator;
    const uuid = (n: number): string => n.toString(16).padStart(32, '0');
    const answerOnce = (path: string, rows: readonly string[]): void => {
      const headers = { 'content-type': 'application/json', 'x-result-count': String(rows.length) };
      faults.add({ path, times: 1, status: 200, body: `[${rows.join()}]`, headers });
    };
    const ask = (first: number) => {
      const address = (n: number): string => `https://waldur.test/api/openstack-volumes/${uuid(n)}/`;
      const rows = Array.from({ length: first }, (_, n) => ({ uuid: uuid(500 + n), source_volume: address(n) }));
      answerOnce(
        '/api/openstack-snapshots/',
        rows.map((row) => JSON.stringify(row)),
      );
      return gateway().query(`{ snapshots(first: ${first}) { nodes { sourceVolume { bootable } } } }`);
    };
    const whole = Array.from({ length: 40 }, (_, n) => JSON.stringify({ uuid: uuid(n), bootable: true }));
    const volumes = '/api/openstack-volumes/';
    answerOnce(volumes, [...whole, `{"uuid":"${uuid(99)}",broken}`]);
    const some = await ask(15);
    expect(some.errors).toHaveLength(15);
    expect(some.errors?.[14]).toMatchObject({
      path: ['snapshots', 'nodes', 14, 'sourceVolume'],
      extensions: { code: 'UPSTREAM_ERROR' },
    });
    await gateway().query(NAME);
    answerOnce(volumes, whole);
    const all = await ask(38);
    expect(all.errors).toBeUndefined();
    expect(at(all.data, 'snapshots', 'nodes', 37)).toEqual({ sourceVolume: { bootable: true } });
    // What else was kept is kept.
    const calls = gateway().calls();
    await gateway().query(NAME);
    expect(gateway().calls()).toBe(calls);
  });
});

describe('without a cache', () => {
  const plain = useGateway({ cacheTtlMs: 0 });

  it('every query calls Waldur', async () => {
    await plain().query(NAME);
    await plain().query(NAME);
    expect(plain().calls()).toBe(2);
  });

  it('identical concurrent reads are merged', async () => {
    plain().simulator.faults.add({ latencyMs: 200 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => plain().query(NAME)));
    for (const { data } of answers) expect(at(data, 'snapshot', 'name')).toBeTypeOf('string');
    expect(plain().calls()).toBe(1);
  });

  it('callers with different credentials never share an answer', async () => {
    plain().simulator.faults.add({ latencyMs: 100 });
    await Promise.all(['staff', 'owner1', 'member1'].map((as) => plain().query(NAME, { as })));
    expect(plain().calls()).toBe(3);
  });
});
