import fc from 'fast-check';
import * as sse from 'graphql-sse';
import * as ws from 'graphql-ws';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Payload, resumable, type StreamClient } from '../../clients/live/src/index.ts';
import { configWith } from '../../src/config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import { FAST, useLive } from '../support/live.ts';
import { type Cuts, startCuts } from './support/cuts.ts';
import { type Names, PLAIN, Table } from './support/table.ts';

/** Clients of `clients/live` against gateways that restart, over connections that break. */

const live = useLive();
const { outside } = live;
const tenant = uuidOf.tenant('genome-tenant');
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const SOON = { timeout: 20_000, interval: 5 };
const authorization = () => ({ Authorization: `Token ${tokenOf('admin1')}` });
const atOnce = async (): Promise<void> => {};

/** Clients as most people make them, except for the pauses. */
const CLIENTS: Readonly<Record<string, (url: string) => StreamClient>> = {
  'graphql-ws': (url) =>
    resumable(
      ws.createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        connectionParams: authorization,
        retryWait: atOnce,
      }),
      { retryDelay: () => 5 },
    ),
  'graphql-sse': (url) =>
    resumable(sse.createClient({ url: `${url}/graphql`, headers: authorization, retry: atOnce }), {
      retryDelay: () => 5,
    }),
};

const DOCUMENTS: Readonly<Record<string, { readonly query: string; readonly names: Names; readonly extra?: object }>> =
  {
    'all that is needed': {
      query: `subscription ($filter: SnapshotFilter, $after: String) {
      snapshotChanges(filter: $filter, after: $after) { kind cursor uuid state }
    }`,
      names: PLAIN,
    },
    'no cursor': {
      query: 'subscription Plain($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { kind uuid state } }',
      names: PLAIN,
    },
    'aliases and fragments': {
      query: `query Other { viewer { uuid } }
    subscription Live($filter: SnapshotFilter) { ...Root }
    fragment Root on Subscription { live: snapshotChanges(filter: $filter) { ...Event cursor: state } }
    fragment Event on SnapshotChange { kind: uuid what: kind now: state }`,
      names: { root: 'live', kind: 'what', uuid: 'kind', state: 'now' },
      extra: { operationName: 'Live' },
    },
  };

async function startBehind(cuts: Cuts): Promise<Gateway> {
  const waldurApiUrl = live.running().simulator.url;
  const gateway = await createGateway(
    configWith({ port: 0, waldurApiUrl, socketDrainMs: 0, shutdownTimeoutMs: 500, cacheTtlMs: 0, logLevel: 'silent' }),
    { live: FAST },
  );
  cuts.forwardTo(Number(new URL(gateway.url).port));
  return gateway;
}

function read(client: StreamClient, payload: Payload, names: Names): Table {
  const table = new Table(names);
  stops.push(client.subscribe(payload, table.sink), () => client.dispose());
  return table;
}

const shows = (table: Table, rows: Readonly<Record<string, string>>): Promise<void> =>
  vi.waitFor(() => expect([table.end, Object.fromEntries(table.rows)]).toEqual([undefined, rows]), SOON);

const action = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('change' as const), fc.nat({ max: 9 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('drop' as const), fc.nat({ max: 9 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('add' as const), fc.constant(0)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('cut' as const), fc.nat({ max: 3_000 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('catch up' as const), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('restart' as const), fc.constant(0)) },
);

/** More with `CLIENTS_RUNS=200`. */
const RUNS = Number(process.env.CLIENTS_RUNS ?? 4);

describe('a story with cut connections and restarts ends with the truth', () => {
  it('for each client and document: nothing lost, nothing doubled, no ghosts', async () => {
    const reached = { cuts: 0, restarts: 0, resets: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 8, maxLength: 20, size: 'max' }),
        fc.nat(),
        async (actions, id) => {
          const name = `${live.name()} ${id}`;
          const rows: Record<string, string> = {};
          const add = async (): Promise<void> => {
            rows[await outside.add('snapshots', { tenant, name })] = 'OK';
          };
          const cuts = await startCuts();
          let gateway = await startBehind(cuts);
          try {
            await Promise.all([add(), add(), add(), add()]);
            const tables = Object.values(CLIENTS).flatMap((connect) =>
              Object.values(DOCUMENTS).map(({ query, names, extra }) =>
                read(connect(cuts.url), { query, variables: { filter: { name } }, ...extra }, names),
              ),
            );
            const caughtUp = () => Promise.all(tables.map((table) => shows(table, rows)));
            await caughtUp();
            for (const [what, value] of actions) {
              const uuid = Object.keys(rows)[value % Math.max(1, Object.keys(rows).length)];
              if (what === 'add') await add();
              else if (what === 'catch up') await caughtUp();
              else if (what === 'restart') {
                reached.restarts += 1;
                await gateway.close();
                gateway = await startBehind(cuts);
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
        },
      ),
      { numRuns: RUNS, seed: 24, endOnFailure: true },
    );
    // A test of the test.
    expect(Math.min(...Object.values(reached)), JSON.stringify(reached)).toBeGreaterThan(0);
  }, 600_000);
});
