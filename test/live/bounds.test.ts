import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING } from '../../src/live/index.ts';
import { Harness } from './support/harness.ts';

/** The eighth promise. */

describe('8: bounded memory, visible staleness', () => {
  it('20,000 events leave at most one for each object in the queue of a paused reader, and others lose nothing', async () => {
    const bench = new Harness({ rows: 50 });
    const paused = await bench.ready();
    const steady = await bench.ready();
    paused.pause();
    paused.clear();
    steady.clear();
    const states = ['UPDATE_SCHEDULED', 'UPDATING'] as const;
    for (let round = 0; round < 400; round += 1) {
      for (let at = 0; at < 50; at += 1) {
        const mark = bench.live.mark();
        const row = bench.world.put(`s${at}`, states[round % 2] ?? 'OK');
        bench.live.nudge('alice', { kind: 'snapshot', uuid: `s${at}`, mark, row });
      }
      await bench.clock.advance(20);
      expect(bench.live.stats().deltaQueueLength).toBeLessThanOrEqual(51);
    }
    expect(steady.events.length).toBeGreaterThanOrEqual(20_000);
    paused.resume();
    await bench.clock.advance(1);
    const told = paused.events.filter(({ uuid }) => uuid !== null);
    // The one that was already asked for, and then at most one each.
    expect(told.length).toBeLessThanOrEqual(51);
    for (let at = 0; at < 50; at += 1) expect(paused.of(`s${at}`).at(-1)?.state).toBe('UPDATING');
  });

  it('a reader that leaves events unread for 30 s is ended with 1013, the others continue', async () => {
    const bench = new Harness({ rows: 2 });
    const paused = await bench.ready();
    const steady = await bench.ready();
    paused.pause();
    bench.world.put('s0', 'UPDATING');
    await bench.clock.until(() => steady.last?.kind === 'STATE_CHANGED', 12_000);
    bench.world.put('s0', 'OK');
    await bench.clock.until(() => steady.last?.state === 'OK', 12_000);
    const unreadSince = bench.clock.now();
    await bench.clock.until(() => paused.told !== null, 60_000);
    expect(bench.clock.now() - unreadSince).toBeGreaterThanOrEqual(30_000);
    expect(bench.clock.now() - unreadSince).toBeLessThanOrEqual(36_000);
    expect(paused.told).toMatchObject({ reason: 'slow-reader', closeCode: 1013 });
    expect(steady.end).toBeNull();
    expect(bench.live.stats()).toMatchObject({ subscribers: 1, deltaQueueLength: 0 });
  });

  it('the log stays within its limits', async () => {
    const bench = new Harness({ rows: 1, tuning: { logEvents: 10 } });
    await bench.ready();
    for (let at = 0; at < 40; at += 1) {
      bench.world.put('s0', at % 2 === 0 ? 'UPDATING' : 'CREATING');
      await bench.clock.advance(2_000);
    }
    expect(bench.live.stats().deltaLogLength).toBe(10);
  });

  it('under saturation intervals grow, busy scopes are polled first, and BOOKMARK events give the age of responses', async () => {
    const bench = new Harness({ tuning: { callsPerSecond: 1, callsBurst: 1 } });
    bench.world.fill(2, 'OK', { tag: 'quiet' });
    const filter = { tag: 'quiet' };
    const quiet = Array.from({ length: 20 }, (_, at) => bench.watch({ callerKey: `caller ${at}`, filter }));
    const busy = bench.watch({ callerKey: 'busy', filter: { tag: 'busy' } });
    bench.world.put('mover', 'UPDATING', { tag: 'busy' });
    await bench.clock.until(() => [...quiet, busy].every(({ kinds }) => kinds.includes('BOOKMARK')), 120_000);
    const from = bench.clock.now();
    await bench.clock.advance(300_000);
    const calls = bench.upstream.callsSince(from);
    expect(calls.length).toBeLessThanOrEqual(301);
    const own = calls.filter(({ filter }) => filter.tag === 'busy').length;
    expect(own).toBeGreaterThan(5 * ((calls.length - own) / quiet.length));
    const ages = quiet.map(({ last }) => bench.clock.wallNow() - (last?.observedAt ?? 0));
    expect(Math.max(...ages)).toBeGreaterThan(DEFAULT_TUNING.idleMs * (1 + DEFAULT_TUNING.jitter));
  });
});
