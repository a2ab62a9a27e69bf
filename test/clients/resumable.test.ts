import fc from 'fast-check';
import * as sse from 'graphql-sse';
import * as ws from 'graphql-ws';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Table as LiveTable,
  type Payload,
  resumable,
  type StreamClient,
  watch,
} from '../../clients/live/src/index.ts';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import { useLive } from '../support/live.ts';
import { startCuts } from './support/cuts.ts';
import { RUNS } from './support/runs.ts';
import { CLIENTS, SOON, startBehind } from './support/stage.ts';
import { MemoryStorage } from './support/storage.ts';
import { type Names, PLAIN, Table } from './support/table.ts';

/** Clients of `clients/live` against gateways that restart, over connections that break. */

const live = useLive();
const { outside } = live;
const tenant = uuidOf.tenant('genome-tenant');
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const DOCUMENTS: Readonly<
  Record<
    string,
    { readonly query: string; readonly names: Names; readonly keys: readonly string[]; readonly extra?: object }
  >
> = {
  'all that is needed': {
    query: `subscription ($filter: SnapshotFilter, $after: String) {
      snapshotChanges(filter: $filter, after: $after) { kind cursor uuid state }
    }`,
    names: PLAIN,
    keys: ['cursor', 'kind', 'state', 'uuid'],
  },
  'no cursor': {
    query: 'subscription Plain($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { kind uuid state } }',
    names: PLAIN,
    keys: ['kind', 'state', 'uuid'],
  },
  'aliases and fragments': {
    query: `query Other { viewer { uuid } }
    subscription Live($filter: SnapshotFilter) { ...Root }
    fragment Root on Subscription { live: snapshotChanges(filter: $filter) { ...Event cursor: state } }
    fragment Event on SnapshotChange { kind: uuid what: kind now: state }`,
    names: { root: 'live', kind: 'what', uuid: 'kind', state: 'now' },
    keys: ['cursor', 'kind', 'now', 'what'],
    extra: { operationName: 'Live' },
  },
};

function read(client: StreamClient, payload: Payload, names: Names): Table {
  const table = new Table(names);
  // graphql-ws rejects when it is connecting in vain at that moment.
  stops.push(client.subscribe(payload, table.sink), () => Promise.resolve(client.dispose()).catch(() => {}));
  return table;
}

const shows = (table: Table, rows: Readonly<Record<string, string>>): Promise<void> =>
  vi.waitFor(() => expect([table.end, Object.fromEntries(table.rows)]).toEqual([undefined, rows]), SOON);

const PAIRS = Object.keys(CLIENTS).flatMap((client) => Object.keys(DOCUMENTS).map((document) => [client, document]));

describe.each(PAIRS)('%s, %s', (clientName = '', documentName = '') => {
  const { query = '', names = PLAIN, keys, extra } = DOCUMENTS[documentName] ?? {};

  it('gets exactly the missed events after a cut, and all objects after a restart', async () => {
    const name = live.name();
    const [first, second] = [
      await outside.add('snapshots', { tenant, name }),
      await outside.add('snapshots', { tenant, name }),
    ];
    const cuts = await startCuts();
    const before = await startBehind(cuts, live.running().simulator.url);
    stops.push(
      () => cuts.close(),
      () => before.close(),
    );
    const client = CLIENTS[clientName]?.(cuts.url);
    if (client === undefined) throw new Error(clientName);
    const table = read(client, { query, variables: { filter: { name } }, ...extra }, names);
    const heard = (kind: string) => vi.waitFor(() => expect(table.kinds).toContain(kind), SOON);
    await heard('BOOKMARK');
    expect(table.kinds).toEqual(['RESET', 'INITIAL', 'INITIAL', 'BOOKMARK']);

    table.kinds.length = 0;
    cuts.now();
    await outside.change('snapshots', first, { state: 'ERRED' });
    await outside.drop('snapshots', second);
    await shows(table, { [first]: 'ERRED' });
    await heard('BOOKMARK');
    expect(table.kinds.sort()).toEqual(['BOOKMARK', 'REMOVED', 'STATE_CHANGED']);

    table.kinds.length = 0;
    await before.close();
    const third = await outside.add('snapshots', { tenant, name });
    await outside.drop('snapshots', first);
    const after = await startBehind(cuts, live.running().simulator.url);
    stops.push(() => after.close());
    await heard('BOOKMARK');
    await shows(table, { [third]: 'OK' });
    expect(table.kinds).toEqual(['RESET', 'INITIAL', 'BOOKMARK']);
    expect(table.wrong).toEqual([]);
    expect([...table.keys].sort()).toEqual(keys);
  });
});

