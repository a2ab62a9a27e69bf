import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { configWith } from '../../src/config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { at, dataset, type JsonValue, tokenOf, uuidOf } from '../support/gateway.ts';

/** Lists that move between the reads of two REST pages. */

const ROWS = 620;
const VOLUMES = 31;
const PREFIX = 'moving';
const tenant = uuidOf.tenant('genome-tenant');
const hex = (kind: string, i: number): string => `${kind}${i.toString(16).padStart(30, '0')}`;
const named = (i: number | string): string => `${PREFIX} ${String(i).padStart(4, '0')}`;
const likeSnapshot = dataset.snapshots.find(({ name }) => name === 'rw-target');
const likeVolume = dataset.volumes.find(({ name }) => name === 'db-data');
/** Of volume 0 are as many snapshots as all others have together. */
const volumeOf = (i: number): string => hex('b0', i % 2 === 0 ? 0 : i % VOLUMES);
const common = { tenant_uuid: tenant, instance_uuid: null };
const created = (i: number): string => new Date(Date.UTC(2025, 0, 1) + i * 60_000).toISOString();
const snapshots = Array.from({ length: 2 * ROWS }, (_, i) => ({
  ...likeSnapshot,
  ...common,
  uuid: hex('a0', i),
  name: named(i),
  created: created(i),
  source_volume_uuid: volumeOf(i),
}));
const volumes = Array.from({ length: ROWS }, (_, i) => ({
  ...likeVolume,
  ...common,
  uuid: hex('b0', i),
  name: named(i),
  created: created(i),
}));
const world = { ...dataset, snapshots, volumes, restorations: [], backups: [] };

/** As a list is answered that Waldur has read already, before the gateway has it. @param n counts lists of an operation from 1. */
type Move = (n: number, target: string) => Promise<void>;

interface Bench {
  readonly simulator: Simulator;
  /** One for each time that answers are kept. */
  readonly gateways: Readonly<Record<'fresh' | 'cached', Gateway>>;
  readonly close: () => Promise<void>;
}

let bench: Bench;
let move: Move = async () => {};
let lists: string[] = [];
let moving: Promise<void> = Promise.resolve();

/** Passes requests on to the embedded Waldur. */
function startProxy(simulator: Simulator): http.Server {
  const forward = async ({ url: target = '/', headers }: http.IncomingMessage, response: http.ServerResponse) => {
    const { authorization = '' } = headers;
    const answer = await fetch(`${simulator.url}${target}`, { headers: { authorization } });
    const body = await answer.text();
    if (/^\/api\/openstack-\w+\/\?/.test(target)) {
      const n = lists.push(target);
      // Pages are read at the same time; the list moves once after each.
      moving = moving.then(() => move(n, target));
      await moving;
    }
    const passed = ['content-type', 'x-result-count'].flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value]];
    });
    response.writeHead(answer.status, Object.fromEntries(passed)).end(body);
  };
  return http.createServer((request, response) => {
    forward(request, response).catch(() => response.destroy());
  });
}

beforeAll(async () => {
  const simulator = await startSimulator({ port: 0, dataset: world, frozen: true });
  const proxy = startProxy(simulator);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const waldurApiUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const start = (cacheTtlMs: number) =>
    createGateway(configWith({ port: 0, waldurApiUrl, logLevel: 'silent', cacheTtlMs }));
  const gateways = { fresh: await start(0), cached: await start(60_000) };
  const close = async () => {
    await Promise.all(Object.values(gateways).map((gateway) => gateway.close()));
    proxy.closeAllConnections();
    await Promise.all([simulator.close(), new Promise((resolve) => proxy.close(resolve))]);
  };
  bench = { simulator, gateways, close };
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.simulator.reset();
  move = async () => {};
  lists = [];
});

type Table = 'snapshots' | 'volumes';

async function ask(query: string, { url }: Gateway = bench.gateways.fresh): Promise<JsonValue> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${tokenOf('staff')}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: JsonValue; errors?: JsonValue };
  expect(errors).toBeUndefined();
  return data;
}

