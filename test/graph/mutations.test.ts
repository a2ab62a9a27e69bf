import { describe, expect, it } from 'vitest';
import { at, useGateway, uuidOf } from '../support/gateway.ts';

const gateway = useGateway();
const target = uuidOf.snapshot('rw-target');
const erred = uuidOf.snapshot('st-erred');
const UNKNOWN = '0123456789abcdef'.repeat(2);

/** Sends one mutation; `fields` of its payload besides userErrors. */
async function mutate(name: string, input: Record<string, unknown>, fields: string, as = 'admin1') {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code field message } } }`;
  const { data, errors } = await gateway().query(document, { variables: { input }, as });
  return { payload: at(data, name), errors };
}
const userErrors = async (...args: Parameters<typeof mutate>) => at((await mutate(...args)).payload, 'userErrors');
const lastWrite = async () => (await gateway().requests()).filter(({ method }) => method !== 'GET').at(-1);

describe('effect and payload of each mutation', () => {
  it('restore: the new volume and the snapshot that now references it, in two calls', async () => {
    const { payload } = await mutate(
      'restoreSnapshot',
      { uuid: target, name: 'again', description: 'x' },
      'volume { uuid name description state sourceSnapshot { uuid } } snapshot { uuid state restorations { volume { uuid name } } }',
    );
    expect(payload).toMatchObject({
      volume: { name: 'again', description: 'x', state: 'CREATION_SCHEDULED', sourceSnapshot: { uuid: target } },
      snapshot: { uuid: target, state: 'OK' },
      userErrors: [],
    });
    expect(at(payload, 'snapshot', 'restorations', 0, 'volume', 'uuid')).toBe(at(payload, 'volume', 'uuid'));
    expect(gateway().calls()).toBe(2);
  });

  it('a payload that selects only ids costs only the write', async () => {
    await mutate('pullSnapshot', { uuid: target }, 'snapshot { id uuid }');
    expect(gateway().calls()).toBe(1);
  });

  it('pull', async () => {
    const { payload } = await mutate('pullSnapshot', { uuid: target }, 'snapshot { state action displayStatus }');
    expect(payload).toEqual({
      snapshot: { state: 'UPDATE_SCHEDULED', action: 'Pull', displayStatus: 'Pull scheduled' },
      userErrors: [],
    });
    expect(gateway().calls()).toBe(2);
  });

  it('unlink, by staff', async () => {
    const { payload } = await mutate('unlinkSnapshot', { uuid: target }, 'unlinkedId unlinkedUuid', 'staff');
    expect(payload).toMatchObject({ unlinkedUuid: target, userErrors: [] });
    const { data } = await gateway().query(`{ snapshot(uuid: "${target}") { uuid } }`);
    expect(data).toEqual({ snapshot: null });
  });

  it('update sends only the given fields', async () => {
    const { payload } = await mutate(
      'updateSnapshot',
      { uuid: target, description: '' },
      'snapshot { name description metadata keptUntil state }',
    );
    expect(payload).toEqual({
      snapshot: {
        name: 'rw-target',
        description: '',
        metadata: { k: 'v' },
        keptUntil: '2030-01-01T00:00:00Z',
        state: 'UPDATE_SCHEDULED',
      },
      userErrors: [],
    });
    expect(gateway().calls()).toBe(1);
  });

  it('update distinguishes null from absent', async () => {
    const { payload } = await mutate(
      'updateSnapshot',
      { uuid: target, keptUntil: null },
      'snapshot { name keptUntil }',
    );
    expect(payload).toEqual({ snapshot: { name: 'rw-target', keptUntil: null }, userErrors: [] });
  });

  it('replace clears absent fields', async () => {
    const { payload } = await mutate(
      'replaceSnapshot',
      { uuid: target, name: 'new' },
      'snapshot { name description metadata keptUntil }',
    );
    expect(payload).toEqual({
      snapshot: { name: 'new', description: '', metadata: {}, keptUntil: null },
      userErrors: [],
    });
  });

  it('delete', async () => {
    const { payload } = await mutate('deleteSnapshot', { uuid: target }, 'scheduled snapshot { uuid state }');
    expect(payload).toEqual({
      scheduled: true,
      snapshot: { uuid: target, state: 'DELETION_SCHEDULED' },
      userErrors: [],
    });
  });

  it('create', async () => {
    const { payload } = await mutate(
      'createSnapshot',
      {
        volumeUuid: uuidOf.volume('db-data'),
        name: ' fresh ',
        description: null,
        metadata: { a: [1] },
        keptUntil: '2031-01-01T00:00:00+02:00',
      },
      'snapshot { name description metadata keptUntil state sourceVolume { uuid name } }',
    );
    expect(payload).toEqual({
      snapshot: {
        name: 'fresh',
        description: '',
        metadata: { a: [1] },
        keptUntil: '2030-12-31T22:00:00Z',
        state: 'CREATION_SCHEDULED',
        sourceVolume: { uuid: uuidOf.volume('db-data'), name: 'db-data' },
      },
      userErrors: [],
    });
    expect(gateway().calls()).toBe(1);
  });

  it('staff marks a stuck snapshot', async () => {
    const stuck = uuidOf.snapshot('st-updating');
    const ok = await mutate('setSnapshotOk', { uuid: stuck }, 'snapshot { state }', 'staff');
    expect(ok.payload).toEqual({ snapshot: { state: 'OK' }, userErrors: [] });
    const bad = await mutate(
      'setSnapshotErred',
      { uuid: stuck, errorMessage: 'stuck' },
      'snapshot { state errorMessage }',
      'staff',
    );
    expect(bad.payload).toEqual({ snapshot: { state: 'ERRED', errorMessage: 'stuck' }, userErrors: [] });
    expect(await userErrors('setSnapshotOk', { uuid: stuck }, 'snapshot { state }')).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
  });

  it('bulk: one result for each input in its order, each object written once', async () => {
    const ok = uuidOf.snapshot('st-ok');
    const { payload, errors } = await mutateMany(
      'deleteSnapshots',
      [ok, UNKNOWN, erred, ok],
      'scheduled snapshot { state }',
    );
    expect(errors).toBeUndefined();
    expect(at(payload, 'results')).toMatchObject([
      { uuid: ok, scheduled: true, snapshot: { state: 'DELETION_SCHEDULED' }, userErrors: [] },
      { uuid: UNKNOWN, scheduled: false, snapshot: null, userErrors: [{ code: 'NOT_FOUND' }] },
      { uuid: erred, scheduled: true, userErrors: [] },
      { uuid: ok, scheduled: true, userErrors: [] },
    ]);
    expect(gateway().callsByRoute()['DELETE /api/openstack-snapshots/{uuid}/']).toBe(3);
  });

  it('bulk: an item whose call failed is null, with an error at its path', async () => {
    gateway().simulator.faults.add({
      method: 'POST',
      path: `/api/openstack-snapshots/${erred}/`,
      status: 500,
      body: 'secret',
    });
    const { payload, errors } = await mutateMany('pullSnapshots', [target, erred], 'snapshot { state }');
    expect(at(payload, 'results')).toMatchObject([{ uuid: target, snapshot: { state: 'UPDATE_SCHEDULED' } }, null]);
    expect(errors).toMatchObject([{ path: ['pullSnapshots', 'results', 1] }]);
    expect(JSON.stringify(errors)).not.toContain('secret');
  });

  it('bulk: at most 100', async () => {
    const uuids = Array.from({ length: 101 }, (_, i) => i.toString(16).padStart(32, '0'));
    const { errors } = await mutateMany('pullSnapshots', uuids, 'uuid');
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'input.uuids' } }]);
    expect(gateway().calls()).toBe(0);
  });

  async function mutateMany(name: string, uuids: string[], fields: string) {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${name}(input: $input) { results { uuid ${fields} userErrors { code } } } }`;
    const { data, errors } = await gateway().query(document, { variables: { input: { uuids } }, as: 'admin1' });
    return { payload: at(data, name), errors };
  }
});

