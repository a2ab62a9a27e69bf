import { beforeEach, describe, expect, it } from 'vitest';
import { at, useGateway, uuidOf } from '../support/gateway.ts';

/** An upstream that is away for a while, loses answers, or takes permission back. */

/** Time of the gateway, moved by hand: breakers and budgets wait for nothing here. */
let time = 1_760_000_000_000;
const now = () => time;
const gateway = useGateway({ upstreamAttemptTimeoutMs: 800 }, { now });
const SNAPSHOTS = '/api/openstack-snapshots/';
const target = uuidOf.snapshot('rw-target');
beforeEach(() => {
  time += 3_600_000;
});

const codesOf = (errors: readonly { extensions: Record<string, unknown> }[] | undefined) =>
  errors?.map(({ extensions }) => extensions.code);

describe('case 24: when all calls are 503, retries are few, the breaker opens, then probes', () => {
  /** Each asks for something else, so that none is saved by another. */
  const ask = (i: number) => gateway().query(`{ volumes(filter: { name: "v${i}" }) { totalCount } }`);
  const calls = async (first: number, count: number): Promise<number> => {
    const before = gateway().calls();
    for (let i = first; i < first + count; i += 1) {
      expect(codesOf((await ask(i)).errors)).toEqual(['UPSTREAM_UNAVAILABLE']);
    }
    return gateway().calls() - before;
  };

  it('all calls fail: no more are sent, except for a probe every two seconds; the breaker closes when one succeeds', async () => {
    gateway().simulator.faults.add({ status: 503 });
    // Twenty calls are what it takes, the ten retries that are always there among them.
    expect(await calls(0, 100)).toBeLessThanOrEqual(20);
    expect(await calls(100, 50)).toBe(0);
    time += 2_000;
    expect(await calls(150, 50)).toBe(1);
    time += 1_999;
    expect(await calls(200, 10)).toBe(0);
    time += 1;
    gateway().simulator.faults.clear();
    for (let i = 300; i < 320; i += 1) expect((await ask(i)).errors).toBeUndefined();
  });

  it('only one of many concurrent calls is the probe', async () => {
    gateway().simulator.faults.add({ status: 503 });
    await calls(0, 30);
    time += 2_000;
    gateway().simulator.faults.clear();
    gateway().simulator.faults.add({ latencyMs: 60_000 });
    const before = gateway().calls();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => ask(400 + i)));
    expect(gateway().calls() - before).toBe(1);
    const codes = answers.flatMap(({ errors }) => codesOf(errors) ?? []).sort();
    expect(codes).toEqual(['UPSTREAM_TIMEOUT', ...new Array(9).fill('UPSTREAM_UNAVAILABLE')]);
  });

  it('a third of calls fail for minutes: retries stay within a tenth of the traffic', async () => {
    gateway().simulator.faults.add({ status: 503, probability: 0.33 });
    const QUERIES = 500;
    for (let i = 0; i < QUERIES; i += 1) {
      time += 40;
      await ask(i);
    }
    const retries = gateway().calls() - QUERIES;
    // Counted over ten seconds, 250 queries; a little more for what lies at the edges.
    expect(retries).toBeGreaterThan(0);
    expect(retries).toBeLessThanOrEqual(QUERIES * 0.1 * 1.2);
  });
});

describe('case 72: the breaker opens for an outage, not for the slow lists of a few callers', () => {
  const SLOW_CALLERS = ['owner1', 'manager1', 'admin1', 'member1', 'admin2', 'multi'];
  const slowLists = () =>
    Promise.all(
      SLOW_CALLERS.flatMap((as) =>
        Array.from({ length: 4 }, async (_, i) => {
          const { errors } = await gateway().query(`{ volumes(filter: { name: "s${i}" }) { totalCount } }`, { as });
          return codesOf(errors)?.[0];
        }),
      ),
    );
  const others = () => gateway().query('{ snapshots(first: 1) { nodes { uuid } } }', { as: 'owner2' });

  it.each([
    ['time out', { latencyMs: 60_000 }],
    ['time out in a proxy', { status: 504 }],
  ])('24 lists of six callers that %s', async (_, fault) => {
    gateway().simulator.faults.add({ path: '/api/openstack-volumes/', ...fault });
    const codes = new Set(await slowLists());
    expect([...codes].filter((code) => code !== 'UPSTREAM_TIMEOUT' && code !== 'UPSTREAM_UNAVAILABLE')).toEqual([]);
    expect((await others()).errors).toBeUndefined();
    gateway().simulator.resetStats();
    await slowLists();
    // The calls of the slow callers are sent, too.
    expect(gateway().calls()).toBeGreaterThanOrEqual(24);
    expect((await others()).errors).toBeUndefined();
  });

  it.each([
    ['cannot be reached', { reset: true }],
    ['answers 502', { status: 502 }],
  ])('an upstream that %s opens it with the calls of one caller', async (_, fault) => {
    gateway().simulator.faults.add(fault);
    for (let i = 0; i < 30; i += 1) expect((await others()).errors).toHaveLength(1);
    expect(gateway().calls()).toBeLessThanOrEqual(20);
    gateway().simulator.resetStats();
    expect(codesOf((await others()).errors)).toEqual(['UPSTREAM_UNAVAILABLE']);
    expect(gateway().calls()).toBe(0);
    gateway().simulator.faults.clear();
    time += 2_000;
    expect((await others()).errors).toBeUndefined();
  });
});

