import { rotated } from '../lib/statistics.ts';
import { connectionsFor, doing, measure, type Started, verify, type Window } from './measure.ts';
import type { Options } from './options.ts';
import type { ServerName } from './servers.ts';
import type { Upstream } from './upstream-process.ts';
import { WORKS, type Work, type WorkName } from './works.ts';

/** One window for each round, in the order of the rounds. */
export type Series = Map<WorkName, Map<ServerName, Window[]>>;

export interface Measured {
  /** An upstream that answers at once. */
  readonly throughput: Series;
  /** An upstream that takes 20 ms, every connection busy all the time. */
  readonly latencyBusy: Series;
  /** The same upstream, about 100 requests a second over all connections. */
  readonly latencyPaced: Series;
}

export const LATENCY_MS = 20;
const LATENCY_ROUNDS = 3;
const PAUSE_MS = 500;
/** Length of a warm-up in windows. */
const WARM_UP = 3;

type Say = (line: string) => void;

/** Verifies and warms every server, then measures in rounds: in each one every server has its turn at every work, in rotated order. */
export async function runRounds(
  all: readonly Started[],
  upstream: Upstream,
  options: Options,
  say: Say,
): Promise<Measured> {
  const forMs = options.seconds * 1000;
  const bytes = new Map<Work, Map<Started, number>>();
  const connections = new Map<Work, Map<Started, number>>();
  for (const work of WORKS) {
    bytes.set(work, new Map());
    connections.set(work, new Map());
    for (const each of doing(all, work)) {
      const length = await verify(each, work);
      bytes.get(work)?.set(each, length);
      // Longer than a window: what V8 compiles after many calls is compiled then.
      const pace = { connections: options.connections, forMs: forMs * WARM_UP };
      const { perSecond } = await measure(each, work, length, upstream, pace);
      connections.get(work)?.set(each, connectionsFor(perSecond, options.connections));
    }
    say(`verified and warm: ${work.title}`);
  }
  const round = async (series: Series, turn: number, pauseMs: number): Promise<void> => {
    for (const work of WORKS) {
      for (const each of rotated(doing(all, work), turn)) {
        const pace = { connections: connections.get(work)?.get(each) ?? options.connections, forMs, pauseMs };
        add(
          series,
          work.name,
          each.server.name,
          await measure(each, work, bytes.get(work)?.get(each) ?? 0, upstream, pace),
        );
      }
    }
  };
  const measured: Measured = { throughput: new Map(), latencyBusy: new Map(), latencyPaced: new Map() };
  for (let turn = 0; turn < options.rounds; turn++) {
    await round(measured.throughput, turn, 0);
    say(`round ${turn + 1} of ${options.rounds}`);
  }
  await upstream.setLatency(LATENCY_MS);
  const latencyRounds = Math.min(LATENCY_ROUNDS, options.rounds);
  for (let turn = 0; turn < latencyRounds; turn++) {
    await round(measured.latencyBusy, turn, 0);
    await round(measured.latencyPaced, turn, PAUSE_MS);
    say(`latency, round ${turn + 1} of ${latencyRounds}`);
  }
  return measured;
}

function add(series: Series, work: WorkName, server: ServerName, window: Window): void {
  const ofWork = series.get(work) ?? new Map<ServerName, Window[]>();
  series.set(work, ofWork);
  const windows = ofWork.get(server) ?? [];
  ofWork.set(server, windows);
  windows.push(window);
}
