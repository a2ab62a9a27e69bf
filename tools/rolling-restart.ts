/**
 * A rolling restart behind nginx, as a deployment does it: three gateways end and start again one after the other, while 300 subscribers
 * follow an embedded Waldur that changes and 24 clients send requests over connections that stay open. No request may fail, and every
 * subscriber must know the final state of every object. `node bin/run.mjs tools/rolling-restart.ts`; part of `npm run test:deploy`.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { Client } from 'undici';
import { WebSocket } from 'ws';
import { resumable } from '../clients/live/src/index.ts';
import { madeUpWorld } from '../simulator/seed/made-up.ts';
import { startSimulator } from '../simulator/server.ts';
import { startNginx } from './deploy/nginx.ts';
import { freePort } from './free-port.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';

const REPLICAS = 3;
const SUBSCRIBERS = 300;
const CLIENTS = 24;
const CALLERS = 10;
const SNAPSHOTS = 40;
const REQUEST_EVERY_MS = 200;
const CHANGE_EVERY_MS = 400;
/** A gateway has to end within so many ms of SIGTERM, with the delay of 5 s for balancers. */
const ENDS_WITHIN_MS = 15_000;
/** Final states must arrive within so many ms after the last change. */
const SETTLES_WITHIN_MS = 60_000;
/** nginx connects from here; the clients are 127.0.0.1. */
const PROXY = '127.0.0.2';

const dataset = madeUpWorld({ seed: 1, snapshots: SNAPSHOTS, now: Date.now() });
const owner = dataset.users.find(({ username }) => username === 'owner');
if (owner === undefined) throw new Error('the made-up world has no owner');
const tokens = Array.from({ length: CALLERS }, (_, n) => n.toString(16).padStart(40, 'a'));
const users = tokens.map((token, n) => ({
  ...owner,
  uuid: n.toString(16).padStart(32, 'b'),
  username: `owner-${n}`,
  token,
}));
const simulator = await startSimulator({ dataset: { ...dataset, users: [...dataset.users, ...users] }, frozen: true });

const ports = await Promise.all(Array.from({ length: REPLICAS }, freePort));
const start = (port: number): Promise<GatewayProcess> =>
  startGatewayProcess({
    PORT: String(port),
    WALDUR_API_URL: simulator.url,
    CURSOR_KEY: 'the same key for all replicas',
    TRUSTED_PROXIES: PROXY,
    DRAIN_DELAY_MS: '5000',
  });
const gateways: GatewayProcess[] = [];
for (const port of ports) gateways.push(await start(port));
const nginx = await startNginx({ gateways: ports.map((port) => `127.0.0.1:${port}`), from: PROXY });

const tokenOf = (n: number): string => tokens[n % CALLERS] ?? '';

interface Event {
  readonly kind: string;
  readonly uuid: string | null;
  readonly state: string | null;
}

/** What one subscriber knows. Nothing is removed in this world, so every REMOVED is false. */
class Subscriber {
  readonly states = new Map<string, string>();
  isReady = false;
  removals = 0;
  failure: unknown;
  readonly #client;
  readonly #reconnected: number[] = [];

  constructor(token: string) {
    let connections = 0;
    this.#client = createClient({
      url: `${nginx.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Token ${token}` },
      on: {
        connected: () => {
          connections += 1;
          if (connections > 1) this.#reconnected.push(performance.now());
        },
      },
    });
    const query = 'subscription { snapshotChanges { kind cursor uuid state } }';
    resumable(this.#client).subscribe<{ snapshotChanges: Event }>(
      { query },
      {
        next: ({ data }) => data && this.#take(data.snapshotChanges),
        error: (error) => {
          this.failure = error;
        },
        complete: () => {
          this.failure ??= 'the stream ended';
        },
      },
    );
  }

  get reconnected(): readonly number[] {
    return this.#reconnected;
  }

  close(): void {
    void this.#client.dispose();
  }

  #take({ kind, uuid, state }: Event): void {
    if (kind === 'RESET') this.states.clear();
    this.isReady ||= kind === 'BOOKMARK';
    this.removals += kind === 'REMOVED' ? 1 : 0;
    if (uuid !== null && state !== null) this.states.set(uuid, state);
  }
}

