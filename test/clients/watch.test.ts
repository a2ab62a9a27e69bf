import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Payload,
  type Result,
  type RootOptions,
  type Sink,
  type StreamClient,
  type Table,
  watch,
} from '../../clients/live/src/index.ts';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import { useLive } from '../support/live.ts';
import { type Cuts, startCuts } from './support/cuts.ts';
import { CLIENTS, SOON, startBehind } from './support/stage.ts';
import { MemoryStorage } from './support/storage.ts';

/** Tables of `clients/live`. */

const live = useLive();
const { outside } = live;
const tenant = uuidOf.tenant('genome-tenant');
const stops: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Row {
  readonly uuid: string;
  readonly state: string;
}

const gist = (table: Table<Row>) => {
  const { rows, ready, stale, total } = table.snapshot();
  return { rows: rows.map(({ uuid, state }) => [uuid, state]), ready, stale, total };
};
const shows = (table: Table<Row>, rows: readonly (readonly [string, string])[]): Promise<void> =>
  vi.waitFor(() => expect(gist(table)).toEqual({ rows, ready: true, stale: false, total: rows.length }), SOON);

function connect(kind: string, url: string): StreamClient {
  const client = CLIENTS[kind]?.(url);
  if (client === undefined) throw new Error(kind);
  stops.push(() => Promise.resolve(client.dispose()).catch(() => {}));
  return client;
}

/** A client that notes the kinds of the events. */
function counting(client: StreamClient): { client: StreamClient; kinds: unknown[] } {
  const kinds: unknown[] = [];
  return {
    kinds,
    client: {
      ...client,
      subscribe: (payload, sink, ...more) =>
        client.subscribe(
          payload,
          {
            ...sink,
            next: (result) => {
              const [event] = Object.values(result.data ?? {});
              kinds.push(Object(event).kind);
              sink.next(result);
            },
          },
          ...more,
        ),
    },
  };
}

async function proxied(): Promise<{ cuts: Cuts; restart: () => Promise<void> }> {
  const cuts = await startCuts();
  const { url } = live.running().simulator;
  let gateway = await startBehind(cuts, url);
  stops.push(
    () => cuts.close(),
    () => gateway.close(),
  );
  return {
    cuts,
    async restart() {
      await gateway.close();
      gateway = await startBehind(cuts, url);
    },
  };
}

const options = (name: string): RootOptions<Row> => ({ root: 'snapshots', fields: 'uuid state', filter: { name } });

describe.each(Object.keys(CLIENTS))('over %s', (kind) => {
  it('rows keep their places; a lost connection makes them stale; after a restart they are replaced at once', async () => {
    const name = live.name();
    const add = () => outside.add('snapshots', { tenant, name });
    const [first, second] = [await add(), await add()];
    const { cuts, restart } = await proxied();
    const table = watch(connect(kind, cuts.url), options(name));
    stops.push(table.close);
    expect(table.snapshot()).toEqual({ rows: [], ready: false, stale: false, total: undefined, error: undefined });
    const seen: ReturnType<typeof gist>[] = [];
    table.subscribe(() => seen.push(gist(table)));
    await vi.waitFor(() => expect(table.snapshot().ready).toBe(true), SOON);
    const order = table.snapshot().rows.map(({ uuid }) => uuid);
    expect(order.toSorted()).toEqual([first, second].toSorted());
    const [top = '', bottom = ''] = order;

    await outside.change('snapshots', top, { state: 'ERRED' });
    const third = await add();
    await shows(table, [
      [top, 'ERRED'],
      [bottom, 'OK'],
      [third, 'OK'],
    ]);
    expect(table.snapshot()).toBe(table.snapshot());

    seen.length = 0;
    // A connection that is back within the time of one notification is not seen as lost.
    const end = cuts.outage();
    await vi.waitFor(() => expect(seen.some(({ stale }) => stale)).toBe(true), SOON);
    end();
    await outside.drop('snapshots', bottom);
    await shows(table, [
      [top, 'ERRED'],
      [third, 'OK'],
    ]);

    seen.length = 0;
    await outside.drop('snapshots', top);
    await restart();
    await shows(table, [[third, 'OK']]);
    // No listener saw the table empty while the rows arrived again.
    expect(seen.filter(({ rows }) => rows.length === 0)).toEqual([]);
  });

  it('a reload paints the saved rows, then gets only what changed; RESET drops them', async () => {
    const name = live.name();
    const add = () => outside.add('snapshots', { tenant, name });
    await Promise.all([add(), add(), add()]);
    const { cuts, restart } = await proxied();
    const storage = new MemoryStorage();
    const open = () => {
      const { client, kinds } = counting(connect(kind, cuts.url));
      const table = watch<Row>(client, { ...options(name), storage, key: 'mine' });
      stops.push(table.close);
      return { table, kinds };
    };
    const before = open();
    await vi.waitFor(() => expect(before.table.snapshot().ready).toBe(true), SOON);
    const { rows } = gist(before.table);
    before.table.close();
    const [[gone = ''] = [], [changed = ''] = [], [kept = ''] = []] = rows;
    await outside.drop('snapshots', gone);
    await outside.change('snapshots', changed, { state: 'ERRED' });

    const after = open();
    expect(gist(after.table)).toEqual({ rows, ready: false, stale: true, total: 3 });
    const now: [string, string][] = [
      [changed, 'ERRED'],
      [kept, 'OK'],
    ];
    await shows(after.table, now);
    expect(after.kinds.toSorted()).toEqual(['BOOKMARK', 'REMOVED', 'STATE_CHANGED']);
    after.table.close();
    expect(storage.values.size).toBe(1);

    await restart();
    const removals = vi.spyOn(storage, 'removeItem');
    const last = open();
    expect(gist(last.table).rows).toEqual(now);
    await vi.waitFor(() => expect(removals).toHaveBeenCalledExactlyOnceWith('mine'), SOON);
    await vi.waitFor(() => expect(gist(last.table)).toMatchObject({ ready: true, stale: false, total: 2 }), SOON);
    expect(gist(last.table).rows.toSorted()).toEqual(now.toSorted());
  });

  it('UNAUTHENTICATED ends it, with the rows as they were', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const { url, simulator } = live.running();
    const table = watch(connect(kind, url), options(name));
    stops.push(table.close);
    await shows(table, [[uuid, 'OK']]);
    await fetch(`${simulator.url}/__sim/tokens/${tokenOf('admin1')}/revoke`, { method: 'POST' });
    await vi.waitFor(() => {
      const { error, stale, rows } = table.snapshot();
      expect(error).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
      expect([stale, rows.length]).toEqual([true, 1]);
    }, SOON);
  });
});

