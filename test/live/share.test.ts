import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING } from '../../src/live/index.ts';
import { seeded } from './support/clock.ts';
import { FewWorkers } from './support/few-workers.ts';
import { Harness, type Watcher } from './support/harness.ts';
import { ModelUpstream } from './support/world.ts';

const CALLERS = 100;
const POLL_MS = 110;
const QUERY_MS = 70;
const p95 = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;

function setup() {
  let queries = 0;
  const bench: Harness = new Harness({
    rows: 20,
    tuning: { callsInFlight: 16 },
    callsUpstream: () => bench.upstream.inFlight + queries,
  });
  const { clock } = bench;
  const workers = new FewWorkers(4, () => clock.now());
  // Equal durations would keep the workers in step, so that all of them are free, and busy, at the same time.
  const random = seeded(1);
  bench.upstream.latency = () => [workers.serve(POLL_MS * (0.7 + 0.6 * random())), 0];
  /** Ten queries a second. @returns their 95th percentile. */
  const queriesFor = async (seconds: number): Promise<number> => {
    const times: number[] = [];
    for (let n = 0; n < seconds * 10; n += 1) {
      const ms = workers.serve(QUERY_MS);
      queries += 1;
      clock.setTimer(ms, () => {
        queries -= 1;
      });
      times.push(ms);
      await clock.advance(100);
    }
    return p95(times);
  };
  const open = async (): Promise<Watcher[]> => {
    const watchers = Array.from({ length: CALLERS }, (_, n) => bench.watch({ callerKey: `caller ${n}` }));
    await clock.until(() => watchers.every(({ kinds }) => kinds.includes('BOOKMARK')), 120_000);
    return watchers;
  };
  return { bench, clock, queriesFor, open };
}

describe('the share of polls', () => {
  it('leaves queries of other callers as fast as before, within a factor of two', async () => {
    const { bench, queriesFor, open } = setup();
    const without = await queriesFor(20);
    const watchers = await open();
    // All of them are hot, which would take 90 polls a second.
    bench.world.put('s1', 'UPDATING');
    await queriesFor(25);
    expect(watchers.every((watcher) => watcher.of('s1').at(-1)?.state === 'UPDATING')).toBe(true);
    expect(await queriesFor(120)).toBeLessThanOrEqual(2 * without);
    expect(bench.live.stats().pollsAllowed).toBeLessThan(8);
    await bench.live.close();
  });

  it('no stream is later than promised without STALE', async () => {
    const { bench, clock, queriesFor, open } = setup();
    const watchers = await open();
    let late = 0;
    for (let round = 0; round < 10; round += 1) {
      bench.world.put('s1', 'UPDATING');
      await queriesFor(8);
      const isMoving = watchers.map((watcher) => watcher.of('s1').at(-1)?.state === 'UPDATING');
      bench.world.put('s1', 'OK', { name: `round ${round}` });
      const check = (urgency: 'hot' | 'idle'): void => {
        for (const [n, watcher] of watchers.entries()) {
          const shown = watcher.of('s1').at(-1)?.row?.fields.name;
          if (isMoving[n] !== (urgency === 'hot') || shown === `round ${round}`) continue;
          late += 1;
          expect([n, watcher.last?.kind]).toEqual([n, 'STALE']);
        }
      };
      await clock.advance(DEFAULT_TUNING.promiseMs.hot);
      check('hot');
      await clock.advance(DEFAULT_TUNING.promiseMs.idle - DEFAULT_TUNING.promiseMs.hot);
      check('idle');
    }
    expect(late).toBeGreaterThan(100);
    await bench.live.close();
  });

  it('a stream that is late shows it once, and a BOOKMARK when it is in time again', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    watcher.clear();
    bench.upstream.latency = () => [20_000, 0];
    await bench.clock.until(() => watcher.kinds.length > 0, 13_000);
    await bench.clock.advance(8_000);
    expect(watcher.kinds).toEqual(['STALE']);
    bench.upstream.latency = () => [10, 10];
    await bench.clock.advance(300_000);
    expect(watcher.kinds.filter((kind) => kind === 'STALE')).toEqual(['STALE']);
    expect(watcher.kinds.slice(0, 2)).toEqual(['STALE', 'BOOKMARK']);
  });

  it.each([10, 200, 500, 900])('a settled scope is never STALE when a call takes %i ms', async (ms) => {
    const bench = new Harness({ rows: 20 });
    bench.upstream.latency = () => [ms / 2, ms / 2];
    const watcher = await bench.ready();
    await bench.clock.advance(1_800_000);
    expect(watcher.kinds).not.toContain('STALE');
  });

  it.each([10, 200, 500])('nor is one in which something moves, when a call takes %i ms', async (ms) => {
    const bench = new Harness({ rows: 20 });
    bench.world.put('s3', 'UPDATING');
    bench.upstream.latency = () => [ms / 2, ms / 2];
    const watcher = await bench.ready();
    await bench.clock.advance(600_000);
    expect(watcher.kinds).not.toContain('STALE');
  });
});

describe('the end of an outage', () => {
  const outage = async () => {
    const bench = new Harness({ rows: 2 });
    const watchers = Array.from({ length: 30 }, (_, n) => bench.watch({ callerKey: `caller ${n}` }));
    await bench.clock.until(() => watchers.every(({ kinds }) => kinds.includes('BOOKMARK')));
    for (const watcher of watchers) watcher.clear();
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    await bench.clock.advance(600_000);
    expect(watchers.every(({ kinds }) => kinds.join() === 'STALE')).toBe(true);
    bench.upstream.failure = () => null;
    return { bench, watchers };
  };
  const isBack = ({ last }: Watcher): boolean => last?.kind === 'BOOKMARK';

  it('is the first success of any stream: all continue within two seconds, and not at the same moment', async () => {
    const { bench, watchers } = await outage();
    await bench.clock.until(() => watchers.some(isBack), 31_000);
    const from = bench.clock.now();
    await bench.clock.until(() => watchers.every(isBack), 2_200);
    const begun = bench.upstream.callsSince(from - 100).map(({ at }) => at);
    expect(Math.max(...begun) - Math.min(...begun)).toBeGreaterThan(500);
  });

  it('is also a query that succeeds', async () => {
    const { bench, watchers } = await outage();
    bench.live.upstreamRecovered();
    await bench.clock.until(() => watchers.every(isBack), 2_200);
    expect(watchers.every(isBack)).toBe(true);
  });

  it('is not the success of others while the polls of one caller fail', async () => {
    const bench = new Harness({ rows: 2 });
    const upstream = new ModelUpstream(bench.clock, bench.world);
    const others = Array.from({ length: 10 }, (_, n) => bench.watch({ callerKey: `caller ${n}` }));
    upstream.failure = () => ({ kind: 'unavailable' });
    bench.watch({ callerKey: 'failing', fetcher: upstream });
    await bench.clock.advance(600_000);
    expect(others.every(({ kinds }) => kinds.includes('BOOKMARK'))).toBe(true);
    // At the longest pause of 30 s, 15 s on average.
    expect(upstream.calls.length).toBeGreaterThan(15);
    expect(upstream.calls.length).toBeLessThan(80);
  });
});
