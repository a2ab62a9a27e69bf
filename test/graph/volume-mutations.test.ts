import { describe, expect, it } from 'vitest';
import { snapshotId, volumeId } from '../../src/graph/ids.ts';
import { ask, TRANSPORTS } from '../faults/support/transports.ts';
import { at, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';

/** `attachVolume`, `detachVolume` and `extendVolume` (contract 11.4). */

const gateway = useGateway();
const UNKNOWN = '0123456789abcdef'.repeat(2);

const free = uuidOf.volume('scratch');
const attached = uuidOf.volume('db-data');
const shutOff = uuidOf.instance('db-server');

const documentOf = (name: string, fields: string) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${type}!) { ${name}(input: $input) { scheduled ${fields} userErrors { code field message } } }`;
};

async function mutate(name: string, input: Record<string, unknown>, fields = '', as = 'admin1') {
  const { data, errors } = await gateway().query(documentOf(name, fields), { variables: { input }, as });
  return { payload: at(data, name), errors };
}

/** A valid input of each mutation, without the volume that it names. */
const MUTATIONS = [
  ['attachVolume', free, { instanceUuid: shutOff }],
  ['detachVolume', attached, {}],
  ['extendVolume', free, { size: 2048 }],
] as const;

describe('effects', () => {
  it('attach: the volume names its instance at once', async () => {
    const { payload, errors } = await mutate(
      'attachVolume',
      { uuid: free, instanceUuid: shutOff },
      'volume { uuid state action displayStatus instance { uuid name } }',
    );
    expect(errors).toBeUndefined();
    expect(payload).toEqual({
      scheduled: true,
      volume: {
        uuid: free,
        state: 'UPDATE_SCHEDULED',
        action: 'Attach',
        displayStatus: 'Attach scheduled',
        instance: { uuid: shutOff, name: 'db-server' },
      },
      userErrors: [],
    });
    expect(gateway().calls()).toBe(2);
  });

  it('detach, and the volume is free once Waldur has finished', async () => {
    const { payload } = await mutate('detachVolume', { uuid: attached }, 'volume { state action instance { uuid } }');
    expect(payload).toEqual({
      scheduled: true,
      volume: { state: 'UPDATE_SCHEDULED', action: 'Detach', instance: { uuid: shutOff } },
      userErrors: [],
    });
    gateway().simulator.clock.advance(30_000);
    const { data } = await gateway().query(`{ volume(uuid: "${attached}") { state runtimeState instance { uuid } } }`);
    expect(data).toEqual({ volume: { state: 'OK', runtimeState: 'available', instance: null } });
  });

  it('extend: size and quota change at once', async () => {
    const { payload } = await mutate('extendVolume', { uuid: free, size: 3072 }, 'volume { state size action }');
    expect(payload).toEqual({
      scheduled: true,
      volume: { state: 'UPDATE_SCHEDULED', size: 3072, action: 'Extend' },
      userErrors: [],
    });
    const { data } = await gateway().query(`{ volume(uuid: "${free}") { tenant { quotas { name usage } } } }`);
    expect(at(data, 'volume', 'tenant', 'quotas')).toContainEqual({ name: 'storage', usage: 316_416 + 2_048 });
  });

  it.each(MUTATIONS)(
    '%s takes a global id, and a payload with ids alone costs only the write',
    async (name, uuid, rest) => {
      const { payload } = await mutate(name, { ...rest, id: volumeId(uuid) }, 'volume { id uuid }');
      expect(payload).toEqual({ scheduled: true, volume: { id: volumeId(uuid), uuid }, userErrors: [] });
      expect(gateway().calls()).toBe(1);
    },
  );

  it('a read after the write in the same document sees the change', async () => {
    const { data } = await gateway().query(
      `mutation { before: extendVolume(input: { uuid: "${free}", size: 2048 }) { volume { size } }
        after: detachVolume(input: { uuid: "${attached}" }) { volume { state } userErrors { code } } }`,
      { as: 'admin1' },
    );
    expect(data).toEqual({
      before: { volume: { size: 2048 } },
      after: { volume: { state: 'UPDATE_SCHEDULED' }, userErrors: [] },
    });
  });
});

describe('reads after the write are fresh although answers are cached', () => {
  const caching = useGateway({ cacheTtlMs: 60_000 });

  it.each(MUTATIONS)('%s', async (name, uuid, rest) => {
    const query = `{ volume(uuid: "${uuid}") { state } }`;
    const before = await caching().query(query, { as: 'admin1' });
    expect(before.data).toEqual({ volume: { state: 'OK' } });
    const input = { ...rest, uuid };
    await caching().query(documentOf(name, 'volume { uuid }'), { variables: { input }, as: 'admin1' });
    const after = await caching().query(query, { as: 'admin1' });
    expect(after.data).toEqual({ volume: { state: 'UPDATE_SCHEDULED' } });
  });
});

describe('refusals', () => {
  const state = (message: string) => ({ code: 'INVALID_STATE', field: null, message });

  it.each<[string, Record<string, unknown>, object, string?]>([
    [
      'attachVolume',
      { uuid: attached, instanceUuid: shutOff },
      state('Valid runtime states for operation: available.'),
    ],
    [
      'attachVolume',
      { uuid: uuidOf.volume('vol-deleting'), instanceUuid: shutOff },
      state('Valid states for operation: OK.'),
    ],
    ['detachVolume', { uuid: free }, state('Volume is not attached to an instance.')],
    ['detachVolume', { uuid: uuidOf.volume('db-system') }, state('Volume cannot be bootable.')],
    ['detachVolume', { uuid: uuidOf.volume('attaching') }, state('Valid runtime states for operation: in-use.')],
    ['extendVolume', { uuid: uuidOf.volume('vol-erred'), size: 61_440 }, state('Valid states for operation: OK.')],
    [
      'extendVolume',
      { uuid: uuidOf.volume('web-data'), size: 61_440 },
      state('Volume instance should be in shutoff state.'),
    ],
    [
      'extendVolume',
      { uuid: uuidOf.volume('broken-data'), size: 61_440 },
      state('Volume instance should be in OK state.'),
    ],
    [
      'attachVolume',
      { uuid: free, instanceUuid: UNKNOWN },
      { code: 'VALIDATION', field: 'instanceUuid', message: 'Invalid hyperlink - Object does not exist.' },
    ],
    [
      'attachVolume',
      { uuid: free, instanceUuid: uuidOf.instance('broken-server') },
      { code: 'VALIDATION', field: 'instanceUuid', message: expect.stringContaining('OK state') },
    ],
    [
      'extendVolume',
      { uuid: free, size: 2047 },
      { code: 'VALIDATION', field: 'size', message: 'Disk size should be greater or equal to 2048' },
    ],
    [
      'extendVolume',
      { uuid: uuidOf.volume('sea-c'), size: 3073 },
      { code: 'QUOTA_EXCEEDED', field: null, message: expect.stringContaining('storage quota limit: 23552') },
      'admin3',
    ],
    ['attachVolume', { uuid: free, instanceUuid: shutOff }, { code: 'FORBIDDEN', field: null }, 'member1'],
    ['detachVolume', { uuid: attached }, { code: 'FORBIDDEN', field: null }, 'support'],
    ['extendVolume', { uuid: free, size: 2048 }, { code: 'NOT_FOUND', field: null }, 'stranger'],
    ['extendVolume', { uuid: UNKNOWN, size: 2048 }, { code: 'NOT_FOUND', field: null }],
  ])('%s %j', async (name, input, error, as) => {
    const { payload, errors } = await mutate(name, input, 'volume { uuid }', as);
    expect(errors).toBeUndefined();
    expect(payload).toMatchObject({ scheduled: false, volume: null, userErrors: [error] });
    expect(gateway().calls()).toBe(1);
  });

  it.each(MUTATIONS)(
    '%s takes exactly one of uuid and id, and no id of another type, without a call',
    async (name, uuid, rest) => {
      for (const [named, field] of [
        [{}, 'uuid'],
        [{ uuid: null, id: null }, 'uuid'],
        [{ uuid, id: volumeId(uuid) }, 'uuid'],
        [{ id: snapshotId(uuid) }, 'id'],
        [{ id: uuid }, 'id'],
        [{ id: '' }, 'id'],
      ] as const) {
        const { payload } = await mutate(name, { ...rest, ...named });
        expect(payload).toEqual({
          scheduled: false,
          userErrors: [{ code: 'VALIDATION', field, message: expect.any(String) }],
        });
      }
      expect(gateway().calls()).toBe(0);
    },
  );

  it.each([0, -1, -(2 ** 31)])('a size of %d is refused without a call', async (size) => {
    const { payload } = await mutate('extendVolume', { uuid: free, size });
    expect(payload).toMatchObject({ scheduled: false, userErrors: [{ code: 'VALIDATION', field: 'size' }] });
    expect(gateway().calls()).toBe(0);
  });

  it.each([2 ** 31, 2048.5, '2048', null])('a size of %j cannot be coerced', async (size) => {
    const { errors } = await mutate('extendVolume', { uuid: free, size });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(gateway().calls()).toBe(0);
  });

  it('the recorded version of Waldur refuses with the same codes', async () => {
    // Its labels of states differ; that of no code depends on a text.
    gateway().simulator.faults.add({
      method: 'POST',
      status: 409,
      body: JSON.stringify({ detail: 'Some day another text.' }),
      headers: { 'content-type': 'application/json' },
    });
    for (const [name, uuid, rest] of MUTATIONS) {
      const { payload } = await mutate(name, { ...rest, uuid });
      expect(payload).toMatchObject({ userErrors: [{ code: 'INVALID_STATE', message: 'Some day another text.' }] });
    }
  });
});

it.each(TRANSPORTS)('over %s the verdict is the same', async (transport) => {
  const asking = { authorization: `Token ${tokenOf('admin1')}` };
  const input = { uuid: uuidOf.volume('db-system') };
  const question = { query: documentOf('detachVolume', 'volume { uuid }'), variables: { input } };
  const { data, codes } = await ask(gateway().url, transport, question, asking);
  expect(codes).toEqual([]);
  expect(data).toEqual({
    detachVolume: {
      scheduled: false,
      volume: null,
      userErrors: [{ code: 'INVALID_STATE', field: null, message: 'Volume cannot be bootable.' }],
    },
  });
});
