import { ApolloProvider } from '@apollo/client/react';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { EXAMPLES, eventually, type Server, startServer } from '../support/server.ts';
import { makeClient, type Session } from './client.ts';
import { Snapshots } from './snapshots.tsx';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
afterEach(cleanup);

const FILTER = { name: 'example' };

/** The page, as a browser shows it. */
async function open() {
  let { token } = server;
  const kinds: string[] = [];
  let renewals = 0;
  const session: Session = {
    token: () => token,
    renew: async () => {
      renewals += 1;
      ({ token } = server);
    },
  };
  const { client, socket } = makeClient(`${server.url}/graphql`, session);
  const onKind = (kind: string): void => void kinds.push(kind);
  render(
    <ApolloProvider client={client}>
      <Snapshots filter={FILTER} session={session} onKind={onKind} />
    </ApolloProvider>,
  );
  const rows = (): string[] => screen.queryAllByRole('listitem').map((row) => row.querySelector('b')?.textContent ?? '');
  await eventually(() => expect(kinds).toContain('BOOKMARK'));
  await eventually(() => expect(rows().length).toBeGreaterThan(0));
  return {
    client,
    kinds,
    rows,
    renewals: () => renewals,
    total: () => Number(screen.getByRole('status').textContent),
    more: async () => {
      const { length } = rows();
      fireEvent.click(screen.getByRole('button', { name: 'More' }));
      await eventually(() => expect(rows().length).toBeGreaterThan(length));
    },
    type: (name: string, newName: string) => {
      const input = screen.getByLabelText(`New name of ${name}`);
      fireEvent.change(input, { target: { value: newName } });
      const form = input.closest('form');
      if (form !== null) fireEvent.submit(form);
    },
    /** Waits until the page shows what Waldur has, as far as it is loaded. */
    agrees: () =>
      eventually(async () => {
        const upstream = await server.rows('example');
        expect(rows().length).toBeGreaterThanOrEqual(Math.min(10, upstream.length));
        expect(rows()).toEqual(upstream.map(({ name }) => name).slice(0, rows().length));
        expect(screen.getByRole('status').textContent).toBe(String(upstream.length));
      }),
    async close() {
      cleanup();
      client.stop();
      await socket.dispose();
    },
  };
}
const uuidOf = async (name: string): Promise<string> => (await server.rows(name))[0]?.uuid ?? '';

test('query: the first page is shown', async () => {
  const page = await open();
  expect(page.rows()[0]).toBe('example 01');
  expect(page.total()).toBe(EXAMPLES);
  await page.close();
});

test('page: further pages are appended to the list in the cache', async () => {
  const page = await open();
  await page.more();
  await page.more();
  expect(page.rows()).toEqual((await server.rows('example')).map(({ name }) => name));
  expect(screen.queryByRole('button', { name: 'More' })).toBeNull();
  await page.close();
});

test('cache update: the payload of a mutation changes the row of the list', async () => {
  const page = await open();
  page.type('example 01', 'example 01 b');
  await eventually(() => expect(page.rows()[0]).toBe('example 01 b'));
  await page.agrees();
  await page.close();
});

test('optimistic change: a new name is shown at once, and a refused one is taken back', async () => {
  const page = await open();
  const slowly = { method: 'PATCH', path: '/api/openstack-snapshots/', latencyMs: 300, times: 1 };
  await server.fault(slowly);
  page.type('example 02', 'example 02 b');
  await eventually(() => expect(page.rows()[1]).toBe('example 02 b'));
  expect(screen.queryByRole('progressbar')).not.toBeNull();
  await eventually(() => expect(screen.queryByRole('progressbar')).toBeNull());
  expect(page.rows()[1]).toBe('example 02 b');
  // Waldur refuses to change what is being changed.
  await server.change(await uuidOf('example 03'), { state: 'UPDATING' });
  await server.fault(slowly);
  page.type('example 03', 'example 03 b');
  await eventually(() => expect(page.rows()[2]).toBe('example 03 b'));
  await eventually(() => expect(screen.getByRole('alert').textContent).toContain('INVALID_STATE'));
  expect(page.rows()[2]).toBe('example 03');
  await page.close();
});

test('live: changes by others arrive in the list', async () => {
  const page = await open();
  await server.elsewhere('updateSnapshot', { uuid: await uuidOf('example 04'), name: 'example 04 b' });
  await eventually(() => expect(page.rows()[3]).toBe('example 04 b'));
  await server.elsewhere('unlinkSnapshot', { uuid: await uuidOf('example 04') });
  await server.elsewhere('createSnapshot', { volumeUuid: server.volumeUuid, name: 'example 00' });
  await page.agrees();
  expect(page.rows()[0]).toBe('example 00');
  await page.close();
});

test('resume: a cut connection and a restarted gateway lose nothing and leave no ghost', async () => {
  const page = await open();
  await page.more();
  expect(server.cut()).toBeGreaterThan(0);
  await server.elsewhere('unlinkSnapshot', { uuid: await uuidOf('example 05') });
  await server.elsewhere('createSnapshot', { volumeUuid: server.volumeUuid, name: 'example 000' });
  await page.agrees();
  // It resumed: there was no second start.
  expect(page.kinds.filter((kind) => kind === 'RESET')).toHaveLength(1);
  await server.restart(async () => {
    await server.drop(await uuidOf('example 06'));
    await server.add('example 0000');
  });
  await page.agrees();
  expect(page.kinds.filter((kind) => kind === 'RESET')).toHaveLength(2);
  await page.close();
});

test('error codes: RATE_LIMITED is waited for, others are shown', async () => {
  await server.fault({ path: '/api/openstack-snapshots/', status: 429, headers: { 'retry-after': '1' }, times: 2 });
  const page = await open();
  expect(page.rows()[0]).toContain('example');
  await page.close();
  await server.fault({ path: '/api/openstack-snapshots/', status: 403, body: '{"detail":"no"}', times: 2 });
  const { client } = makeClient(`${server.url}/graphql`, { token: () => server.token, renew: async () => {} });
  render(
    <ApolloProvider client={client}>
      <Snapshots filter={FILTER} session={{ token: () => server.token, renew: async () => {} }} />
    </ApolloProvider>,
  );
  await eventually(() => expect(screen.getByRole('alert').textContent).toBe('FORBIDDEN'));
});

test('token renewal: queries and the stream go on with the new token', async () => {
  const page = await open();
  await server.renewToken();
  await page.more();
  expect(page.renewals()).toBeGreaterThan(0);
  await eventually(() => expect(page.kinds.filter((kind) => kind === 'RESET')).toHaveLength(2));
  await server.add('example 00000');
  await page.agrees();
  await page.close();
});
