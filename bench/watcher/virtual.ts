import { FewWorkers } from '../../test/live/support/few-workers.ts';
import { Harness } from '../../test/live/support/harness.ts';
import { ModelUpstream } from '../../test/live/support/world.ts';
import { quantile, seeded } from '../lib/statistics.ts';

/** Of a real server (contract 3.6): any request, and each row with columns only. */
const REQUEST_MS = 20;
const ROW_MS = 0.3;
const PAGE = 300;
const QUERY_ROWS = 20;
/** No two requests take exactly the same time. */
const JITTER = 0.1;
/** A quarter of `UPSTREAM_CONCURRENCY` by default. */
const POLLS = 16;
const STEP_MS = 50;
const QUERY_EVERY_MS = 250;
const SETTLE_MS = 60_000;
const LATE_MS = 30_000;

export interface VirtualPlan {
  readonly callers: number;
  readonly snapshots: number;
  readonly workers: number;
  readonly changesPerMinute: number;
  readonly windowMs: number;
}

/** The engine alone over a model of Waldur, in virtual time: nothing else on the machine has an influence. */
export interface VirtualPhase {
  readonly busyMsPerSecond: number;
  readonly callsPerMinute: number;
  readonly delayMs: { readonly median: number; readonly p95: number };
  readonly missing: number;
  readonly queryMs: { readonly median: number; readonly p95: number };
  /** Streams that were STALE during the window. */
  readonly stale: number;
}

/** What `measurePhase` measures, in virtual time. @param isWatched with `WATCH_TOKEN`. */
export async function simulatePhase(plan: VirtualPlan, isWatched: boolean): Promise<VirtualPhase> {
  const { callers, snapshots, workers, changesPerMinute, windowMs } = plan;
  const random = seeded(26);
  const upstreams: ModelUpstream[] = [];
  let queriesInFlight = 0;
  let busyMs = 0;
  const bench: Harness = new Harness({
    rows: snapshots,
    tuning: { callsInFlight: POLLS },
    callsUpstream: () => queriesInFlight + upstreams.reduce((sum, { inFlight }) => sum + inFlight, 0),
    ...(isWatched && {
      watch: {
        callerKey: 'watcher',
        fields: () => new Set(['uuid', 'state', 'name']),
        fetcher: () => watcher,
        onEnd: (error) => {
          throw error;
        },
      },
    }),
  });
  const { clock, world, live } = bench;
  const pool = new FewWorkers(workers, () => clock.now());
  const jittered = (rows: number): number => (REQUEST_MS + ROW_MS * rows) * (1 - JITTER + 2 * JITTER * random());
  const makeUpstream = (): ModelUpstream => {
    const upstream = new ModelUpstream(clock, world);
    upstream.latency = () => {
      const { kind, page = 1 } = upstream.calls.at(-1) ?? {};
      const ms = jittered(kind === 'page' ? Math.min(PAGE, snapshots - (page - 1) * PAGE) : 1);
      busyMs += ms;
      return [pool.serve(ms) - ms, ms];
    };
    upstreams.push(upstream);
    return upstream;
  };
  const watcher = makeUpstream();
  const streams = Array.from({ length: callers }, (_, at) =>
    bench.watch({ callerKey: `caller ${at}`, fetcher: makeUpstream() }),
  );
  await clock.until(() => streams.every(({ kinds }) => kinds.includes('BOOKMARK')), 300_000);

  const sent: number[] = [];
  const delays: number[] = [];
  const stale = new Set<number>();
  const seen = streams.map(() => new Set<number>());
  const read = (): void => {
    for (const [at, stream] of streams.entries()) {
      for (const { row } of stream.events) {
        const change = /^change (\d+)$/.exec(String(row?.fields.name ?? ''))?.[1];
        if (change === undefined) continue;
        // The second step of an action also shows that the first one is over.
        for (let step = Number(change) & ~1; step <= Number(change); step += 1) {
          if (seen[at]?.has(step)) continue;
          seen[at]?.add(step);
          delays.push(clock.now() - (sent[step] ?? 0));
        }
      }
      if (stream.kinds.includes('STALE')) stale.add(at);
      stream.clear();
    }
  };
  const queries: number[] = [];
  let queryAt = clock.now();
  /** Passes time, with a query now and then. */
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += STEP_MS) {
      if (clock.now() >= queryAt) {
        queryAt = clock.now() + QUERY_EVERY_MS;
        const took = pool.serve(jittered(QUERY_ROWS));
        queries.push(took);
        queriesInFlight += 1;
        clock.setTimer(took, () => {
          queriesInFlight -= 1;
        });
      }
      await clock.advance(STEP_MS);
      read();
    }
  };
  const callCount = (): number => upstreams.reduce((sum, { calls }) => sum + calls.length, 0);

  await pass(SETTLE_MS);
  stale.clear();
  const [began, calls, earlier] = [clock.now(), callCount(), queries.length];
  busyMs = 0;
  const slotMs = 60_000 / changesPerMinute;
  const slots = Math.floor(windowMs / slotMs);
  for (let slot = 0; slot < slots; slot += 1) {
    const offset = Math.floor((random() * slotMs) / STEP_MS) * STEP_MS;
    await pass(offset);
    sent.push(clock.now());
    world.put(`s${slot >> 1}`, slot % 2 === 0 ? 'UPDATING' : 'OK', { name: `change ${slot}` });
    await pass(slotMs - offset);
  }
  const tookMs = clock.now() - began;
  const worked = {
    busyMsPerSecond: (busyMs * 1_000) / tookMs,
    callsPerMinute: ((callCount() - calls) * 60_000) / tookMs,
  };
  const times = queries.slice(earlier);
  const staleStreams = stale.size;
  const expected = slots * callers;
  for (let more = 0; more < LATE_MS && delays.length < expected; more += STEP_MS) await pass(STEP_MS);
  const missing = expected - delays.length;
  const all = [...delays, ...Array.from({ length: missing }, () => LATE_MS)];
  await live.close();
  return {
    ...worked,
    delayMs: { median: quantile(all, 0.5), p95: quantile(all, 0.95) },
    missing,
    queryMs: { median: quantile(times, 0.5), p95: quantile(times, 0.95) },
    stale: staleStreams,
  };
}