describe('what is watched', () => {
  it('volumes, some uuids, without the present objects, in an order of its own', async () => {
    const name = live.name();
    const [a, b, c] = await Promise.all(['1', '2', '3'].map(() => outside.add('volumes', { tenant, name })));
    const client = connect('graphql-ws', live.running().url);
    const common = { root: 'volumes', fields: 'uuid state', filter: { name } } as const;
    const compare = (x: Row, y: Row) => (x.uuid < y.uuid ? 1 : -1);
    const all = watch<Row>(client, { ...common, compare });
    const some = watch<Row>(client, { ...common, uuids: [a ?? ''], compare });
    const later = watch<Row>(client, { ...common, initial: false });
    stops.push(all.close, some.close, later.close);
    const ids = (table: Table<Row>) => table.snapshot().rows.map(({ uuid }) => uuid);
    await vi.waitFor(
      () => expect([all, some, later].map((table) => table.snapshot().ready)).toEqual([true, true, true]),
      SOON,
    );
    expect([all, some, later].map(ids)).toEqual([[a, b, c].toSorted().toReversed(), [a], []]);
    await outside.change('volumes', b ?? '', { state: 'ERRED' });
    await vi.waitFor(() => expect(gist(later).rows).toEqual([[b, 'ERRED']]), SOON);
    expect(later.snapshot().total).toBe(3);
  });

  it('a document of your own', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const table = watch<{ n: string }>(connect('graphql-sse', live.running().url), {
      query: `query Other { viewer { uuid } }
        subscription Mine($f: SnapshotFilter) { s: snapshotChanges(filter: $f) { ...E } }
        fragment E on SnapshotChange { o: snapshot { n: name } }`,
      operationName: 'Mine',
      variables: { f: { name } },
    });
    stops.push(table.close);
    await vi.waitFor(
      () => expect(table.snapshot()).toMatchObject({ rows: [{ n: name }], ready: true, total: 1 }),
      SOON,
    );
    await outside.drop('snapshots', uuid);
    await vi.waitFor(() => expect(table.snapshot()).toMatchObject({ rows: [], total: 0 }), SOON);
  });

  it.each([
    ['a query', '{ snapshots { nodes { uuid } } }'],
    ['a stream without the object', 'subscription { snapshotChanges { kind } }'],
  ])('not %s', (_, query) => {
    expect(() => watch(fake().client, { query })).toThrow(TypeError);
  });

  it('not with a storage without a key', () => {
    expect(() => watch(fake().client, { ...options('x'), storage: new MemoryStorage() })).toThrow(/key/);
  });
});