describe('refusals of Waldur are user errors', () => {
  it.each([
    ['restoreSnapshot', { uuid: erred, name: 'x' }, 'snapshot { uuid }', 'INVALID_STATE'],
    ['updateSnapshot', { uuid: erred, name: 'x' }, 'snapshot { uuid }', 'INVALID_STATE'],
    ['replaceSnapshot', { uuid: erred, name: 'x' }, 'snapshot { uuid }', 'INVALID_STATE'],
    ['deleteSnapshot', { uuid: uuidOf.snapshot('st-creating') }, 'snapshot { uuid }', 'INVALID_STATE'],
    ['pullSnapshot', { uuid: uuidOf.snapshot('st-updating') }, 'snapshot { uuid }', 'INVALID_STATE'],
    ['pullSnapshot', { uuid: uuidOf.snapshot('st-ok-nobackend') }, 'snapshot { uuid }', 'NO_BACKEND_ID'],
    ['unlinkSnapshot', { uuid: target }, 'unlinkedId', 'FORBIDDEN'],
    ['restoreSnapshot', { uuid: UNKNOWN, name: 'x' }, 'snapshot { uuid }', 'NOT_FOUND'],
    ['createSnapshot', { volumeUuid: UNKNOWN, name: 'x' }, 'snapshot { uuid }', 'NOT_FOUND'],
  ])('%s %j is %s', async (name, input, fields, code) => {
    const { payload, errors } = await mutate(name, input, fields);
    expect(errors).toBeUndefined();
    expect(at(payload, 'userErrors')).toEqual([{ code, field: null, message: expect.stringMatching(/.+/) }]);
    const rest = Object.entries(Object(payload)).filter(([key]) => key !== 'userErrors');
    for (const [, value] of rest) expect(value === null || value === false).toBe(true);
  });

  it('quotas of restore and create', async () => {
    const volumeQuota = await userErrors(
      'restoreSnapshot',
      { uuid: uuidOf.snapshot('prot-01'), name: 'x' },
      'volume { uuid }',
      'admin2',
    );
    expect(volumeQuota).toEqual([
      { code: 'QUOTA_EXCEEDED', field: null, message: expect.stringContaining('volumes quota limit: 3, requires 4') },
    ]);
    const snapshotQuota = await userErrors(
      'createSnapshot',
      { volumeUuid: uuidOf.volume('prot-a'), name: 'x' },
      'snapshot { uuid }',
      'admin2',
    );
    expect(snapshotQuota).toMatchObject([{ code: 'QUOTA_EXCEEDED' }]);
  });

  it('FORBIDDEN for a caller who may see but not change, NOT_FOUND for one who may not see', async () => {
    expect(await userErrors('deleteSnapshot', { uuid: target }, 'scheduled', 'member1')).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
    expect(await userErrors('deleteSnapshot', { uuid: target }, 'scheduled', 'admin2')).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
  });

  it('a field that Waldur refuses is given its GraphQL name', async () => {
    gateway().simulator.faults.add({
      method: 'PATCH',
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"kept_until": ["Too early."]}',
    });
    expect(await userErrors('updateSnapshot', { uuid: target, keptUntil: null }, 'snapshot { uuid }')).toEqual([
      { code: 'VALIDATION', field: 'keptUntil', message: 'Too early.' },
    ]);
  });

  it('another conflict is CONFLICT', async () => {
    gateway().simulator.faults.add({
      method: 'DELETE',
      status: 409,
      headers: { 'content-type': 'application/json' },
      body: '{"detail": "Cannot delete x with existing y"}',
    });
    expect(await userErrors('deleteSnapshot', { uuid: target }, 'scheduled')).toEqual([
      { code: 'CONFLICT', field: null, message: 'Cannot delete x with existing y' },
    ]);
  });
});

