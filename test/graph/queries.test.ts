import { describe, expect, it } from 'vitest';
import { restorationId, snapshotId, volumeId } from '../../src/graph/ids.ts';
import { at, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';

const gateway = useGateway();
const target = uuidOf.snapshot('rw-target');
const UNKNOWN = '0123456789abcdef'.repeat(2);

const snapshot = async (name: string, fields: string) =>
  at((await gateway().query(`{ snapshot(uuid: "${uuidOf.snapshot(name)}") { ${fields} } }`)).data, 'snapshot');

describe('single objects', () => {
  it('missing or hidden objects are null without an error', async () => {
    const document = `{ snapshot(uuid: "${target}") { uuid } volume(uuid: "${UNKNOWN}") { uuid } node(id: "${snapshotId(UNKNOWN)}") { id } }`;
    const { data, errors } = await gateway().query(document, { as: 'stranger' });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ snapshot: null, volume: null, node: null });
  });

  it('a uuid is accepted in every spelling and returned as by Waldur', async () => {
    const hyphens = target.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-').toUpperCase();
    const { data } = await gateway().query(`{ snapshot(uuid: "${hyphens}") { uuid } }`);
    expect(data).toEqual({ snapshot: { uuid: target } });
  });

  it.each(['..', '%2e%2e', 'a/b', '?x', '#', '\\u0000', 'x'.repeat(10_000)])(
    'hostile uuid %# is refused, 0 calls',
    async (uuid) => {
      const inline = await gateway().query(`{ snapshot(uuid: "${uuid}") { uuid } }`);
      expect(inline.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
      const byVariable = await gateway().query('query ($uuid: UUID!) { snapshot(uuid: $uuid) { uuid } }', {
        variables: { uuid: JSON.parse(`"${uuid}"`) },
      });
      expect(byVariable.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      expect(byVariable.status).toBe(400);
      expect(gateway().calls()).toBe(0);
    },
  );

  it('absent relations and unset values are null', async () => {
    expect(await snapshot('no-source', 'sourceVolume { uuid name } keptUntil marketplace { isUsageBased }')).toEqual({
      sourceVolume: null,
      keptUntil: null,
      marketplace: null,
    });
    expect(await snapshot('meta-unset', 'metadata')).toEqual({ metadata: null });
    expect(await snapshot('meta-object', 'metadata')).toEqual({ metadata: expect.any(Object) });
    expect(await snapshot('st-ok-nobackend', 'backendId')).toEqual({ backendId: null });
  });

  it('microseconds are not lost', async () => {
    expect(await snapshot('kept-future-micro', 'keptUntil')).toEqual({ keptUntil: expect.stringMatching(/\.\d{6}Z$/) });
  });

  it('a traceback stays on an object that is OK, the status follows the state', async () => {
    expect(await snapshot('rt-error-but-ok', 'state isSettled displayStatus runtimeState')).toEqual({
      state: 'OK',
      isSettled: true,
      displayStatus: 'Error',
      runtimeState: 'error',
    });
    expect(await snapshot('st-erred', 'state displayStatus isSettled errorTraceback')).toMatchObject({
      displayStatus: 'Error',
      isSettled: true,
    });
    expect(await snapshot('st-creating', 'displayStatus isSettled')).toEqual({
      displayStatus: 'Creating',
      isSettled: false,
    });
  });

  it('references that the row contains cost no call', async () => {
    const { data } = await gateway().query(`{ snapshot(uuid: "${uuidOf.snapshot('with-three-restorations')}") {
      sourceVolume { id uuid url name marketplaceUuid __typename }
      restorations { id uuid created description volume { id uuid url name state runtimeState size device isSettled } }
    } }`);
    expect(at(data, 'snapshot', 'restorations')).toHaveLength(3);
    expect(at(data, 'snapshot', 'sourceVolume', 'name')).toBe('db-data');
    expect(gateway().calls()).toBe(1);
  });

  it('other columns of restored volumes cost one list of them', async () => {
    const { data, errors } = await gateway().query(`{ snapshot(uuid: "${uuidOf.snapshot('with-three-restorations')}") {
      restorations { volume { name tenant { uuid } type { name } sourceSnapshot { uuid name } } }
    } }`);
    expect(errors).toBeUndefined();
    expect(at(data, 'snapshot', 'restorations', 0, 'volume', 'sourceSnapshot', 'name')).toBe('with-three-restorations');
    expect(gateway().calls()).toBe(2);
  });

  it('the same object is fetched once, wherever it is selected', async () => {
    await gateway().query(
      `{ a: snapshot(uuid: "${target}") { name } b: snapshot(uuid: "${target}") { state } node(id: "${snapshotId(target)}") { ... on Snapshot { size } } }`,
    );
    expect(gateway().calls()).toBe(1);
  });
});

describe('node and lists of ids', () => {
  const withRestorations = uuidOf.snapshot('with-one-restoration');

  it('node returns each kind of object by its id', async () => {
    const first = await gateway().query(`{ snapshot(uuid: "${withRestorations}") { restorations { id uuid } } }`);
    const restoration = at(first.data, 'snapshot', 'restorations', 0);
    const ids = [snapshotId(target), volumeId(uuidOf.volume('db-data')), String(at(restoration, 'id'))];
    const { data, errors } = await gateway().query(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Restoration { uuid volume { name } } } }',
      { variables: { ids } },
    );
    expect(errors).toBeUndefined();
    expect(at(data, 'nodes')).toEqual([
      { __typename: 'Snapshot', id: ids[0] },
      { __typename: 'Volume', id: ids[1] },
      { __typename: 'Restoration', id: ids[2], uuid: at(restoration, 'uuid'), volume: { name: 'restored-1' } },
    ]);
  });

  it('a restoration of another snapshot is not found', async () => {
    const { data, errors } = await gateway().query(`{ node(id: "${restorationId(target, UNKNOWN)}") { id } }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ node: null });
  });

  it('results have the order of the input, duplicates included, with one call for each object', async () => {
    const uuids = [target, UNKNOWN, withRestorations, target];
    const { data } = await gateway().query('query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { uuid } }', {
      variables: { uuids },
    });
    expect(at(data, 'snapshotsByUuid')).toEqual([{ uuid: target }, null, { uuid: withRestorations }, { uuid: target }]);
    expect(gateway().calls()).toBe(3);
  });

  it.each([
    ['{ node(id: "nonsense") { id } }', 'id'],
    ['{ nodes(ids: ["nonsense"]) { id } }', 'ids[0]'],
  ])('%s is bad input', async (document, argument) => {
    const { errors } = await gateway().query(document);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument } }]);
    expect(gateway().calls()).toBe(0);
  });

  it('at most 100 uuids', async () => {
    const uuids = Array.from({ length: 101 }, (_, i) => i.toString(16).padStart(32, '0'));
    const { errors } = await gateway().query('query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { uuid } }', {
      variables: { uuids },
    });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'uuids' } }]);
    expect(gateway().calls()).toBe(0);
  });
});

describe('the caller', () => {
  it('can read its own user, but not its token', async () => {
    const { data } = await gateway().query(
      '{ viewer { uuid username fullName email isStaff isSupport permissions { role scopeType scopeUuid scopeName customerUuid customerName } } }',
      { as: 'admin1' },
    );
    expect(data).toMatchObject({
      viewer: {
        username: 'admin1',
        isStaff: false,
        isSupport: false,
        permissions: [
          {
            role: 'PROJECT.ADMIN',
            scopeType: 'project',
            scopeName: 'Genome browser',
            customerName: 'Institute of Biology',
          },
        ],
      },
    });
    const { errors } = await gateway().query('{ viewer { token } }');
    expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('available actions follow state, id in OpenStack and the staff flag, which is read once a minute', async () => {
    const document = `{ snapshot(uuid: "${target}") { availableActions { action allowed reason } } }`;
    const staff = await gateway().query(document, { as: 'staff' });
    expect(at(staff.data, 'snapshot', 'availableActions', 5)).toEqual({
      action: 'UNLINK',
      allowed: true,
      reason: null,
    });
    const admin = await gateway().query(document, { as: 'owner1' });
    expect(at(admin.data, 'snapshot', 'availableActions', 5)).toEqual({
      action: 'UNLINK',
      allowed: false,
      reason: expect.any(String),
    });
    await gateway().query(document, { as: 'owner1' });
    expect(gateway().callsByRoute()['GET /api/users/me/']).toBeLessThanOrEqual(2);
  });

  it('without credentials no call is made, and the schema can still be read', async () => {
    const { data, errors } = await gateway().query('{ __typename snapshots { totalCount } viewer { uuid } }', {
      as: null,
    });
    expect(data).toEqual({ __typename: 'Query', snapshots: null, viewer: null });
    expect(errors?.map((error) => error.extensions.code)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    const schema = await gateway().query('{ __schema { queryType { name } } }', { as: null });
    expect(schema.errors).toBeUndefined();
    expect(gateway().calls()).toBe(0);
  });

  it('invalid credentials are UNAUTHENTICATED and appear in no output', async () => {
    const secret = 'deadbeef'.repeat(5);
    const answer = await gateway().query('{ viewer { uuid } }', {
      as: null,
      headers: { authorization: `Token ${secret}` },
    });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', upstream: { status: 401 } } }]);
    expect(JSON.stringify(answer) + gateway().log.join('')).not.toContain(secret);
    expect(gateway().log.join('')).not.toContain(tokenOf('staff'));
  });

  it('each caller sees only its own objects', async () => {
    const count = async (as: string) =>
      at((await gateway().query('{ snapshots { totalCount } }', { as })).data, 'snapshots', 'totalCount');
    expect(await Promise.all(['staff', 'admin1', 'admin2', 'member3', 'stranger'].map(count))).toEqual([
      385, 356, 14, 13, 0,
    ]);
  });
});
