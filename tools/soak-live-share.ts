/**
 * Subscriptions of a hundred callers, who watch everything, beside ten queries a second, on an embedded Waldur that is as slow as a real
 * one and has four workers. Queries must stay fast, and no stream may be later than docs/live.md promises without STALE.
 * `node bin/run.mjs tools/soak-live-share.ts [seconds]`; part of `npm run test:soak`, three minutes.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { madeUpWorld } from '../simulator/seed/made-up.ts';
import { startSimulator } from '../simulator/server.ts';
import { startGatewayProcess } from './gateway-process.ts';

const SECONDS = Number(process.argv[2] ?? 60);
const CALLERS = 100;
const WORKERS = 4;
const QUERIES_PER_SECOND = 10;
/** Queries may take so many times as long as without subscriptions, at the 95th percentile. */
const MOST_LONGER = 2;
/** The promises of docs/live.md, in ms, with the time for the way to the client. */
const MOVING_MS = 2_500;
const QUIET_MS = 12_000;
const WAY_MS = 500;
/** Each of these objects changes in turn. */
const CHANGE_EVERY_MS = 3_000;
const CHANGE_TAKES_MS = 1_500;
const FIRST_EVENTS_MS = 180_000;

const dataset = madeUpWorld({ seed: 1, snapshots: 500, now: Date.now() });
const model = dataset.users.find(({ username }) => username === 'owner');
if (model === undefined) throw new Error('the made-up world has no owner');
const tokens = Array.from({ length: CALLERS }, (_, n) => n.toString(16).padStart(40, 'a'));
const users = tokens.map((token, n) => ({
  ...model,
  uuid: n.toString(16).padStart(32, 'b'),
  username: `owner-${n}`,
  token,
}));
const simulator = await startSimulator({
  dataset: { ...dataset, users: [...dataset.users, ...users] },
  frozen: true,
  cost: 'real',
  workers: WORKERS,
});

const { child: gateway, url } = await startGatewayProcess({ WALDUR_API_URL: simulator.url, CACHE_TTL_MS: '0' });

const tokenOf = (n: number): string => tokens[n % CALLERS] ?? '';
const QUERY =
  '{ snapshots(first: 20) { totalCount nodes { uuid name state project { name } sourceVolume { name } } } }';

