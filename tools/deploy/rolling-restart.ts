import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { Client } from 'undici';
import { WebSocket } from 'ws';
import { resumable } from '../../clients/live/src/index.ts';
import { madeUpWorld } from '../../simulator/seed/made-up.ts';
import { startSimulator } from '../../simulator/server.ts';
import { freePort } from '../free-port.ts';
import { type GatewayProcess, startGatewayProcess } from '../gateway-process.ts';
import { type Nginx, startNginx } from './nginx.ts';

export interface RollingRestart {
  readonly replicas: number;
  readonly subscribers: number;
  /** Clients that send requests over connections that stay open. */
  readonly clients: number;
  /** Settings of the gateways. */
  readonly settings: Readonly<Record<string, string>>;
  /** The next replica ends so long after the one before it listens again, as by the readiness of a deployment. */
  readonly pauseMs: number;
  readonly report?: (line: string) => void;
}

/** What clients and operators saw of it. */
export interface Rollout {
  readonly requests: number;
  /** Requests without a result, by their reasons. */
  readonly failures: readonly string[];
  readonly changes: number;
  /** Subscribers that do not know the final state of every object. */
  readonly withoutFinalState: number;
  /** REMOVED events; nothing is removed in this world. */
  readonly falseRemovals: number;
  /** Why streams ended that should have been resumed. */
  readonly endedStreams: readonly string[];
  readonly reconnections: number;
  /** Most reconnections within a second. */
  readonly reconnectionsInASecond: number;
  readonly ends: readonly { readonly code: unknown; readonly ms: number }[];
  /** How often nginx had no replica left to try. */
  readonly noReplicaLeft: number;
  /** Other errors of nginx, with how often each was logged. It may have tried another replica, which no client sees. */
  readonly proxyErrors: Readonly<Record<string, number>>;
}

const CALLERS = 10;
const SNAPSHOTS = 40;
const REQUEST_EVERY_MS = 200;
const CHANGE_EVERY_MS = 400;
/** First events, and final states after the last change, must arrive within so many ms. */
const SETTLES_WITHIN_MS = 60_000;
/** nginx connects from here; the clients are 127.0.0.1. */
const PROXY = '127.0.0.2';

const tokens = Array.from({ length: CALLERS }, (_, n) => n.toString(16).padStart(40, 'a'));
const tokenOf = (n: number): string => tokens[n % CALLERS] ?? '';

/** An embedded Waldur of several callers who see the same objects, and that nobody else changes. */
function startWaldur() {
  const dataset = madeUpWorld({ seed: 1, snapshots: SNAPSHOTS, now: Date.now() });
  const owner = dataset.users.find(({ username }) => username === 'owner');
  if (owner === undefined) throw new Error('the made-up world has no owner');
  const users = tokens.map((token, n) => ({
    ...owner,
    uuid: n.toString(16).padStart(32, 'b'),
    username: `owner-${n}`,
    token,
  }));
  return startSimulator({ dataset: { ...dataset, users: [...dataset.users, ...users] }, frozen: true });
}

/**
 * Restarts gateways behind nginx one after the other, as a deployment does, while subscribers follow an embedded Waldur that changes and
 * clients send requests.
 */
export async function rollingRestart(options: RollingRestart): Promise<Rollout> {
  const { subscribers: count, clients, pauseMs, report = () => {} } = options;
  const simulator = await startWaldur();
  const ports = await Promise.all(Array.from({ length: options.replicas }, freePort));
  const start = (port: number): Promise<GatewayProcess> =>
    startGatewayProcess({
      PORT: String(port),
      WALDUR_API_URL: simulator.url,
      CURSOR_KEY: 'the same key for all replicas',
      TRUSTED_PROXIES: PROXY,
      ...options.settings,
    });
  const gateways = await Promise.all(ports.map(start));
  const nginx = await startNginx({ gateways: ports.map((port) => `127.0.0.1:${port}`), from: PROXY });
  const subscribers = Array.from({ length: count }, (_, n) => new Subscriber(nginx.url, tokenOf(n)));
  try {
    if (!(await until(() => subscribers.every(({ isReady }) => isReady))))
      throw new Error(`${subscribers.filter(({ isReady }) => !isReady).length} subscribers got no first events`);
    const known = [...(subscribers[0]?.states.keys() ?? [])];
    report(`${count} subscribers know ${known.length} objects each; ${clients} clients send requests`);

    const stop = new AbortController();
    const failures: string[] = [];
    const requests = Array.from({ length: clients }, (_, n) =>
      sendRequests(nginx.url, tokenOf(n), stop.signal, failures),
    );
    const truth = new Map<string, string>();
    const changes = change(simulator.url, known.slice(0, 8), truth, stop.signal);
    const ends: { code: unknown; ms: number }[] = [];
    for (const [i, gateway] of gateways.entries()) {
      const end = await terminate(gateway);
      ends.push(end);
      const from = performance.now();
      gateways[i] = await start(ports[i] ?? 0);
      report(`replica ${i + 1}: ended after ${end.ms} ms, listens ${since(from)} ms after its start`);
      await pause(pauseMs);
    }
    stop.abort();
    const sent = (await Promise.all(requests)).reduce((sum, number) => sum + number, 0);
    const changed = await changes;
    const knows = ({ states }: Subscriber): boolean => [...truth].every(([uuid, state]) => states.get(uuid) === state);
    await until(() => subscribers.every(knows));
    return {
      requests: sent,
      failures,
      changes: changed,
      withoutFinalState: subscribers.filter((one) => !knows(one)).length,
      falseRemovals: subscribers.reduce((sum, { removals }) => sum + removals, 0),
      endedStreams: subscribers.flatMap(({ failure }) => (failure === undefined ? [] : [failure])),
      ...pace(subscribers.flatMap(({ reconnected }) => reconnected)),
      ends,
      ...errorsOf(nginx),
    };
  } finally {
    for (const subscriber of subscribers) subscriber.close();
    for (const { child } of gateways) child.kill('SIGKILL');
    await nginx.stop();
    await simulator.close();
  }
}