describe('case 25: a change whose answer is lost is never sent again, and it is told what is seen now', () => {
  const instance = uuidOf.instance('db-server');
  const CHANGES: readonly [name: string, document: string, route: string, seen: RegExp][] = [
    [
      'restoreSnapshot',
      `restoreSnapshot(input: { uuid: "${target}", name: "again" }) { volume { uuid } }`,
      `POST ${SNAPSHOTS}{uuid}/restore/`,
      /newest volume named "again" is [0-9a-f]{32}, created .*Z, in state CREATION_SCHEDULED/,
    ],
    [
      'pullSnapshot',
      `pullSnapshot(input: { uuid: "${target}" }) { snapshot { uuid } }`,
      `POST ${SNAPSHOTS}{uuid}/pull/`,
      /UPDATE_SCHEDULED/,
    ],
    [
      'updateSnapshot',
      `updateSnapshot(input: { uuid: "${target}", name: "new" }) { snapshot { uuid } }`,
      `PATCH ${SNAPSHOTS}{uuid}/`,
      /UPDATE_SCHEDULED/,
    ],
    [
      'replaceSnapshot',
      `replaceSnapshot(input: { uuid: "${target}", name: "new" }) { snapshot { uuid } }`,
      `PUT ${SNAPSHOTS}{uuid}/`,
      /UPDATE_SCHEDULED/,
    ],
    [
      'deleteSnapshot',
      `deleteSnapshot(input: { uuid: "${target}" }) { scheduled }`,
      `DELETE ${SNAPSHOTS}{uuid}/`,
      /DELETION_SCHEDULED/,
    ],
    [
      'unlinkSnapshot',
      `unlinkSnapshot(input: { uuid: "${target}" }) { unlinkedUuid }`,
      `POST ${SNAPSHOTS}{uuid}/unlink/`,
      /does not exist now/,
    ],
    [
      'createSnapshot',
      `createSnapshot(input: { volumeUuid: "${uuidOf.volume('db-data')}", name: "lost" }) { snapshot { uuid } }`,
      'POST /api/openstack-volumes/{uuid}/snapshot/',
      /newest snapshot named "lost" is [0-9a-f]{32}, created .*Z, in state CREATION_SCHEDULED/,
    ],
    [
      'attachVolume',
      `attachVolume(input: { uuid: "${uuidOf.volume('scratch')}", instanceUuid: "${instance}" }) { scheduled }`,
      'POST /api/openstack-volumes/{uuid}/attach/',
      /volume is now in state UPDATE_SCHEDULED/,
    ],
    [
      'detachVolume',
      `detachVolume(input: { uuid: "${uuidOf.volume('db-data')}" }) { scheduled }`,
      'POST /api/openstack-volumes/{uuid}/detach/',
      /volume is now in state UPDATE_SCHEDULED/,
    ],
    [
      'extendVolume',
      `extendVolume(input: { uuid: "${uuidOf.volume('scratch')}", size: 4096 }) { scheduled }`,
      'POST /api/openstack-volumes/{uuid}/extend/',
      /volume is now in state UPDATE_SCHEDULED/,
    ],
  ];
  const LOSSES = [
    ['reset before the answer', { reset: true }],
    ['broken off in the answer', { truncateAt: 0 }],
  ] as const;

  const ROWS = CHANGES.flatMap((change) => LOSSES.map(([how, fault]) => [how, fault, ...change] as const));
  // The answer to an unlink has no body to be broken off.
  it.each(ROWS.filter(([, fault, name]) => name !== 'unlinkSnapshot' || 'reset' in fault))(
    '%s %j: %s',
    async (_how, fault, name, document, route, seen) => {
      const method = route.split(' ')[0] ?? '';
      gateway().simulator.faults.add({ method, ...fault });
      const { data, errors } = await gateway().query(`mutation { ${document} }`);
      expect(data).toEqual({ [name]: null });
      expect(errors).toMatchObject([{ path: [name], extensions: { code: 'UPSTREAM_OUTCOME_UNKNOWN' } }]);
      expect(errors?.[0]?.message).toMatch(seen);
      const routes = Object.entries(gateway().callsByRoute());
      expect(routes.filter(([one]) => one.startsWith(method))).toEqual([[route, 1]]);
      expect(routes.some(([one]) => one.startsWith('GET '))).toBe(true);
    },
  );

  it('a response that is too late counts as lost', async () => {
    gateway().simulator.faults.add({ method: 'DELETE', latencyMs: 60_000 });
    const { errors } = await gateway().query(`mutation { deleteSnapshot(input: { uuid: "${target}" }) { scheduled } }`);
    expect(codesOf(errors)).toEqual(['UPSTREAM_OUTCOME_UNKNOWN']);
    expect(errors?.[0]?.message).toContain('DELETION_SCHEDULED');
    expect(gateway().callsByRoute()[`DELETE ${SNAPSHOTS}{uuid}/`]).toBe(1);
  });

  it('each change of a bulk is sent once, whatever happens to the others', async () => {
    const uuids = [target, uuidOf.snapshot('st-ok'), uuidOf.snapshot('st-erred')];
    gateway().simulator.faults.add({ method: 'DELETE', path: `${SNAPSHOTS}${target}/`, reset: true });
    const { data, errors } = await gateway().query(
      'mutation ($uuids: [UUID!]!) { deleteSnapshots(input: { uuids: $uuids }) { results { uuid scheduled } } }',
      { variables: { uuids } },
    );
    expect(codesOf(errors)).toEqual(['UPSTREAM_OUTCOME_UNKNOWN']);
    expect(at(data, 'deleteSnapshots', 'results', 0)).toBeNull();
    expect(at(data, 'deleteSnapshots', 'results', 1, 'scheduled')).toBe(true);
    expect(gateway().callsByRoute()[`DELETE ${SNAPSHOTS}{uuid}/`]).toBe(uuids.length);
  });

  it('a change that never reached Waldur is UPSTREAM_UNAVAILABLE, and may be sent again', async () => {
    gateway().simulator.faults.add({ method: 'DELETE', status: 503 });
    const { errors } = await gateway().query(`mutation { deleteSnapshot(input: { uuid: "${target}" }) { scheduled } }`);
    expect(codesOf(errors)).toEqual(['UPSTREAM_UNAVAILABLE']);
    expect(gateway().callsByRoute()).toEqual({ [`DELETE ${SNAPSHOTS}{uuid}/`]: 1 });
  });
});