/** A client whose events the test sends. */
function fake() {
  const requests: Payload[] = [];
  let sink: Sink | undefined;
  const client: StreamClient = {
    subscribe(payload, own) {
      requests.push(payload);
      sink = own;
      return () => own.complete();
    },
    iterate: () => {
      throw new Error('not used');
    },
    dispose() {},
  };
  const send = (kind: string, id: string | null = null, cursor: string | null = null, state = 'OK'): void => {
    const snapshot = id === null || kind === 'REMOVED' ? null : { uuid: id, state };
    const totalCount = cursor === null ? null : 1;
    const result: Result = { data: { snapshotChanges: { kind, id, cursor, totalCount, snapshot } } };
    sink?.next(result);
  };
  return { client, requests, send };
}

describe('listeners', () => {
  it('are called once for all changes of 16 ms, until they leave', () => {
    vi.useFakeTimers();
    const { client, send } = fake();
    const table = watch(client, options('x'));
    const [stays, leaves] = [vi.fn(), vi.fn()];
    table.subscribe(stays);
    const leave = table.subscribe(leaves);
    send('RESET');
    for (let i = 0; i < 50; i += 1) send('INITIAL', `u${i}`);
    send('BOOKMARK', null, 'c1');
    expect(table.snapshot().rows).toHaveLength(50);
    expect(stays).not.toHaveBeenCalled();
    vi.advanceTimersByTime(16);
    expect([stays.mock.calls.length, leaves.mock.calls.length]).toEqual([1, 1]);
    leave();
    send('STALE');
    vi.advanceTimersByTime(16);
    expect([stays.mock.calls.length, leaves.mock.calls.length]).toEqual([2, 1]);
    expect(table.snapshot().stale).toBe(true);
    send('BOOKMARK', null, 'c2');
    expect(table.snapshot().stale).toBe(false);
    table.close();
    table.close();
    send('REMOVED', 'u1', 'c3');
    expect(vi.getTimerCount()).toBe(0);
    expect(stays).toHaveBeenCalledTimes(2);
  });
});

describe('the storage', () => {
  const save = (storage: MemoryStorage, key = 'k') => {
    const { client, send } = fake();
    const table = watch(client, { ...options('x'), storage, key });
    send('RESET');
    send('INITIAL', 'u1');
    send('BOOKMARK', null, 'c1');
    table.close();
  };

  it('is written at most once a second, rows and cursor together', () => {
    vi.useFakeTimers();
    const storage = new MemoryStorage();
    const writes = vi.spyOn(storage, 'setItem');
    const { client, send } = fake();
    const table = watch(client, { ...options('x'), storage, key: 'k' });
    send('RESET');
    send('BOOKMARK', null, 'c1');
    for (let i = 0; i < 10; i += 1) send('ADDED', `u${i}`, `c2.${i}`);
    vi.advanceTimersByTime(1_000);
    expect(writes).toHaveBeenCalledTimes(1);
    const saved = JSON.parse(storage.getItem('k') ?? '');
    expect([saved.cursor, saved.rows.length]).toEqual(['c2.9', 10]);
    send('REMOVED', 'u3', 'c3');
    send('RESET');
    vi.advanceTimersByTime(1_000);
    expect([writes.mock.calls.length, storage.values.size]).toEqual([1, 0]);
    table.close();
    expect(storage.values.size).toBe(0);
  });

  it.each<readonly [string, Partial<RootOptions<Row> & { key: string }>, (text: string) => string]>([
    ['another key', { key: 'other' }, (text) => text],
    ['another filter', { filter: { name: 'y' } }, (text) => text],
    ['other fields', { fields: 'uuid name state' }, (text) => text],
    ['a text that is no JSON', {}, (text) => text.slice(1)],
    ['a value of another form', {}, () => '[1]'],
    ['rows without a cursor', {}, (text) => text.replace('"c1"', 'null')],
  ])('%s: the table begins empty', (_, other, damage) => {
    const storage = new MemoryStorage();
    save(storage);
    storage.setItem('k', damage(storage.getItem('k') ?? ''));
    const { client, requests } = fake();
    const table = watch(client, { ...options('x'), storage, key: 'k', ...other });
    expect([table.snapshot().rows, requests[0]?.variables?.after]).toEqual([[], null]);
    table.close();
  });

  it('that fails is reported, and the table works without it', () => {
    const storage = new MemoryStorage();
    const failure = new Error('full');
    for (const method of ['getItem', 'setItem', 'removeItem'] as const) {
      vi.spyOn(storage, method).mockImplementation(() => {
        throw failure;
      });
    }
    const onStorageError = vi.fn();
    const { client, send } = fake();
    const table = watch(client, { ...options('x'), storage, key: 'k', onStorageError });
    send('RESET');
    send('INITIAL', 'u1');
    send('BOOKMARK', null, 'c1');
    expect(table.snapshot()).toMatchObject({ rows: [{ uuid: 'u1' }], ready: true });
    table.close();
    expect(onStorageError.mock.calls).toEqual([[failure], [failure], [failure]]);
  });
});