const since = (from: number): number => Math.round(performance.now() - from);

async function terminate({ child }: GatewayProcess): Promise<{ code: unknown; ms: number }> {
  const from = performance.now();
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await ended;
  return { code, ms: since(from) };
}

/** How close together times in ms are. */
function pace(times: readonly number[]): Pick<Rollout, 'reconnections' | 'reconnectionsInASecond'> {
  const within = (at: number): number => times.filter((other) => other >= at && other < at + 1_000).length;
  return { reconnections: times.length, reconnectionsInASecond: Math.max(0, ...times.map(within)) };
}

/** Lines are `TIME [error] PID: *CONNECTION REASON, client: ...`. Refused connections are no errors: nginx tries the next replica. */
function errorsOf(nginx: Nginx): Pick<Rollout, 'noReplicaLeft' | 'proxyErrors'> {
  const proxyErrors: Record<string, number> = {};
  let noReplicaLeft = 0;
  for (const [, reason = ''] of nginx.log().matchAll(/\[error\] \S+ \*\d+ (.*?), client:/g)) {
    if (reason.startsWith('no live upstreams')) noReplicaLeft += 1;
    else if (!reason.includes('Connection refused')) proxyErrors[reason] = (proxyErrors[reason] ?? 0) + 1;
  }
  return { noReplicaLeft, proxyErrors };
}

interface Event {
  readonly kind: string;
  readonly uuid: string | null;
  readonly state: string | null;
}

/** What one subscriber knows. */
class Subscriber {
  readonly states = new Map<string, string>();
  /** When it connected again, in ms. */
  readonly reconnected: number[] = [];
  isReady = false;
  removals = 0;
  failure: string | undefined;
  readonly #client;

  constructor(url: string, token: string) {
    let connections = 0;
    this.#client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { Authorization: `Token ${token}` },
      on: {
        connected: () => {
          connections += 1;
          if (connections > 1) this.reconnected.push(performance.now());
        },
      },
    });
    const query = 'subscription { snapshotChanges { kind cursor uuid state } }';
    resumable(this.#client).subscribe<{ snapshotChanges: Event }>(
      { query },
      {
        next: ({ data }) => data && this.#take(data.snapshotChanges),
        error: (error) => {
          this.failure = JSON.stringify(error);
        },
        complete: () => {
          this.failure ??= 'the stream ended';
        },
      },
    );
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

/** Requests over one connection until the signal is aborted; the reasons of failures are collected. @returns how many were sent. */
async function sendRequests(url: string, token: string, signal: AbortSignal, failures: string[]): Promise<number> {
  const client = new Client(url, { pipelining: 1 });
  const headers = { 'content-type': 'application/json', authorization: `Token ${token}` };
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

/** Moves one object after the other, as actions of others do, until the signal is aborted. @returns how many changes it made. */
async function change(
  url: string,
  uuids: readonly string[],
  truth: Map<string, string>,
  signal: AbortSignal,
): Promise<number> {
  let changes = 0;
  while (!signal.aborted) {
    const uuid = uuids[changes % uuids.length] ?? '';
    const state = ['UPDATING', 'OK', 'ERRED'][Math.floor(changes / uuids.length) % 3] ?? 'OK';
    await fetch(`${url}/__sim/snapshots/${uuid}`, { method: 'PATCH', body: JSON.stringify({ state }) });
    truth.set(uuid, state);
    changes += 1;
    await pause(CHANGE_EVERY_MS);
  }
  return changes;
}

/** @returns whether the condition came true in time. */
async function until(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + SETTLES_WITHIN_MS;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await pause(50);
  }
  return true;
}