async function query(n: number): Promise<number> {
  const from = performance.now();
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${tokenOf(n)}` },
    body: JSON.stringify({ query: QUERY }),
  });
  const { errors } = (await answer.json()) as { errors?: unknown };
  if (errors !== undefined) throw new Error(`a query failed: ${JSON.stringify(errors).slice(0, 300)}`);
  return performance.now() - from;
}

/** Sends queries at a fixed rate. Returns their 95th percentile in ms. */
async function queriesFor(seconds: number): Promise<number> {
  const running: Promise<number>[] = [];
  const from = performance.now();
  for (let n = 0; n < seconds * QUERIES_PER_SECOND; n += 1) {
    await sleep(Math.max(0, from + (n * 1_000) / QUERIES_PER_SECOND - performance.now()));
    // Every caller in turn, but not in the order of the streams.
    running.push(query(n * 37));
  }
  const times = (await Promise.all(running)).sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)] ?? Number.POSITIVE_INFINITY;
}

interface Event {
  readonly kind: string;
  readonly uuid: string | null;
  readonly state: string | null;
}

/** One caller who watches all snapshots, as a client does that follows docs/live.md. */
class Stream {
  readonly states = new Map<string, string>();
  isStale = false;
  isReady = false;
  stales = 0;
  readonly #socket: WebSocket;

  constructor(token: string) {
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
    const send = (message: object): void => this.#socket.send(JSON.stringify(message));
    this.#socket.on('open', () => send({ type: 'connection_init', payload: { Authorization: `Token ${token}` } }));
    this.#socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data)) as {
        type: string;
        payload?: { data?: { snapshotChanges?: Event } };
      };
      if (type === 'connection_ack') {
        const document = 'subscription { snapshotChanges { kind uuid state } }';
        send({ id: '1', type: 'subscribe', payload: { query: document } });
      }
      const event = payload?.data?.snapshotChanges;
      if (event !== undefined) this.#take(event);
    });
  }

  get isMoving(): boolean {
    return [...this.states.values()].some((state) => state !== 'OK' && state !== 'ERRED');
  }

  close(): void {
    this.#socket.close();
  }

  #take({ kind, uuid, state }: Event): void {
    this.isStale = kind === 'STALE';
    this.stales += kind === 'STALE' ? 1 : 0;
    this.isReady ||= kind === 'BOOKMARK';
    if (kind === 'REMOVED' && uuid !== null) this.states.delete(uuid);
    else if (uuid !== null && state !== null) this.states.set(uuid, state);
  }
}

/** Final states that a stream did not show in time, although it was not STALE. */
let silent = 0;
let changes = 0;
const delays: number[] = [];

/** Checks at the end of each promise whether the final state has come. */
function expectFinal(stream: Stream, uuid: string): void {
  const changedAt = performance.now();
  const promise = stream.isMoving ? MOVING_MS : QUIET_MS;
  setTimeout(() => {
    if (stream.states.get(uuid) !== 'OK' && !stream.isStale) silent += 1;
  }, promise + WAY_MS);
  const seen = setInterval(() => {
    if (stream.states.get(uuid) !== 'OK' && performance.now() - changedAt < 60_000) return;
    clearInterval(seen);
    delays.push(performance.now() - changedAt);
  }, 50);
}

async function change(streams: readonly Stream[], until: number): Promise<void> {
  const visible = [...(streams[0]?.states ?? [])].filter(([, state]) => state === 'OK');
  for (const [uuid] of visible) {
    if (performance.now() > until) return;
    const row = simulator.world.tables.snapshots.get(uuid);
    if (row === undefined) continue;
    simulator.world.update(row, { state: 'UPDATING' });
    simulator.world.touch(row);
    await sleep(CHANGE_TAKES_MS);
    simulator.world.update(row, { state: 'OK' });
    simulator.world.touch(row);
    changes += 1;
    // Streams that never saw it move have nothing to show.
    for (const stream of streams) if (stream.states.get(uuid) !== 'OK') expectFinal(stream, uuid);
    await sleep(CHANGE_EVERY_MS - CHANGE_TAKES_MS);
  }
}

await queriesFor(5);
const without = await queriesFor(20);
const streams = tokens.map((token) => new Stream(token));
const opened = performance.now();
while (!streams.every(({ isReady }) => isReady)) {
  if (performance.now() - opened > FIRST_EVENTS_MS) throw new Error('some streams have no first events');
  await sleep(100);
}
const openedMs = performance.now() - opened;
simulator.resetStats();
const [beside] = await Promise.all([queriesFor(SECONDS), change(streams, performance.now() + SECONDS * 1_000)]);
const { total } = simulator.stats();
const allowed = /^waldur_graph_live_polls_allowed (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
// The last promises end.
await sleep(QUIET_MS + 2 * WAY_MS);

delays.sort((a, b) => a - b);
const isFast = beside <= MOST_LONGER * without;
console.log(`first events of ${CALLERS} streams: after ${(openedMs / 1_000).toFixed(1)} s`);
console.log(
  `queries, p95: ${without.toFixed(0)} ms without, ${beside.toFixed(0)} ms beside the streams${isFast ? '' : ' TOO MUCH'}`,
);
console.log(
  `calls to Waldur: ${(total / SECONDS).toFixed(1)} a second; polls allowed at the end: ${allowed ?? 'not known'}`,
);
console.log(
  `${changes} changes: p95 of the final states ${((delays[Math.floor(delays.length * 0.95)] ?? 0) / 1_000).toFixed(1)} s, ` +
    `${streams.reduce((sum, { stales }) => sum + stales, 0)} STALE, ${silent} silently late${silent === 0 ? '' : ' TOO MANY'}`,
);
for (const stream of streams) stream.close();
gateway.kill('SIGTERM');
await once(gateway, 'exit');
await simulator.close();
process.exit(isFast && silent === 0 ? 0 : 1);
