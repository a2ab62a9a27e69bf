import { createRoot } from 'react-dom/client';
import { RelayEnvironmentProvider } from 'react-relay';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { listStory, type Visit } from '../support/list-story.ts';
import { type Server, startServer } from '../support/server.ts';
import { makeEnvironment } from './environment.ts';
import { Snapshots } from './snapshots.tsx';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const FILTER = { name: 'example' };

function open(): Visit {
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
  const { environment, socket } = makeEnvironment(`${server.url}/graphql`, session);
  const root = createRoot(document.body.appendChild(document.createElement('main')));
  root.render(
    <RelayEnvironmentProvider environment={environment}>
      <Snapshots filter={FILTER} session={session} onKind={onKind} />
    </RelayEnvironmentProvider>,
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
}

const story = listStory(() => server, open);
/** Relay writes what it cannot merge to the console. */
const warnings = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
afterEach(async () => {
  await story.end();
  for (const { mock } of warnings) expect(mock.calls).toEqual([]);
});

test('query: the first page is shown', story.query);
test('page: further pages are appended to the connection in the store', story.pages);
test('cache update: the payload of a mutation changes the row of the list', story.cacheUpdate);
test('optimistic change: a new name is shown at once, and a refused one is taken back', story.optimisticChange);
test('deletion: @deleteRecord and @deleteEdge take deletedSnapshotId', story.unlink);
test('live: changes by others arrive in the list', story.live);
test('resume: a cut connection and a restarted gateway lose nothing and leave no ghost', story.resume);
test('token renewal: queries and the stream go on with the new token', story.tokenRenewal);
// The last one: a subscription to a list that Waldur has refused is refused for the next ten seconds, too.
test('error codes: RATE_LIMITED is waited for, others are shown', story.errorCodes);