async function control(method: string, path: string, body?: object): Promise<JsonValue> {
  const response = await fetch(`${bench.simulator.url}/__sim/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as JsonValue;
}

const drop = (table: Table, uuid: string) => control('DELETE', `${table}/${uuid}`);
let added = 0;
const insert = (table: Table) =>
  control('POST', table, {
    tenant,
    name: named(`!${++added}`),
    ...(table === 'snapshots' && { source_volume_uuid: hex('b0', 0) }),
  });

/** The uuids of a table by name, as they are now. */
const uuidsNow = (table: Table): string[] =>
  [...bench.simulator.world.tables[table].values()]
    .filter(({ name }) => name.startsWith(PREFIX))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ uuid }) => uuid);

const uuidsIn = (rows: JsonValue | undefined): string[] =>
  Array.isArray(rows) ? rows.map((row) => String(at(row, 'uuid'))) : [];

/** @param kept uuids that were there all the time. */
function expectWhole(uuids: readonly string[], kept: readonly string[]): void {
  expect(uuids).toHaveLength(new Set(uuids).size);
  expect(kept.filter((uuid) => !uuids.includes(uuid))).toEqual([]);
}

const FILTER = `filter: { name: "${PREFIX}" }`;

/** Ways to read a list with more rows than one page has: the query, and where the rows are in its answer. */
const LISTS: readonly [what: string, table: Table, query: (window: string) => string, path: string[]][] = [
  [
    'snapshots',
    'snapshots',
    (window) => `{ list: snapshots(${window}, ${FILTER}) { totalCount nodes { uuid } } }`,
    ['list'],
  ],
  ['volumes', 'volumes', (window) => `{ list: volumes(${window}, ${FILTER}) { totalCount nodes { uuid } } }`, ['list']],
  [
    'snapshots of a volume',
    'snapshots',
    (window) => `{ volume(uuid: "${hex('b0', 0)}") { list: snapshots(${window}) { totalCount nodes { uuid } } } }`,
    ['volume', 'list'],
  ],
];

const MOVES: readonly [what: string, move: (table: Table) => Promise<unknown>][] = [
  ['the first row is removed', (table) => drop(table, uuidsNow(table)[0] ?? '')],
  ['a row is inserted at the beginning', insert],
  [
    'two rows are removed',
    async (table) => {
      for (const uuid of uuidsNow(table).slice(0, 2)) await drop(table, uuid);
    },
  ],
  ['the last row is removed', (table) => drop(table, uuidsNow(table).at(-1) ?? '')],
];

describe.each(LISTS)('case 58: %s, while the list moves between two pages', (_what, table, query, path) => {
  /** Those of the list. The snapshots of one volume are half of them. */
  const listed = (): string[] => {
    const uuids = uuidsNow(table);
    if (path.length === 1) return uuids;
    const { snapshots: rows } = bench.simulator.world.tables;
    return uuids.filter((uuid) => rows.get(uuid)?.source_volume_uuid === hex('b0', 0));
  };

  describe.each(MOVES)('%s', (_move, moveRow) => {
    it.each<[window: string, of: (uuids: string[]) => string[]]>([
      ['first: 1000', (uuids) => uuids.slice(0, 1000)],
      ['first: 400', (uuids) => uuids.slice(0, 400)],
      ['first: 400, offset: 130', (uuids) => uuids.slice(130, 530)],
      ['last: 400', (uuids) => uuids.slice(-400)],
    ])('%s: the rows and the total are those after it', async (window, of) => {
      move = async (n) => {
        if (n === 1) await moveRow(table);
      };
      const data = await ask(query(window));
      const found = at(data, ...path);
      expect(uuidsIn(at(found, 'nodes'))).toEqual(of(listed()));
      expect(at(found, 'totalCount')).toBe(listed().length);
      // Four pages at most, read twice.
      expect(lists.length).toBeLessThanOrEqual(8);
    });

    it('after every page: no row twice, none missing that was there all the time, and an end', async () => {
      const before = listed();
      move = async () => void (await moveRow(table));
      const found = at(await ask(query('first: 1000')), ...path);
      const after = new Set(listed().slice(0, 1000));
      const kept = before.slice(0, 1000).filter((uuid) => after.has(uuid));
      expectWhole(uuidsIn(at(found, 'nodes')), kept);
      expect(lists.length).toBeLessThanOrEqual(12);
    });
  });
});

describe('case 58: rows of other rows, while their list moves between two pages', () => {
  it('the snapshots of many volumes', async () => {
    const rows = bench.simulator.world.tables.snapshots;
    const before = uuidsNow('snapshots').filter((uuid) => rows.get(uuid)?.source_volume_uuid !== hex('b0', 0));
    const query = `{ volumes(first: 200, filter: { name: "${PREFIX}", tenantUuid: "${tenant}" }) { nodes { uuid snapshots(first: 200) { totalCount nodes { uuid } } } } }`;
    for (const [, moveRow] of MOVES) {
      lists = [];
      let moved = false;
      move = async (_, target) => {
        if (moved || !target.startsWith('/api/openstack-snapshots/')) return;
        moved = true;
        await moveRow('snapshots');
      };
      const nodes = at(await ask(query), 'volumes', 'nodes');
      const found = (Array.isArray(nodes) ? nodes : []).flatMap((node) => uuidsIn(at(node, 'snapshots', 'nodes')));
      const after = new Set(uuidsNow('snapshots'));
      expectWhole(
        found,
        before.filter((uuid) => after.has(uuid)),
      );
      expect(lists.length).toBeLessThanOrEqual(12);
    }
  });

  it('the volumes of many snapshots', async () => {
    for (const [, moveRow] of MOVES) {
      bench.simulator.reset();
      move = async (_, target) => {
        if (target.startsWith('/api/openstack-volumes/')) await moveRow('volumes');
      };
      const gone = uuidsNow('volumes').at(-1);
      const query = `{ snapshots(first: 100, ${FILTER}, offset: 20) { nodes { uuid sourceVolume { uuid bootable } } } }`;
      const nodes = at(await ask(query), 'snapshots', 'nodes');
      const missing = (Array.isArray(nodes) ? nodes : []).filter((node) => at(node, 'sourceVolume') === null);
      expect(missing.filter((node) => at(node, 'sourceVolume', 'uuid') !== gone)).toEqual([]);
      expect(nodes).toHaveLength(100);
    }
  });
});

it('case 58: a page that is cached is read again when the others contradict it', async () => {
  const query = (first: number) => `{ snapshots(first: ${first}, ${FILTER}) { nodes { uuid } } }`;
  const { cached } = bench.gateways;
  // The first of the two pages of the second query.
  await ask(query(200), cached);
  const [gone = ''] = uuidsNow('snapshots');
  await drop('snapshots', gone);
  const rows = uuidsIn(at(await ask(query(400), cached), 'snapshots', 'nodes'));
  expect(rows).toEqual(uuidsNow('snapshots').slice(0, 400));
  lists = [];
  expect(uuidsIn(at(await ask(query(400), cached), 'snapshots', 'nodes'))).toEqual(rows);
  expect(lists).toEqual([]);
});
