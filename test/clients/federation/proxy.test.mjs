import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { post, readEvents, startGateway } from '../support/gateway.mjs';
import { startHive } from './hive.mjs';

/** Hive Gateway as a proxy of one GraphQL API, at one address: queries and mutations by POST, subscriptions by SSE on the same path. */

let gateway;
let hive;
before(async () => {
  gateway = await startGateway();
  hive = await startHive({ proxy: { endpoint: `${gateway.url}/graphql` } });
});
after(async () => {
  await hive?.stop();
  await gateway?.stop();
});

const ask = async (query, variables) => {
  const { data, errors } = await post(hive.url, gateway.headers, query, variables);
  assert.equal(errors, undefined);
  return data;
};

test('a query', async () => {
  const { snapshots, viewer } = await ask('{ snapshots(first: 2) { totalCount nodes { id } } viewer { isStaff } }');
  assert.equal(snapshots.nodes.length, 2);
  assert.equal(viewer.isStaff, true);
  const { node } = await ask('query ($id: ID!) { node(id: $id) { __typename id } }', { id: snapshots.nodes[0].id });
  assert.deepEqual(node, { __typename: 'Snapshot', id: snapshots.nodes[0].id });
});

test('a mutation, and a subscription that shows its effect', async () => {
  const { snapshots } = await ask('{ snapshots(first: 1, filter: { state: [OK] }) { nodes { uuid } } }');
  const [{ uuid }] = snapshots.nodes;
  const update = `mutation ($input: UpdateSnapshotInput!) {
    updateSnapshot(input: $input) { snapshot { description } userErrors { message } }
  }`;
  let updated;
  const events = await readEvents(
    hive.url,
    gateway.headers,
    'subscription { snapshotChanges(initial: false) { kind uuid snapshot { description } } }',
    {},
    ({ snapshotChanges: event }) => {
      if (event.kind === 'BOOKMARK') updated ??= ask(update, { input: { uuid, description: 'by proxy' } });
      return event.uuid === uuid && event.snapshot?.description === 'by proxy';
    },
  );
  assert.equal((await updated).updateSnapshot.snapshot.description, 'by proxy');
  assert.deepEqual(
    events.slice(0, 2).map(({ snapshotChanges }) => snapshotChanges.kind),
    ['RESET', 'BOOKMARK'],
  );
});

test('an error keeps its code', async () => {
  const { errors } = await post(hive.url, {}, '{ viewer { username } }');
  assert.equal(errors?.[0]?.extensions?.code, 'UNAUTHENTICATED');
});
