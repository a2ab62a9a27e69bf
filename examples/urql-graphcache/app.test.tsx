import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { listStory, type Visit } from '../support/list-story.ts';
import { type Server, startServer } from '../support/server.ts';
import { makeClient } from './client.ts';
import { Snapshots } from './snapshots.tsx';

let server: Server;
/** Graphcache writes what it cannot merge to the console. */
const warnings = vi.spyOn(console, 'warn');
const errors = vi.spyOn(console, 'error');
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const FILTER = { name: 'example' };

const openOver = (over: 'websocket' | 'events') => (): Visit => {
  let { token } = server;
  let renewals = 0;
  const session = {
    token: () => token,
    renew: async () => {
      renewals += 1;
      ({ token } = server);
    },
  };
  const kinds: string[] = [];
  const onKind = (kind: string): void => {
    kinds.push(kind);
  };
  const { client, socket } = makeClient(`${server.url}/graphql`, session, over);
  const root = createRoot(document.body.appendChild(document.createElement('main')));
  root.render(
    <Provider value={client}>
      <Snapshots filter={FILTER} onKind={onKind} />
    </Provider>,
  );
  return {
    kinds,
    renewals: () => renewals,
    async leave() {
      root.unmount();
      document.body.replaceChildren();
      await socket.dispose();
    },
  };
};

const story = listStory(() => server, openOver('websocket'));
const overEvents = listStory(() => server, openOver('events'));
afterEach(async () => {
  await story.end();
  await overEvents.end();
  expect(warnings.mock.calls).toEqual([]);
  expect(errors.mock.calls).toEqual([]);
});

test('query: the first page is shown', story.query);
test('page: relayPagination appends further pages to the list', story.pages);
test('cache update: the payload of a mutation changes the row of the list', story.cacheUpdate);
test('optimistic change: a new name is shown at once, and a refused one is taken back', story.optimisticChange);
test('live: changes by others arrive in the list', story.live);
test('resume: a cut connection and a restarted gateway lose nothing and leave no ghost', story.resume);
test('token renewal: queries and the stream go on with the new token', story.tokenRenewal);
test('server-sent events: fetchSubscriptions follows the list on /graphql', overEvents.added);
// The last one: a subscription to a list that Waldur has refused is refused for the next ten seconds, too.
test('error codes: RATE_LIMITED is waited for, others are shown', story.errorCodes);
