import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { post, readEvents, startGateway } from '../support/gateway.mjs';
import { compose } from './compose.mjs';
import { startHive } from './hive.mjs';
import { startTickets } from './subgraph.mjs';

let gateway;
let tickets;
let hive;
before(async () => {
  [gateway, tickets] = await Promise.all([startGateway({ FEDERATION: 'true' }), startTickets()]);
  const sdl = await (await fetch(`${gateway.url}/schema.graphql`)).text();
  const { supergraphSdl: supergraph } = compose(sdl, `${gateway.url}/graphql`, tickets.url);
  hive = await startHive({ supergraph });
});
after(async () => {
  await hive?.stop();
  tickets?.stop();
  await gateway?.stop();
});

const ask = async (query, variables) => {
  const { data, errors } = await post(hive.url, gateway.headers, query, variables);
  assert.equal(errors, undefined);
  return data;
};

test('a query from our lists to the other subgraph', async () => {
  const { snapshots } = await ask(`{
    snapshots(first: 5) {
      totalCount
      pageInfo { hasNextPage }
      nodes { uuid name project { id openTickets } tickets { edges { node { id title } } pageInfo { hasNextPage } } }
    }
  }`);
  assert.equal(snapshots.nodes.length, 5);
  assert.equal(snapshots.pageInfo.hasNextPage, true);
  for (const { uuid, name, project, tickets } of snapshots.nodes) {
    assert.ok(name);
    assert.equal(project.openTickets, project.id.length);
    assert.deepEqual(
      tickets.edges.map(({ node }) => node.title),
      [`About ${uuid}`],
    );
  }
});

test('a query from the other subgraph to our entities', async () => {
  const { snapshots } = await ask('{ snapshots(first: 1) { nodes { uuid name state } } }');
  const [{ uuid, name, state }] = snapshots.nodes;
  const document = `query ($id: ID!) {
    ticket(id: $id) { title snapshot { name state sourceVolume { name } } }
    node(id: $id) { id ... on Ticket { title } }
  }`;
  const id = `ticket-${uuid}`;
  const { ticket, node } = await ask(document, { id });
  assert.equal(ticket.snapshot.name, name);
  assert.equal(ticket.snapshot.state, state);
  assert.ok(ticket.snapshot.sourceVolume.name);
  assert.deepEqual(node, { id, title: `About ${uuid}` });
});

test('an entity that does not exist is null and leaves the rest of the answer', async () => {
  const uuid = '0'.repeat(32);
  const document = 'query ($id: ID!) { ticket(id: $id) { title snapshot { name } } }';
  const { data } = await post(hive.url, gateway.headers, document, { id: `ticket-${uuid}` });
  assert.deepEqual(data, { ticket: { title: `About ${uuid}`, snapshot: null } });
});

test('without credentials nothing is visible', async () => {
  const { errors } = await post(hive.url, {}, '{ snapshots(first: 1) { nodes { name } } }');
  assert.equal(errors?.[0]?.extensions?.code, 'UNAUTHENTICATED');
});

test('a mutation, and a subscription that joins the other subgraph', async () => {
  const { volumes } = await ask('{ volumes(first: 1, filter: { state: [OK] }) { nodes { uuid } } }');
  const create = `mutation ($input: CreateSnapshotInput!) {
    createSnapshot(input: $input) { snapshot { uuid name } userErrors { code message } }
  }`;
  const input = { volumeUuid: volumes.nodes[0].uuid, name: 'made behind Hive' };
  let made;
  const events = await readEvents(
    hive.url,
    gateway.headers,
    `subscription {
      snapshotChanges(initial: false) { kind uuid snapshot { name tickets { edges { node { title } } } } }
    }`,
    {},
    ({ snapshotChanges: { kind, uuid } }) => {
      // The change is made when the stream has started, so that it is an event of the stream.
      if (kind === 'BOOKMARK') made ??= ask(create, { input });
      return kind === 'ADDED' && uuid !== null;
    },
  );
  const { createSnapshot } = await made;
  assert.deepEqual(createSnapshot.userErrors, []);
  const { uuid, name } = createSnapshot.snapshot;
  assert.deepEqual(events.at(-1).snapshotChanges, {
    kind: 'ADDED',
    uuid,
    snapshot: { name, tickets: { edges: [{ node: { title: `About ${uuid}` } }] } },
  });
});
