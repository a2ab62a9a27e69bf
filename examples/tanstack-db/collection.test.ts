import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { createCollection, createLiveQueryCollection, eq } from '@tanstack/db';
import { EXAMPLES, eventually, type Server, startServer } from '../support/server.ts';
import { connect, type Snapshot, type SnapshotCollectionOptions, snapshotCollection } from './collection.ts';

let server: Server;
const leaves: (() => unknown)[] = [];

before(async () => {
  server = await startServer();
});
after(() => server.close());
afterEach(async () => {
  for (const leave of leaves.splice(0).reverse()) await leave();
});

/** Keeps values like `localStorage`. */
class MemoryStorage {
  readonly #values = new Map<string, string>();
  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }
  removeItem(key: string): void {
    this.#values.delete(key);
  }
}

/** A page with a collection of the examples. */
function open(options: Partial<SnapshotCollectionOptions> = {}, token = () => server.token) {
  const client = connect(`${server.url.replace('http', 'ws')}/graphql`, token);
  const kinds: string[] = [];
  client.on('message', (message) => {
    if (message.type === 'next') kinds.push(JSON.stringify(message.payload.data).match(/"kind":"(\w+)"/)?.[1] ?? '');
  });
  let state: Parameters<NonNullable<SnapshotCollectionOptions['onState']>>[0] | undefined;
  const collection = createCollection(
    snapshotCollection({
      client,
      filter: { name: 'example' },
      ...options,
      onState: (next) => {
        state = next;
      },
    }),
  );
  const watching = collection.subscribeChanges(() => {});
  const close = async (): Promise<void> => {
    watching.unsubscribe();
    await collection.cleanup();
    await Promise.resolve(client.dispose()).catch(() => {});
  };
  leaves.push(close);
  const names = (): string[] => collection.toArray.map(({ name }) => name).sort();
  return {
    collection,
    kinds,
    names,
    close,
    state: () => state,
    ready: () => eventually(() => assert.equal(state?.ready, true)),
    /** Waits until the collection has exactly the rows of Waldur. */
    agrees: () =>
      eventually(async () => {
        const rows = await server.rows('example');
        assert.deepEqual(names(), rows.map(({ name }) => name).sort());
        assert.deepEqual([state?.total, state?.stale], [rows.length, false]);
      }),
  };
}

const named = (rows: Iterable<Snapshot>, name: string): Snapshot => {
  const row = [...rows].find((one) => one.name === name);
  assert.ok(row, name);
  return row;
};

test('query: a live query filters and orders the rows', async () => {
  const { collection, ready } = open();
  await ready();
  assert.equal(collection.size, EXAMPLES);
  const erred = createLiveQueryCollection((q) =>
    q
      .from({ row: collection })
      .where(({ row }) => eq(row.state, 'ERRED'))
      .orderBy(({ row }) => row.name, 'desc'),
  );
  leaves.push(() => erred.cleanup());
  // A live query that nobody watches ends after some seconds.
  erred.subscribeChanges(() => {});
  await erred.preload();
  assert.equal(erred.size, 0);
  for (const name of ['example 01', 'example 02']) {
    await server.elsewhere('setSnapshotErred', { uuid: named(collection.toArray, name).uuid });
  }
  await eventually(() =>
    assert.deepEqual(
      erred.toArray.map(({ name }) => name),
      ['example 02', 'example 01'],
    ),
  );
});

test('page: a live query shows a page of the rows', async () => {
  const { collection, ready } = open();
  await ready();
  const page = createLiveQueryCollection((q) =>
    q
      .from({ row: collection })
      .orderBy(({ row }) => row.name)
      .offset(10)
      .limit(5),
  );
  await page.preload();
  leaves.push(() => page.cleanup());
  assert.deepEqual(
    page.toArray.map(({ name }) => name),
    (await server.rows('example')).slice(10, 15).map(({ name }) => name),
  );
});

test('cache update: the payload of a mutation changes the row', async () => {
  const { collection, ready, agrees } = open();
  await ready();
  const { id } = named(collection.toArray, 'example 03');
  await collection.update(id, (row) => {
    row.name = 'example 03 b';
  }).isPersisted.promise;
  assert.equal(collection.get(id)?.name, 'example 03 b');
  await agrees();
});

test('optimistic change: a new name is shown at once, and a refused one is taken back', async () => {
  const { collection, ready } = open();
  await ready();
  const { id, uuid } = named(collection.toArray, 'example 04');
  await server.change(uuid, { state: 'UPDATING' });
  await eventually(() => assert.equal(collection.get(id)?.state, 'UPDATING'));
  const { isPersisted } = collection.update(id, (row) => {
    row.name = 'refused';
  });
  assert.equal(collection.get(id)?.name, 'refused');
  await assert.rejects(isPersisted.promise, /INVALID_STATE/);
  assert.equal(collection.get(id)?.name, 'example 04');
});

test('live: changes by others arrive', async () => {
  const { ready, agrees, names } = open();
  await ready();
  await server.elsewhere('unlinkSnapshot', { uuid: (await server.rows('example 05'))[0]?.uuid });
  await server.add('example added');
  await agrees();
  assert.ok(names().includes('example added'));
});

test('resume: a cut connection and a restarted gateway lose nothing and leave no ghost', async () => {
  const { ready, agrees, kinds } = open();
  await ready();
  const resets = () => kinds.filter((kind) => kind === 'RESET').length;
  assert.ok(server.cut() > 0);
  await server.elsewhere('unlinkSnapshot', { uuid: (await server.rows('example 06'))[0]?.uuid });
  await server.elsewhere('createSnapshot', { volumeUuid: server.volumeUuid, name: 'example made while away' });
  await agrees();
  // It resumed: there was no second start.
  assert.equal(resets(), 1);
  await server.stop();
  for (const { uuid } of await server.rows('example 07')) await server.drop(uuid);
  await server.add('example added while away');
  await server.start();
  await agrees();
  assert.equal(resets(), 2);
});

test('reload: the saved rows are shown at once, and only what changed is sent', async () => {
  const storage = new MemoryStorage();
  const first = open({ storage, key: 'snapshots of staff' });
  await first.ready();
  await first.agrees();
  const before = first.names();
  await first.close();
  await server.elsewhere('unlinkSnapshot', { uuid: (await server.rows('example 08'))[0]?.uuid });
  const second = open({ storage, key: 'snapshots of staff' });
  assert.deepEqual(second.names(), before);
  await second.agrees();
  assert.deepEqual(second.kinds.toSorted(), ['BOOKMARK', 'REMOVED']);
});

test('error codes: those of a mutation take the change back, those of the stream end the table', async () => {
  const { collection, ready } = open();
  await ready();
  const { id } = named(collection.toArray, 'example 09');
  await server.fault({ method: 'PATCH', path: '/api/openstack-snapshots/', status: 429, times: 1 });
  const { isPersisted } = collection.update(id, (row) => {
    row.name = 'limited';
  });
  await assert.rejects(isPersisted.promise, /RATE_LIMITED/);
  assert.equal(collection.get(id)?.name, 'example 09');
  const refused = open({ filter: { uuid: 'no uuid' } });
  await eventually(() => assert.match(JSON.stringify(refused.state()?.error ?? ''), /BAD_USER_INPUT/));
});

test('token renewal: the next collection uses the new token', async () => {
  const { ready, state } = open();
  await ready();
  await server.renewToken();
  await eventually(() => assert.match(JSON.stringify(state()?.error ?? ''), /UNAUTHENTICATED/));
  const renewed = open();
  await renewed.ready();
  await renewed.agrees();
});
