import { quantile } from '../lib/statistics.ts';
import { connect, subscribe } from './clients.ts';
import { atMost, type Figure } from './figures.ts';
import { startGateway, startWorld } from './servers.ts';

const DOCUMENT = 'subscription { snapshotChanges { kind uuid state snapshot { uuid name } } }';
const CALLERS = [1, 20, 100];
const CHANGES = 12;
const SETTLE_MS = 45_000;
/** The promise for a scope of at most 600 objects. */
const WITHIN_S = 12;
/** An event that has not arrived by then counts as this. */
const LATE_MS = 60_000;
/** Snapshots of the world; all callers see all of them. */
const SNAPSHOTS = 300;

/**
 * Callers of their own scopes on a Waldur with real costs. Each is the same user at another address, and so a caller of its own, whose
 * requests Waldur serves one after another with those of the others: more contention than that of as many users.
 *
 * @param workers how many requests the embedded Waldur serves at the same time; null where it has no such option.
 */
export async function measureCallers(workers: number | null): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const callers of CALLERS) figures.push(...(await measureSome(callers, workers)));
  return figures;
}

async function measureSome(callers: number, workers: number | null): Promise<Figure[]> {
  const limit = workers === null ? [] : ['--workers', String(workers)];
  const world = await startWorld('--cost', 'real', '--snapshots', String(SNAPSHOTS), ...limit);
  const gateway = await startGateway(world, { TRUSTED_PROXIES: '127.0.0.1' });
  try {
    /** When each caller received the state that is waited for. */
    let arrivals: number[] = [];
    let marker = '';
    let ready = 0;
    const sockets = [];
    for (let at = 0; at < callers; at += 1) {
      const socket = await connect(gateway.port, world.token, `10.1.${Math.floor(at / 250)}.${(at % 250) + 1}`);
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
      const uuid = world.uuids[change] ?? '';
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