/** A page with a table that is kept in the browser. */
class Page {
  readonly #connect: () => StreamClient;
  readonly #name: string;
  readonly #storage = new MemoryStorage();
  #client: StreamClient | undefined;
  #table: LiveTable<{ uuid: string; state: string }> | undefined;

  constructor(connect: () => StreamClient, name: string) {
    this.#connect = connect;
    this.#name = name;
    this.#open();
  }

  #open(): void {
    this.#client = this.#connect();
    this.#table = watch(this.#client, {
      root: 'snapshots',
      fields: 'uuid state',
      filter: { name: this.#name },
      storage: this.#storage,
      key: 'table',
      saveMs: 0,
    });
  }

  close(): void {
    this.#table?.close();
    // graphql-ws rejects when it is connecting in vain at that moment.
    void Promise.resolve(this.#client?.dispose()).catch(() => {});
  }

  reload(): void {
    this.close();
    this.#open();
  }

  async shows(rows: Readonly<Record<string, string>>): Promise<void> {
    await vi.waitFor(() => {
      const state = this.#table?.snapshot();
      const shown = state?.rows.map(({ uuid, state }) => [uuid, state]) ?? [];
      expect({ ...state, rows: Object.fromEntries(shown) }).toEqual({
        rows,
        total: Object.keys(rows).length,
        ready: true,
        stale: false,
        error: undefined,
      });
      expect(shown).toHaveLength(Object.keys(rows).length);
    }, SOON);
  }
}

const action = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('change' as const), fc.nat({ max: 9 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('drop' as const), fc.nat({ max: 9 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('add' as const), fc.constant(0)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('cut' as const), fc.nat({ max: 3_000 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('catch up' as const), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('restart' as const), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('reload' as const), fc.constant(0)) },
);

describe('a story with cut connections and restarts ends with the truth', () => {
  it('for each client and document: nothing lost, nothing doubled, no ghosts', async () => {
    let stories = 0;
    const reached = { cuts: 0, restarts: 0, reloads: 0, resets: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 8, maxLength: 20, size: 'max' }), async (actions) => {
        // The filter finds names that contain it.
        const name = `${live.name()}, story ${++stories};`;
        const rows: Record<string, string> = {};
        const add = async (): Promise<void> => {
          rows[await outside.add('snapshots', { tenant, name })] = 'OK';
        };
        const cuts = await startCuts();
        let gateway = await startBehind(cuts, live.running().simulator.url);
        try {
          await Promise.all([add(), add(), add(), add()]);
          const tables = Object.values(CLIENTS).flatMap((connect) =>
            Object.values(DOCUMENTS).map(({ query, names, extra }) =>
              read(connect(cuts.url), { query, variables: { filter: { name } }, ...extra }, names),
            ),
          );
          const pages = Object.values(CLIENTS).map((connect) => new Page(() => connect(cuts.url), name));
          stops.push(...pages.map((page) => () => page.close()));
          const caughtUp = () =>
            Promise.all([...tables.map((table) => shows(table, rows)), ...pages.map((page) => page.shows(rows))]);
          await caughtUp();
          for (const [what, value] of actions) {
            const uuid = Object.keys(rows)[value % Math.max(1, Object.keys(rows).length)];
            if (what === 'add') await add();
            else if (what === 'catch up') await caughtUp();
            else if (what === 'reload') {
              reached.reloads += 1;
              for (const page of pages) page.reload();
            } else if (what === 'restart') {
              reached.restarts += 1;
              await gateway.close();
              gateway = await startBehind(cuts, live.running().simulator.url);
            } else if (what === 'cut') {
              if (value < 1_000) cuts.now();
              else cuts.after(value - 1_000);
            } else if (uuid !== undefined && what === 'drop') {
              await outside.drop('snapshots', uuid);
              delete rows[uuid];
            } else if (uuid !== undefined) {
              rows[uuid] = rows[uuid] === 'OK' ? 'ERRED' : 'OK';
              await outside.change('snapshots', uuid, { state: rows[uuid] });
            }
          }
          await caughtUp();
          for (const table of tables) expect(table.wrong).toEqual([]);
          reached.cuts += cuts.count();
          reached.resets += tables.flatMap(({ kinds }) => kinds).filter((kind) => kind === 'RESET').length;
        } finally {
          for (const stop of stops.splice(0).reverse()) await stop();
          await cuts.close();
          await gateway.close();
        }
      }),
      { numRuns: RUNS, seed: 24, endOnFailure: true },
    );
    // A test of the test.
    expect(Math.min(...Object.values(reached)), JSON.stringify(reached)).toBeGreaterThan(0);
  }, 600_000);
});

