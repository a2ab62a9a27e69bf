import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { quantile } from '../lib/statistics.ts';
import { connect, subscribe } from './clients.ts';
import { atMost, type Figure } from './figures.ts';
import { startGateway, startWorld } from './servers.ts';

const DOCUMENT = 'subscription { snapshotChanges { kind uuid state snapshot { uuid name } } }';
const CALLERS = [1, 20, 100];
const CHANGES = 10;
const SETTLE_MS = 15_000;
/** The promise for a scope of at most 600 objects. */
const WITHIN_S = 12;
/** An event that has not arrived by then counts as this. */
const LATE_MS = 60_000;
/** Added to the 385 of the recorded world. Every caller sees all of them, and two pages hold them. */
const SNAPSHOTS = 200;
/** OK, as the recorded data stores it. */
const SETTLED_INT = 3;
const DATASET = path.join(import.meta.dirname, '../../test/recordings/dataset.json');

interface Dataset {
  readonly users: readonly { readonly username: string; readonly is_staff: boolean }[];
  readonly snapshots: readonly { readonly name: string; readonly state: string }[];
}

/** 32 hexadecimal digits, different for each kind and number. */
const idOf = (kind: string, at: number): string => `${kind}${at.toString(16).padStart(30, '0')}`;

/** The recorded world with more snapshots, and so many staff users of its own tokens. */
function crowdedWorld(callers: number): { readonly dataset: Dataset; readonly tokens: string[] } {
  const dataset = JSON.parse(readFileSync(DATASET, 'utf8')) as Dataset;
  const user = dataset.users.find(({ is_staff }) => is_staff);
  const snapshot = dataset.snapshots.find(({ name }) => name === 'rw-target');
  if (user === undefined || snapshot === undefined) throw new Error('the recorded world lacks staff or its snapshot');
  const tokens = Array.from({ length: callers }, (_, at) => `${idOf('ca', at)}00000000`);
  const users = tokens.map((token, at) => ({ ...user, uuid: idOf('c1', at), username: `caller-${at}`, token }));
  const snapshots = Array.from({ length: SNAPSHOTS }, (_, at) => ({
    ...snapshot,
    uuid: idOf('c2', at),
    name: `crowd-${at}`,
    created: new Date(Date.UTC(2024, 0, 1) + at * 1_001).toISOString(),
  }));
  return {
    dataset: {
      ...dataset,
      users: [...dataset.users, ...users],
      // Nothing moves: the scopes of all callers are quiet.
      snapshots: [...dataset.snapshots, ...snapshots].map((row) => ({ ...row, state: 'OK', state_int: SETTLED_INT })),
    },
    tokens,
  };
}

/**
 * Callers of their own scopes on a Waldur with real costs, each a user with a token.
 * @param workers how many requests the embedded Waldur serves at the same time; null where it has no such option.
 */
export async function measureCallers(workers: number | null): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const callers of CALLERS) figures.push(...(await measureSome(callers, workers)));
  return figures;
}

async function measureSome(callers: number, workers: number | null): Promise<Figure[]> {
  const limit = workers === null ? [] : ['--workers', String(workers)];
  const { dataset, tokens } = crowdedWorld(callers);
  const folder = mkdtempSync(path.join(tmpdir(), 'waldur-graph-bench-'));
  const file = path.join(folder, 'dataset.json');
  writeFileSync(file, JSON.stringify(dataset));
  const world = await startWorld('--cost', 'real', '--dataset', file, ...limit);
  rmSync(folder, { recursive: true });
  const gateway = await startGateway(world);
  try {
    /** When each caller received the state that is waited for. */
    let arrivals: number[] = [];
    let marker = '';
    let ready = 0;
    const sockets = [];
    for (const token of tokens) {
      const socket = await connect(gateway.port, token);
      socket.on('message', (data: Buffer) => {
        if (data.includes('"BOOKMARK"')) ready += 1;
        if (marker !== '' && data.includes(marker)) arrivals.push(performance.now());
      });
      subscribe(socket, 'watch', DOCUMENT, {});
      sockets.push(socket);
    }
    await until(() => ready >= callers, LATE_MS);
    await pause(SETTLE_MS);
    const [callsBefore, began] = [await world.calls(), performance.now()];
    const delays: number[] = [];
    for (let change = 0; change < CHANGES; change += 1) {
      await pause(Math.random() * 2_000);
      const uuid = idOf('c2', change);
      arrivals = [];
      marker = `"uuid":"${uuid}","state":"ERRED"`;
      const from = performance.now();
      await world.patch(uuid, { state: 'ERRED' });
      await until(() => arrivals.length >= callers, LATE_MS);
      for (let at = 0; at < callers; at += 1) delays.push((arrivals[at] ?? from + LATE_MS) - from);
    }
    const calls = ((await world.calls()) - callsBefore) / ((performance.now() - began) / 60_000) / callers;
    for (const socket of sockets) socket.terminate();
    const what = `${callers} caller${callers === 1 ? '' : 's'}, real costs, ${workers ?? 'unlimited'} workers`;
    return [
      atMost(`${what}: a change of state, median`, quantile(delays, 0.5) / 1_000, WITHIN_S, ' s'),
      atMost(`${what}: a change of state, 95th percentile`, quantile(delays, 0.95) / 1_000, WITHIN_S, ' s'),
      atMost(`${what}: calls a minute for each caller`, calls, 12),
    ];
  } finally {
    await Promise.all([gateway.stop(), world.simulator.stop()]);
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Resolves when the condition holds or the time is over. */
async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition() && performance.now() < end) await pause(10);
}