describe('case 27: one of several nested fetches fails: an error with a path, the rest is returned', () => {
  it('a list of volumes within snapshots', async () => {
    gateway().simulator.faults.add({ path: '/api/openstack-volumes/', status: 500 });
    const { status, data, errors } = await gateway().query(
      '{ snapshots(first: 3) { totalCount nodes { uuid sourceVolume { uuid bootable } } } viewer { username } }',
    );
    expect(status).toBe(200);
    expect(at(data, 'viewer', 'username')).toBe('staff');
    expect(at(data, 'snapshots', 'nodes', 2, 'uuid')).toBeTypeOf('string');
    expect(new Set(codesOf(errors))).toEqual(new Set(['UPSTREAM_ERROR']));
    for (const { path } of errors ?? []) expect(path?.slice(0, 2)).toEqual(['snapshots', 'nodes']);
  });

  it('one object of several', async () => {
    const uuids = [target, uuidOf.snapshot('st-ok')];
    gateway().simulator.faults.add({ path: `${SNAPSHOTS}${uuids[1]}/`, status: 500 });
    const { data, errors } = await gateway().query(
      'query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { name } }',
      {
        variables: { uuids },
      },
    );
    expect(at(data, 'snapshotsByUuid')).toEqual([{ name: 'rw-target' }, null]);
    expect(errors).toMatchObject([{ path: ['snapshotsByUuid', 1], extensions: { code: 'UPSTREAM_ERROR' } }]);
  });
});

describe('case 28: cached data is not used again after a 401 or 403', () => {
  const kept = useGateway({ cacheTtlMs: 60_000, cacheStaleMs: 60_000 }, { now });
  const queries = ['{ snapshots(first: 2) { nodes { uuid name } } }', `{ snapshot(uuid: "${target}") { name } }`];
  it.each([
    [401, 'UNAUTHENTICATED', queries[0] ?? ''],
    [403, 'FORBIDDEN', queries[0] ?? ''],
    [401, 'UNAUTHENTICATED', queries[1] ?? ''],
    [403, 'FORBIDDEN', queries[1] ?? ''],
  ])('%i: %s for %s', async (status, code, query) => {
    for (let i = 0; i < 3; i += 1) expect((await kept().query(query)).errors).toBeUndefined();
    expect(kept().calls()).toBe(1);
    kept().simulator.faults.add({ status });
    // Any refusal of the caller counts, here of something else that was not kept.
    expect(codesOf((await kept().query('{ volumes(first: 1) { nodes { uuid } } }')).errors)).toEqual([code]);
    const refused = await kept().query(query);
    expect(codesOf(refused.errors)).toEqual([code]);
    expect(JSON.stringify(refused.data)).not.toMatch(/"name":"|"uuid":"/);
    // Nor when Waldur then cannot be reached, which else is bridged with what was kept.
    kept().simulator.faults.clear();
    kept().simulator.faults.add({ status: 503 });
    const away = await kept().query(query);
    expect(codesOf(away.errors)).toEqual(['UPSTREAM_UNAVAILABLE']);
    expect(JSON.stringify(away.data)).not.toMatch(/"name":"|"uuid":"/);
  });
});