describe('inputs are checked before anything goes upstream', () => {
  const long = 'n'.repeat(151);
  const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`);
  it.each([
    ['restoreSnapshot', { uuid: target, name: '   ' }, 'name'],
    ['restoreSnapshot', { uuid: target, name: long }, 'name'],
    ['restoreSnapshot', { uuid: target, name: 'x', description: '' }, 'description'],
    ['restoreSnapshot', { uuid: target, name: 'x', description: 'd'.repeat(2001) }, 'description'],
    ['restoreSnapshot', { uuid: target, name: 'a\0b' }, 'name'],
    ['updateSnapshot', { uuid: target }, null],
    ['updateSnapshot', { uuid: target, name: null }, 'name'],
    ['updateSnapshot', { uuid: target, description: null }, 'description'],
    ['updateSnapshot', { uuid: target, metadata: null }, 'metadata'],
    ['updateSnapshot', { uuid: target, metadata: [] }, 'metadata'],
    ['updateSnapshot', { uuid: target, metadata: 'x' }, 'metadata'],
    ['updateSnapshot', { uuid: target, metadata: { a: '\ud800' } }, 'metadata'],
    ['updateSnapshot', { uuid: target, metadata: deep }, 'metadata'],
    ['replaceSnapshot', { uuid: target, name: '' }, 'name'],
    ['replaceSnapshot', { uuid: target, name: 'x', metadata: 5 }, 'metadata'],
    ['createSnapshot', { volumeUuid: target, name: long }, 'name'],
    ['createSnapshot', { volumeUuid: target, name: 'x', metadata: [] }, 'metadata'],
  ])('%s %#', async (name, input, field) => {
    expect(await userErrors(name, input, 'snapshot { uuid }')).toEqual([
      { code: 'VALIDATION', field, message: expect.stringMatching(/.+/) },
    ]);
    expect(gateway().calls()).toBe(0);
  });

  it('several invalid values are reported together', async () => {
    const wrong = await userErrors(
      'replaceSnapshot',
      { uuid: target, name: '', description: 'd'.repeat(2001), metadata: [] },
      'snapshot { uuid }',
    );
    expect(wrong).toMatchObject([{ field: 'name' }, { field: 'description' }, { field: 'metadata' }]);
  });

  it.each(['2026-01-31', 'yesterday', '2026-02-30T00:00:00Z'])('keptUntil %j cannot be coerced', async (keptUntil) => {
    const { errors } = await mutate('updateSnapshot', { uuid: target, keptUntil }, 'snapshot { uuid }');
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(gateway().calls()).toBe(0);
  });

  it('a __proto__ key in metadata is data and pollutes no prototype', async () => {
    const metadata = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
    await mutate('updateSnapshot', { uuid: target, metadata }, 'snapshot { uuid }');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((await lastWrite())?.method).toBe('PATCH');
  });
});

describe('a write whose response was lost', () => {
  it('is never sent again; the current state is returned', async () => {
    gateway().simulator.faults.add({ method: 'DELETE', truncateAt: 0, times: 1 });
    const { payload, errors } = await mutate('deleteSnapshot', { uuid: target }, 'scheduled');
    expect(payload).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_OUTCOME_UNKNOWN' } }]);
    expect(errors?.[0]?.message).toContain('DELETION_SCHEDULED');
    expect(gateway().callsByRoute()['DELETE /api/openstack-snapshots/{uuid}/']).toBe(1);
  });
});
