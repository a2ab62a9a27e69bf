import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EXAMPLES, eventually, type Server, startServer } from '../support/server.ts';
import { type Change, follow, type Gateway, GatewayError, request, type Snapshot, Table } from './client.ts';

let server: Server;
let gateway: Gateway;

before(async () => {
  server = await startServer();
  gateway = { url: `${server.url}/graphql`, token: () => server.token };
});
after(() => server.close());

const FILTER = { name: 'example' };
const PAGE = `query ($filter: SnapshotFilter, $after: String) {
  snapshots(filter: $filter, first: 10, after: $after) {
    totalCount nodes { uuid name state } pageInfo { hasNextPage endCursor }
  }
}`;
interface Page {
  readonly snapshots: {
    readonly totalCount: number;
    readonly nodes: readonly Snapshot[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}
const UPDATE = `mutation ($input: UpdateSnapshotInput!) {
  updateSnapshot(input: $input) { snapshot { uuid name state } userErrors { code field } }
}`;
interface Update {
  readonly updateSnapshot: {
    readonly snapshot: Snapshot | null;
    readonly userErrors: readonly { readonly code: string; readonly field: string | null }[];
  };
}

/** A table that follows the examples, and the kinds of its events. */
function watch(by: Gateway = gateway) {
  const table = new Table();
  const kinds: string[] = [];
  const stop = new AbortController();
  const onChange = (change: Change): void => {
    kinds.push(change.kind);
    table.apply(change);
  };
  const ended = follow(by, FILTER, onChange, stop.signal);
  const names = (): string[] => [...table.rows.values()].map(({ name }) => name).sort();
  return {
    table,
    kinds,
    ready: () => eventually(() => assert.ok(kinds.includes('BOOKMARK'))),
    /** Waits until the table has exactly the rows of Waldur. */
    agrees: () =>
      eventually(async () => {
        const rows = await server.rows('example');
        assert.deepEqual(names(), rows.map(({ name }) => name).sort());
        assert.equal(table.total, rows.length);
      }),
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

test('query: a list with its total', async () => {
  const { snapshots } = await request<Page>(gateway, PAGE, { filter: FILTER });
  assert.equal(snapshots.totalCount, EXAMPLES);
  assert.equal(snapshots.nodes[0]?.name, 'example 01');
});

test('page: all pages, one after the other', async () => {
  const names: string[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const { snapshots }: Page = await request<Page>(gateway, PAGE, { filter: FILTER, after });
    names.push(...snapshots.nodes.map(({ name }) => name));
    after = snapshots.pageInfo.endCursor;
    more = snapshots.pageInfo.hasNextPage;
  }
  assert.deepEqual(
    names,
    (await server.rows('example')).map(({ name }) => name),
  );
});

test('cache update: the payload of a mutation replaces the row', async () => {
  const { snapshots } = await request<Page>(gateway, PAGE, { filter: FILTER });
  const table = new Map(snapshots.nodes.map((row) => [row.uuid, row]));
  const uuid = snapshots.nodes[0]?.uuid ?? '';
  const { updateSnapshot } = await request<Update>(gateway, UPDATE, { input: { uuid, name: 'example 01 b' } });
  assert.deepEqual(updateSnapshot.userErrors, []);
  if (updateSnapshot.snapshot !== null) table.set(uuid, updateSnapshot.snapshot);
  assert.equal(table.get(uuid)?.name, 'example 01 b');
});

test('mutation with a key: a repeated restore makes one volume', async () => {
  const uuid = (await server.rows('example 02'))[0]?.uuid;
  const restore = () =>
    request<{ restoreSnapshot: { volume: { uuid: string } } }>(
      gateway,
      'mutation ($input: RestoreSnapshotInput!) { restoreSnapshot(input: $input) { volume { uuid } } }',
      { input: { uuid, name: 'restored', idempotencyKey: 'the dialogue of example 02' } },
    );
  const [first, second] = await Promise.all([restore(), restore()]);
  assert.equal(first.restoreSnapshot.volume.uuid, second.restoreSnapshot.volume.uuid);
});

test('optimistic change: a refused name is taken back', async () => {
  const row = (await server.rows('example 03'))[0];
  assert.ok(row);
  const table = new Map([[row.uuid, row]]);
  table.set(row.uuid, { ...row, name: '' });
  const { updateSnapshot } = await request<Update>(gateway, UPDATE, { input: { uuid: row.uuid, name: '' } });
  table.set(row.uuid, updateSnapshot.snapshot ?? row);
  assert.deepEqual(updateSnapshot.userErrors, [{ code: 'VALIDATION', field: 'name' }]);
  assert.equal(table.get(row.uuid)?.name, 'example 03');
});

test('live: changes by others arrive', async () => {
  const watched = watch();
  await watched.ready();
  assert.equal(watched.kinds[0], 'RESET');
  const uuid = (await server.rows('example 04'))[0]?.uuid ?? '';
  await server.elsewhere('updateSnapshot', { uuid, name: 'example 04 b' });
  await eventually(() => assert.equal(watched.table.rows.get(uuid)?.name, 'example 04 b'));
  await server.elsewhere('unlinkSnapshot', { uuid });
  await watched.agrees();
  assert.ok(!watched.table.rows.has(uuid));
  await watched.stop();
});

test('resume: a cut connection and a restarted gateway lose nothing and leave no ghost', async () => {
  const watched = watch();
  await watched.ready();
  assert.ok(server.cut() > 0);
  await server.elsewhere('unlinkSnapshot', { uuid: (await server.rows('example 05'))[0]?.uuid });
  await server.elsewhere('createSnapshot', { volumeUuid: server.volumeUuid, name: 'example made while away' });
  await watched.agrees();
  // It resumed: there was no second start.
  assert.equal(watched.kinds.filter((kind) => kind === 'RESET').length, 1);
  await server.stop();
  for (const { uuid } of await server.rows('example 06')) await server.drop(uuid);
  await server.add('example added while away');
  await server.start();
  await watched.agrees();
  assert.equal(watched.kinds.filter((kind) => kind === 'RESET').length, 2);
  await watched.stop();
});

test('error codes: RATE_LIMITED is waited for, others are thrown', async () => {
  await server.fault({ path: '/api/openstack-snapshots/', status: 429, headers: { 'retry-after': '1' }, times: 1 });
  const { snapshots } = await request<Page>(gateway, PAGE, { filter: FILTER });
  assert.ok(snapshots.totalCount > 0);
  const code = (expected: string) => (error: unknown) => error instanceof GatewayError && error.code === expected;
  await assert.rejects(request({ ...gateway, token: () => '0'.repeat(40) }, PAGE), code('UNAUTHENTICATED'));
  await assert.rejects(request(gateway, '{ snapshots { nope } }'), code('GRAPHQL_VALIDATION_FAILED'));
  await assert.rejects(request(gateway, '{ snapshots(first: -1) { totalCount } }'), code('BAD_USER_INPUT'));
});

test('a mutation that may have been done is repeated only with a key', async () => {
  const { uuid } = await server.add('example of a lost answer');
  const restore = (input: object) =>
    request<{ restoreSnapshot: { volume: { uuid: string } | null } }>(
      gateway,
      'mutation ($input: RestoreSnapshotInput!) { restoreSnapshot(input: $input) { volume { uuid } } }',
      { input: { uuid, name: 'lost', ...input } },
    );
  // A proxy in front of Waldur answers so, and Waldur may have made the volume.
  const fault = { method: 'POST', path: `/api/openstack-snapshots/${uuid}/restore/`, status: 502, times: 1 };
  await server.fault(fault);
  await assert.rejects(restore({}), (error) => error instanceof GatewayError && error.code === 'UPSTREAM_UNAVAILABLE');
  await server.fault(fault);
  assert.ok((await restore({ idempotencyKey: 'lost once' })).restoreSnapshot.volume);
});

test('token renewal: a query and a stream go on with the new token', async () => {
  /** Signs in again only when it must. */
  const renewing = () => {
    const { token } = server;
    const state = { token, renewals: 0 };
    const renew = async (): Promise<void> => {
      state.renewals += 1;
      state.token = server.token;
    };
    return { state, gateway: { url: gateway.url, token: () => state.token, renew } };
  };
  const forQuery = renewing();
  const forStream = renewing();
  const watched = watch(forStream.gateway);
  await watched.ready();
  await server.renewToken();
  assert.ok((await request<Page>(forQuery.gateway, PAGE, { filter: FILTER })).snapshots.totalCount > 0);
  assert.equal(forQuery.state.renewals, 1);
  // The stream learns it at its next poll.
  await eventually(() => assert.equal(forStream.state.renewals, 1));
  await server.add('example after the renewal');
  await watched.agrees();
  await watched.stop();
});
