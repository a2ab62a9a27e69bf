import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { at, useGateway, uuidOf } from '../support/gateway.ts';

const gateway = useGateway();
const snapshot = uuidOf.snapshot('rw-target');

const RESTORE =
  'mutation ($input: RestoreSnapshotInput!) { result: restoreSnapshot(input: $input) { volume { id uuid name state } snapshot { uuid } userErrors { code field message } } }';
const CREATE =
  'mutation ($input: CreateSnapshotInput!) { result: createSnapshot(input: $input) { snapshot { id uuid name state } userErrors { code field message } } }';

const KINDS = [
  {
    kind: 'restore',
    document: RESTORE,
    object: 'volume',
    input: { uuid: snapshot, name: ' once ' },
    path: `/api/openstack-snapshots/${snapshot}/restore/`,
    count: async (name = 'once') => {
      const { data } = await gateway().query(
        'query ($uuid: UUID!) { snapshot(uuid: $uuid) { restorations { volume { name } } } }',
        {
          variables: { uuid: snapshot },
        },
      );
      const rows = at(data, 'snapshot', 'restorations');
      return Array.isArray(rows) ? rows.filter((row) => at(row, 'volume', 'name') === name).length : -1;
    },
  },
  {
    kind: 'create',
    document: CREATE,
    object: 'snapshot',
    input: { volumeUuid: uuidOf.volume('db-data'), name: 'once', metadata: { a: 1 } },
    path: `/api/openstack-volumes/${uuidOf.volume('db-data')}/snapshot/`,
    count: async (name = 'once') => {
      const { data } = await gateway().query(
        'query ($name: String) { snapshots(filter: { nameExact: $name }) { totalCount } }',
        { variables: { name } },
      );
      return at(data, 'snapshots', 'totalCount');
    },
  },
] as const;

describe.for(KINDS)('idempotencyKey of $kind', ({ document, object, input, path, count }) => {
  let key = '';
  beforeEach(() => {
    key = randomUUID();
  });
  const send = async (over: object = {}, as = 'staff') => {
    const { data, errors } = await gateway().query(document, {
      variables: { input: { ...input, idempotencyKey: key, ...over } },
      as,
    });
    return { uuid: at(data, 'result', object, 'uuid'), userErrors: at(data, 'result', 'userErrors'), errors };
  };

  it('makes one object of repeated and of concurrent mutations, and shows it as it is now', async () => {
    const answers = await Promise.all([send(), send(), send()]);
    const later = await send();
    expect(new Set([...answers, later].map(({ uuid }) => uuid)).size).toBe(1);
    expect(later).toMatchObject({ uuid: expect.stringMatching(/^[0-9a-f]{32}$/), userErrors: [], errors: undefined });
    expect(await count()).toBe(1);
  });

  it('is a new mutation with another key and without one', async () => {
    const uuids = [await send(), await send({ idempotencyKey: 'two' }), await send({ idempotencyKey: null })];
    expect(new Set(uuids.map(({ uuid }) => uuid)).size).toBe(3);
    expect(await count()).toBe(3);
  });

  it('belongs to the caller', async () => {
    const [mine, theirs] = [await send(), await send({}, 'admin1')];
    expect(theirs.uuid).not.toBe(mine.uuid);
  });

  it.for([
    [
      'another input',
      { name: 'other' },
      'This idempotencyKey was used with another input. Use a new key for another object.',
    ],
    ['an empty key', { idempotencyKey: '' }, 'The idempotencyKey must have 1 to 100 characters, not 0.'],
    ['a long key', { idempotencyKey: 'x'.repeat(101) }, 'The idempotencyKey must have 1 to 100 characters, not 101.'],
  ] as const)('refuses %s without a call', async ([, over, message]) => {
    await send();
    gateway().simulator.resetStats();
    const { userErrors, errors } = await send(over);
    expect(errors).toBeUndefined();
    expect(userErrors).toEqual([{ code: 'VALIDATION', field: 'idempotencyKey', message }]);
    expect(gateway().calls()).toBe(0);
  });

  it.for([
    ['the connection is reset after Waldur did it', { reset: true }],
    ['the answer is broken off', { truncateAt: 10 }],
  ] as const)('finds what was made when %s', async ([, fault]) => {
    gateway().simulator.faults.add({ method: 'POST', path, times: 1, ...fault });
    const lost = await send();
    expect(lost.errors?.[0]?.extensions.code).toBe('UPSTREAM_OUTCOME_UNKNOWN');
    const again = await send();
    expect(again).toMatchObject({ uuid: expect.stringMatching(/^[0-9a-f]{32}$/), userErrors: [], errors: undefined });
    expect(await count()).toBe(1);
  });

  it.for([
    ['\u0085once\u001f', 'once'],
    ['\ufeffonce', '\ufeffonce'],
    ['once\u3000', 'once'],
  ] as const)('finds what was made with the name %j, which Waldur trims in its own way', async ([name, stored]) => {
    gateway().simulator.faults.add({ method: 'POST', path, times: 1, reset: true });
    expect((await send({ name })).errors?.[0]?.extensions.code).toBe('UPSTREAM_OUTCOME_UNKNOWN');
    expect(await send({ name })).toMatchObject({ uuid: expect.any(String), userErrors: [], errors: undefined });
    expect(await count(stored)).toBe(1);
  });

  it.for([
    ['was unreachable', { status: 503, body: '' }],
    ['failed', { status: 500, body: '' }],
  ] as const)('sends again when Waldur %s and made nothing', async ([, fault]) => {
    gateway().simulator.faults.add({ method: 'POST', path, times: 1, ...fault });
    expect((await send()).errors).toHaveLength(1);
    expect(await send()).toMatchObject({ userErrors: [], errors: undefined });
    expect(await count()).toBe(1);
  });

  it('sends nothing again while Waldur may still be working on it', async () => {
    gateway().simulator.faults.add({ method: 'POST', path, times: 1, status: 504, body: '' });
    expect((await send()).errors).toHaveLength(1);
    const again = await send();
    expect(again.errors?.[0]?.extensions).toMatchObject({
      code: 'UPSTREAM_OUTCOME_UNKNOWN',
      retryAfterSeconds: expect.any(Number),
    });
    expect(await count()).toBe(0);
  });
});
