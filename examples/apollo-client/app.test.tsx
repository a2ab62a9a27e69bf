import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { agrees, hasMore, isSaving, more, problem, rename, rows, total } from '../support/page.ts';
import { EXAMPLES, eventually, type Server, startServer } from '../support/server.ts';
import { makeClient, type Session } from './client.ts';
import { Snapshots } from './snapshots.tsx';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Ends what a test has opened. */
let leave: () => Promise<void> = async () => {};
afterEach(async () => {
  await server.clearFaults();
  await leave();
});

const FILTER = { name: 'example' };
const uuidOf = async (name: string): Promise<string> => (await server.rows(name))[0]?.uuid ?? '';

/** Opens the page. */
function open() {
  let { token } = server;
  const visit = { kinds: [] as string[], renewals: 0 };
  const session: Session = {
    token: () => token,
    renew: async () => {
      visit.renewals += 1;
      ({ token } = server);
    },
  };
  const { client, socket } = makeClient(`${server.url}/graphql`, session);
  const root = createRoot(document.body.appendChild(document.createElement('main')));
  leave = async () => {
    root.unmount();
    document.body.replaceChildren();
    client.stop();
    await socket.dispose();
  };
  root.render(
    <ApolloProvider client={client}>
      <Snapshots filter={FILTER} session={session} onKind={(kind) => void visit.kinds.push(kind)} />
    </ApolloProvider>,
  );
  return visit;
}

/** Opens the page and waits until its stream has started. */
async function visit() {
  const visit = open();
  await eventually(() => expect(visit.kinds).toContain('BOOKMARK'));
  await eventually(() => expect(rows()).not.toEqual([]));
  return {
    ...visit,
    resets: () => visit.kinds.filter((kind) => kind === 'RESET').length,
    renewals: () => visit.renewals,
  };
}

test('query: the first page is shown', async () => {
  await visit();
  expect(rows()[0]).toBe('example 01');
  expect(total()).toBe(EXAMPLES);
});

test('page: further pages are appended to the list in the cache', async () => {
  await visit();
  await more();
  await more();
  expect(rows()).toEqual((await server.rows('example')).map(({ name }) => name));
  expect(hasMore()).toBe(false);
});

test('cache update: the payload of a mutation changes the row of the list', async () => {
  await visit();
  rename('example 01', 'example 01 b');
  await eventually(() => expect(rows()[0]).toBe('example 01 b'));
  await agrees(server);
});

test('optimistic change: a new name is shown at once, and a refused one is taken back', async () => {
  await visit();
  const slowly = { method: 'PATCH', path: '/api/openstack-snapshots/', latencyMs: 300, times: 1 };
  await server.fault(slowly);
  rename('example 02', 'example 02 b');
  await eventually(() => expect(rows()[1]).toBe('example 02 b'));
  expect(isSaving()).toBe(true);
  await eventually(() => expect(isSaving()).toBe(false));
  expect(rows()[1]).toBe('example 02 b');
  // Waldur refuses to change what is being changed.
  await server.change(await uuidOf('example 03'), { state: 'UPDATING' });
  await server.fault(slowly);
  rename('example 03', 'example 03 b');
  await eventually(() => expect(rows()[2]).toBe('example 03 b'));
  await eventually(() => expect(problem()).toContain('INVALID_STATE'));
  expect(rows()[2]).toBe('example 03');
});

test('live: changes by others arrive in the list', async () => {
  await visit();
  await server.elsewhere('updateSnapshot', { uuid: await uuidOf('example 04'), name: 'example 04 b' });
  await eventually(() => expect(rows()[3]).toBe('example 04 b'));
  await server.elsewhere('unlinkSnapshot', { uuid: await uuidOf('example 04') });
  await server.elsewhere('createSnapshot', { volumeUuid: server.volumeUuid, name: 'example 00' });
  await agrees(server);
  expect(rows()[0]).toBe('example 00');
});

test('resume: a cut connection and a restarted gateway lose nothing and leave no ghost', async () => {
  const { resets } = await visit();
  await more();
  expect(server.cut()).toBeGreaterThan(0);
  await server.elsewhere('unlinkSnapshot', { uuid: await uuidOf('example 05') });
  await server.elsewhere('createSnapshot', { volumeUuid: server.volumeUuid, name: 'example 000' });
  await agrees(server);
  // It resumed: there was no second start.
  expect(resets()).toBe(1);
  await server.restart(async () => {
    await server.drop(await uuidOf('example 06'));
    await server.add('example 0000');
  });
  await agrees(server);
  expect(resets()).toBe(2);
});

test('error codes: RATE_LIMITED is waited for, others are shown', async () => {
  const path = '/api/openstack-snapshots/';
  await server.fault({ path, status: 429, headers: { 'retry-after': '1' }, times: 2 });
  await visit();
  expect(problem()).toBe('');
  await leave();
  await server.fault({ path, status: 403, body: '{"detail":"no"}' });
  open();
  await eventually(() => expect(problem()).toBe('FORBIDDEN'));
});

test('token renewal: queries and the stream go on with the new token', async () => {
  const { renewals, resets } = await visit();
  await server.renewToken();
  await more();
  expect(renewals()).toBeGreaterThan(0);
  await eventually(() => expect(resets()).toBe(2));
  await server.add('example 00000');
  await agrees(server);
});