/** Requests over one connection until the signal is aborted; the reasons of failures are collected. */
async function sendRequests(n: number, signal: AbortSignal, failures: string[]): Promise<number> {
  const client = new Client(nginx.url, { pipelining: 1 });
  const headers = { 'content-type': 'application/json', authorization: `Token ${tokenOf(n)}` };
  const body = JSON.stringify({ query: '{ snapshots(first: 1) { totalCount } }' });
  let sent = 0;
  while (!signal.aborted) {
    sent += 1;
    try {
      const answer = await client.request({ path: '/graphql', method: 'POST', headers, body });
      const text = await answer.body.text();
      if (answer.statusCode !== 200 || text.includes('"errors"'))
        failures.push(`${answer.statusCode} ${text.slice(0, 200)}`);
    } catch (error) {
      failures.push(String(error));
    }
    await pause(REQUEST_EVERY_MS);
  }
  await client.close();
  return sent;
}

const truth = new Map<string, string>();

/** Moves one object after the other, as actions of others do, until the signal is aborted. */
async function change(uuids: readonly string[], signal: AbortSignal): Promise<number> {
  let changes = 0;
  while (!signal.aborted) {
    const uuid = uuids[changes % uuids.length] ?? '';
    const state = ['UPDATING', 'OK', 'ERRED'][Math.floor(changes / uuids.length) % 3] ?? 'OK';
    await fetch(`${simulator.url}/__sim/snapshots/${uuid}`, { method: 'PATCH', body: JSON.stringify({ state }) });
    truth.set(uuid, state);
    changes += 1;
    await pause(CHANGE_EVERY_MS);
  }
  return changes;
}

async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await pause(50);
  }
  return true;
}

const subscribers = Array.from({ length: SUBSCRIBERS }, (_, n) => new Subscriber(tokenOf(n)));
const problems: string[] = [];
if (!(await until(() => subscribers.every(({ isReady }) => isReady), SETTLES_WITHIN_MS)))
  throw new Error(`${subscribers.filter(({ isReady }) => !isReady).length} subscribers got no first events`);
const seen = subscribers[0]?.states ?? new Map<string, string>();
const moved = [...seen.keys()].slice(0, 8);
console.log(`${SUBSCRIBERS} subscribers know ${seen.size} objects each; ${CLIENTS} clients send requests`);

const stop = new AbortController();
const failures: string[] = [];
const requests = Array.from({ length: CLIENTS }, (_, n) => sendRequests(n, stop.signal, failures));
const changes = change(moved, stop.signal);
for (const [i, port] of ports.entries()) {
  const gateway = gateways[i];
  if (gateway === undefined) throw new Error(`no gateway ${i}`);
  const from = performance.now();
  const ended = once(gateway.child, 'exit');
  gateway.child.kill('SIGTERM');
  const [code] = await ended;
  const ms = Math.round(performance.now() - from);
  if (code !== 0 || ms > ENDS_WITHIN_MS) problems.push(`replica ${i + 1} ended with ${code} after ${ms} ms`);
  const before = performance.now();
  gateways[i] = await start(port);
  console.log(
    `replica ${i + 1}: ended after ${ms} ms, listens ${Math.round(performance.now() - before)} ms after its start`,
  );
  // As the readiness of a deployment: the next one ends once this one has taken part for a while.
  await pause(6_000);
}
stop.abort();
const sent = (await Promise.all(requests)).reduce((sum, count) => sum + count, 0);
const knows = ({ states }: Subscriber): boolean => [...truth].every(([uuid, state]) => states.get(uuid) === state);
console.log(`${await changes} changes, ${sent} requests`);
await until(() => subscribers.every(knows), SETTLES_WITHIN_MS);

const lost = subscribers.filter((one) => !knows(one)).length;
const removals = subscribers.reduce((sum, one) => sum + one.removals, 0);
const broken = subscribers.filter(({ failure }) => failure !== undefined);
const times = subscribers.flatMap(({ reconnected }) => reconnected).sort((a, b) => a - b);
const busiest = Math.max(0, ...times.map((at) => times.filter((other) => other >= at && other < at + 1_000).length));
if (failures.length > 0) {
  console.error(nginx.log());
  problems.push(`${failures.length} requests failed, for example: ${failures[0]}`);
}
if (lost > 0) problems.push(`${lost} subscribers do not know all final states`);
if (removals > 0) problems.push(`${removals} false removals`);
if (broken.length > 0)
  problems.push(`${broken.length} streams ended, for example: ${JSON.stringify(broken[0]?.failure)}`);
console.log(
  `${failures.length} failed requests, ${lost} subscribers without a final state, ${removals} false removals`,
);
console.log(`${times.length} reconnections, at most ${busiest} within a second`);

for (const subscriber of subscribers) subscriber.close();
for (const { child } of gateways) child.kill('SIGKILL');
await nginx.stop();
await simulator.close();
for (const problem of problems) console.error(`FAILED: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
