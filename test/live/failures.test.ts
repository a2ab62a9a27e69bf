import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING } from '../../src/live/index.ts';
import { Harness } from './support/harness.ts';

const most = (ms: number): number => ms * (1 + DEFAULT_TUNING.jitter);

describe('failing polls', () => {
  it.each([
    { asked: 7_000, waits: 7_000 },
    { asked: 3_600_000, waits: 60_000 },
    { asked: 0, waits: 1_000 },
    { asked: Number.NaN, waits: 1_000 },
  ])('429 with Retry-After $asked ms: no call for $waits ms', async ({ asked, waits }) => {
    const bench = new Harness({ rows: 2 });
    await bench.ready();
    await bench.ready({ kind: 'volume' });
    bench.upstream.failure = () => ({ kind: 'rate-limited', retryAfterMs: asked });
    const before = bench.upstream.calls.length;
    await bench.clock.until(() => bench.upstream.calls.length > before, 12_000);
    await bench.clock.advance(10);
    const from = bench.clock.now();
    bench.upstream.failure = () => null;
    await bench.clock.advance(waits - 1);
    // The other kind's polls wait too: the pause is asked of the caller.
    expect(bench.upstream.callsSince(from + 1)).toEqual([]);
    await bench.clock.advance(most(DEFAULT_TUNING.idleMs));
    expect(bench.upstream.callsSince(from + 1).length).toBeGreaterThan(0);
  });

  it('backs off with full jitter from 1 to 30 s', async () => {
    const bench = new Harness({ rows: 2 });
    await bench.ready();
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    const from = bench.clock.now();
    await bench.clock.advance(3_600_000);
    const times = bench.upstream.callsSince(from).map(({ at }) => at);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_100);
    expect(pauses[0]).toBeLessThanOrEqual(2_100);
    const settled = pauses.slice(5);
    expect(Math.min(...settled)).toBeLessThan(5_000);
    expect(Math.max(...settled)).toBeGreaterThan(25_000);
  });

  it('a call that never returns counts as failed, and is aborted', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    bench.upstream.latency = () => [1e9, 0];
    await bench.clock.until(() => watcher.kinds.includes('STALE'), 90_000);
    expect(bench.upstream.maxInFlight).toBe(1);
    bench.upstream.latency = () => [10, 10];
    await bench.clock.until(() => watcher.last?.kind === 'BOOKMARK', 60_000);
  });

  it('one object that cannot be read does not hold up the others', async () => {
    // The pause after the failure is in time here: what is late has a test of its own.
    const inTime = { hot: 20_000, warm: 20_000, idle: 20_000 };
    const bench = new Harness({ rows: 5, tuning: { promiseMs: inTime } });
    const watcher = await bench.ready();
    bench.upstream.failure = ({ uuid }) => (uuid === 's1' ? { kind: 'unavailable' } : null);
    bench.upstream.distort = (rows) => rows.filter(({ uuid }) => uuid !== 's1');
    await bench.clock.advance(30_000);
    bench.world.put('s2', 'UPDATING');
    await bench.clock.until(() => watcher.last?.uuid === 's2', 12_000);
    await bench.clock.advance(300_000);
    expect(watcher.kinds).not.toContain('STALE');
    expect(watcher.kinds).not.toContain('REMOVED');
    bench.world.delete('s1');
    bench.upstream.failure = () => null;
    await bench.clock.until(() => watcher.kinds.includes('REMOVED'), 12_000);
  });

  it('a STALE that was not read before the first list arrived is not sent after it', async () => {
    const bench = new Harness({ rows: 2 });
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    const stream = bench.live.subscribe(bench.request());
    await bench.clock.advance(15_000);
    expect(bench.live.stats().deltaQueueLength).toBe(1);
    bench.upstream.failure = () => null;
    await bench.clock.advance(14_000);
    const opening = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    expect(opening.map(({ value }) => value?.kind)).toEqual(['RESET', 'INITIAL', 'INITIAL', 'BOOKMARK']);
    expect(bench.live.stats().deltaQueueLength).toBe(0);
  });

  it('an exception that is not a FetchError is reported, and polling continues', async () => {
    const reported: unknown[] = [];
    const bench = new Harness({ rows: 2, onUnexpected: (error) => reported.push(error) });
    const watcher = await bench.ready();
    let broken = 1;
    bench.upstream.distort = (rows) => {
      broken -= 1;
      if (broken === 0) throw new TypeError('a defect');
      return rows;
    };
    await bench.clock.advance(20_000);
    expect(reported).toEqual([new TypeError('a defect')]);
    bench.world.put('s0', 'UPDATING');
    await bench.clock.until(() => watcher.last?.kind === 'STATE_CHANGED', 12_000);
  });
});