describe('errors of one operation', () => {
  const query = 'subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { kind uuid state } }';

  it('RATE_LIMITED is retried: the 101st stream of a socket begins when another one ends', async () => {
    const name = live.name();
    const client = CLIENTS['graphql-ws']?.(live.running().url);
    if (client === undefined) throw new Error('no client');
    stops.push(() => client.dispose());
    const variables = { filter: { name } };
    const others = Array.from({ length: 100 }, () => new Table());
    const leave = others.map((table) => client.subscribe({ query, variables }, table.sink));
    const last = new Table();
    client.subscribe({ query, variables }, last.sink);
    await vi.waitFor(() => {
      for (const { kinds } of others) expect(kinds).toEqual(['RESET', 'BOOKMARK']);
    }, SOON);
    expect([last.kinds, last.end]).toEqual([[], undefined]);
    leave[0]?.();
    await vi.waitFor(() => expect(last.kinds).toEqual(['RESET', 'BOOKMARK']), SOON);
  });

  it('UNAUTHENTICATED is passed on; after a new sign-in the same client works again', async () => {
    const name = live.name();
    let username = 'admin1';
    const renewed = () => ({ Authorization: `Token ${tokenOf(username)}` });
    const { url, simulator } = live.running();
    const socket = resumable(
      ws.createClient({ url: `${url.replace('http', 'ws')}/graphql`, connectionParams: renewed }),
    );
    const events = resumable(sse.createClient({ url: `${url}/graphql`, headers: renewed }));
    const variables = { filter: { name } };
    const begin = () => [read(socket, { query, variables }, PLAIN), read(events, { query, variables }, PLAIN)];
    const tables = begin();
    const began = (some: readonly Table[]) =>
      vi.waitFor(() => expect(some.map(({ kinds }) => kinds)).toEqual(some.map(() => ['RESET', 'BOOKMARK'])), SOON);
    await began(tables);
    await fetch(`${simulator.url}/__sim/tokens/${tokenOf(username)}/revoke`, { method: 'POST' });
    const [overSocket, overEvents] = tables;
    await vi.waitFor(() => {
      expect(overSocket?.end).toMatchObject({ problem: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      expect(overEvents?.end).toEqual({});
      expect(overEvents?.wrong.join()).toContain('UNAUTHENTICATED');
    }, SOON);
    username = 'staff';
    await began(begin());
  });
});
