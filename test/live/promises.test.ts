import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING, LiveEnd } from '../../src/live/index.ts';
import { Harness } from './support/harness.ts';
import { ModelUpstream } from './support/world.ts';

/** The promises of the live engine, each by its number; the fourth and the eighth have files of their own. */

const { hotMs, idleMs, jitter } = DEFAULT_TUNING;
const most = (ms: number): number => ms * (1 + jitter);
/** Two calls of the model upstream, with a little for rounding. */
const TWO_FETCHES = 45;

describe('1: convergence', () => {
  it.each([
    { rows: 20, moving: true, within: most(hotMs) },
    { rows: 500, moving: true, within: most(hotMs) },
    { rows: 20, moving: false, within: most(idleMs) },
    { rows: 500, moving: false, within: most(idleMs) },
  ])('the final state arrives within the interval and two fetches: $rows rows, moving: $moving', async (one) => {
    const { rows, moving, within } = one;
    const bench = new Harness({ rows });
    if (moving) bench.world.put('mover', 'UPDATING');
    const watcher = await bench.ready();
    for (let round = 0; round < 20; round += 1) {
      await bench.clock.advance(130_000 + round * 97);
      if (moving) {
        // What has not moved for two minutes counts as stuck.
        bench.world.put('mover', round % 2 === 0 ? 'UPDATE_SCHEDULED' : 'UPDATING');
        await bench.clock.advance(20_000);
      }
      watcher.clear();
      const state = round % 2 === 0 ? 'UPDATING' : 'CREATING';
      bench.world.put('s7', state);
      const changedAt = bench.clock.now();
      await bench.clock.until(() => watcher.of('s7').at(-1)?.state === state, within + TWO_FETCHES);
      expect(bench.clock.now() - changedAt).toBeLessThanOrEqual(within + TWO_FETCHES);
      bench.world.put('s7', 'OK');
      await bench.clock.until(() => watcher.of('s7').at(-1)?.state === 'OK', most(hotMs) + TWO_FETCHES);
    }
  });

  it('may skip states in between, never the last one', async () => {
    const bench = new Harness({ rows: 1 });
    const watcher = await bench.ready();
    for (const state of ['UPDATE_SCHEDULED', 'UPDATING', 'OK', 'DELETION_SCHEDULED', 'ERRED'] as const) {
      bench.world.put('s0', state);
      await bench.clock.advance(100);
    }
    await bench.clock.advance(most(idleMs));
    expect(watcher.of('s0').at(-1)?.state).toBe('ERRED');
    expect(watcher.of('s0').length).toBeLessThan(6);
  });

  it('a change that no filter on states shows, in a list of many pages, is found by the next relist', async () => {
    const bench = new Harness({ rows: 700 });
    const watcher = await bench.ready();
    await bench.clock.advance(20_000);
    bench.world.put('s3', 'OK', { name: 'renamed' });
    bench.world.delete('s4');
    await bench.clock.until(() => watcher.of('s3').length > 1 && watcher.of('s4').length > 1, 61_000);
    expect([watcher.of('s3').at(-1)?.kind, watcher.of('s4').at(-1)?.kind]).toEqual(['UPDATED', 'REMOVED']);
  });
});

describe('2: no object returns to an older state', () => {
  it("a response that was overtaken by the gateway's own write says nothing about the object", async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    // Read at once, answered late: while it is on its way, the object is written to.
    bench.upstream.latency = () => [0, 3_000];
    const before = bench.upstream.calls.length;
    await bench.clock.until(() => bench.upstream.calls.length > before, 12_000);
    await bench.clock.advance(1_000);
    const mark = bench.live.mark();
    const { modified } = bench.world.get('s1')?.fields ?? {};
    const row = bench.world.put('s1', 'UPDATE_SCHEDULED', { modified });
    bench.live.nudge('alice', { kind: 'snapshot', uuid: 's1', mark, row });
    bench.upstream.latency = () => [10, 10];
    await bench.clock.advance(60_000);
    expect(watcher.of('s1').map(({ kind, state }) => [kind, state])).toEqual([
      ['INITIAL', 'OK'],
      ['STATE_CHANGED', 'UPDATE_SCHEDULED'],
    ]);
  });

  it('the response of a write does not override what was read after the write began', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    const mark = bench.live.mark();
    const row = bench.world.put('s1', 'UPDATE_SCHEDULED');
    bench.world.put('s1', 'UPDATING');
    await bench.clock.until(() => watcher.last?.state === 'UPDATING', 12_000);
    bench.live.nudge('alice', { kind: 'snapshot', uuid: 's1', mark, row });
    await bench.clock.advance(5_000);
    expect(watcher.of('s1').map(({ state }) => state)).toEqual(['OK', 'UPDATING']);
  });

  it('an older `modified` is accepted only when a second response agrees', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready({ fields: new Set(['name', 'v']) });
    await bench.clock.advance(1_000);
    const old = bench.world.get('s1');
    bench.world.put('s1', 'ERRED', { name: 'new' });
    await bench.clock.until(() => watcher.last?.state === 'ERRED', 12_000);
    let lies = 1;
    bench.upstream.distort = (rows) => {
      lies -= 1;
      return lies < 0 || !old ? rows : rows.map((row) => (row.uuid === 's1' ? { ...row, ...old } : row));
    };
    await bench.clock.advance(60_000);
    expect(lies).toBeLessThan(0);
    expect(watcher.of('s1').map(({ state }) => state)).toEqual(['OK', 'ERRED']);
    // A clock upstream that was set back must not hide the truth for ever.
    bench.world.put('s1', 'OK', { name: 'newest', modified: '2001-01-01T00:00:00Z' });
    await bench.clock.until(() => watcher.last?.row?.fields.name === 'newest', 12_000);
  });
});

describe('3: the current state first, then later changes, without a gap', () => {
  it('holds for changes while the first list is read', async () => {
    const bench = new Harness({ rows: 900 });
    bench.upstream.latency = () => [200, 200];
    const watcher = bench.watch();
    // Page 1 has been read, page 3 has not.
    await bench.clock.advance(500);
    bench.world.put('s5', 'UPDATING');
    bench.world.put('s899', 'UPDATING');
    bench.world.put('made', 'CREATING');
    await bench.clock.advance(70_000);
    const bookmark = watcher.kinds.indexOf('BOOKMARK');
    const initial = watcher.events.slice(1, bookmark);
    expect(watcher.kinds[0]).toBe('RESET');
    expect(initial.length).toBeGreaterThanOrEqual(900);
    expect(initial.every(({ kind }) => kind === 'INITIAL')).toBe(true);
    expect(new Set(initial.map(({ uuid }) => uuid)).size).toBe(initial.length);
    expect(watcher.kinds.slice(bookmark)).not.toContain('INITIAL');
    for (const uuid of ['s5', 's899', 'made']) expect(watcher.of(uuid).at(-1)?.state).toMatch(/ING$/);
  });

  it('holds for a reader that is slow to take its first events', async () => {
    const bench = new Harness({ rows: 3 });
    await bench.ready();
    const watcher = bench.watch();
    watcher.pause();
    await bench.clock.advance(10);
    bench.world.put('s2', 'UPDATING');
    bench.world.delete('s1');
    bench.world.put('made', 'OK');
    await bench.clock.advance(15_000);
    watcher.resume();
    await bench.clock.advance(1);
    expect(watcher.events.map(({ kind, uuid }) => [kind, uuid])).toEqual([
      ['RESET', null],
      ['INITIAL', 's0'],
      ['INITIAL', 's1'],
      ['INITIAL', 's2'],
      ['BOOKMARK', null],
      ['STATE_CHANGED', 's2'],
      ['ADDED', 'made'],
      ['REMOVED', 's1'],
    ]);
  });
});

describe('5: no false removals', () => {
  it('a row that moved between pages is looked up before it is REMOVED', async () => {
    const bench = new Harness({ rows: 900 });
    const watcher = await bench.ready();
    let shifts = 0;
    bench.upstream.distort = (rows, { page }) => {
      // The oldest object goes while the relist is between pages: the first of the next page moves to the one just read.
      if (page === 1) bench.world.delete(`s${shifts++}`);
      return rows;
    };
    await bench.clock.advance(900_000);
    expect(shifts).toBeGreaterThan(8);
    const removed = watcher.events.filter(({ kind }) => kind === 'REMOVED').map(({ uuid }) => uuid);
    expect(removed.length).toBeGreaterThan(8);
    for (const uuid of removed) expect(bench.world.get(uuid ?? '')).toBeUndefined();
  });

  it('failed relists remove nothing', async () => {
    const bench = new Harness({ rows: 700 });
    const watcher = await bench.ready();
    bench.upstream.failure = ({ page }) => (page === 2 ? { kind: 'unavailable' } : null);
    await bench.clock.advance(600_000);
    expect(watcher.kinds).not.toContain('REMOVED');
  });
});

describe('6: nothing is shared between callers', () => {
  it('each has its own calls, objects and cursors', async () => {
    const bench = new Harness({ rows: 2 });
    const alice = await bench.ready();
    const calls = bench.upstream.calls.length;
    const other = new ModelUpstream(bench.clock, new Harness({ rows: 0 }).world);
    const bob = await bench.ready({ callerKey: 'bob', fetcher: other });
    expect(bob.kinds).toEqual(['RESET', 'BOOKMARK']);
    expect(other.calls.length).toBe(1);
    expect(bench.upstream.calls.length).toBe(calls);
    bench.world.put('s0', 'UPDATING');
    await bench.clock.until(() => alice.last?.kind === 'STATE_CHANGED', 12_000);
    expect(bob.kinds).toEqual(['RESET', 'BOOKMARK']);
    const stolen = await bench.ready({ callerKey: 'bob', fetcher: other, after: alice.cursor });
    expect(stolen.kinds).toEqual(['RESET', 'BOOKMARK']);
  });

  it('a write of one caller causes no event for another', async () => {
    const bench = new Harness({ rows: 2 });
    const bob = await bench.ready({ callerKey: 'bob' });
    const row = bench.world.put('s0', 'UPDATING');
    bench.live.nudge('alice', { kind: 'snapshot', uuid: 's0', mark: bench.live.mark(), row });
    await bench.clock.advance(2_000);
    expect(bob.kinds).not.toContain('STATE_CHANGED');
  });
});

describe('7: each poll is authorised anew', () => {
  it('a revoked token ends the stream within one poll', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    bench.upstream.failure = () => ({ kind: 'unauthenticated' });
    await bench.clock.until(() => watcher.end !== null, most(idleMs) + TWO_FETCHES);
    expect(watcher.end).toBeInstanceOf(LiveEnd);
    expect(watcher.end).toMatchObject({ reason: 'unauthenticated', closeCode: 4403 });
    expect(watcher.told).toBe(watcher.end);
    expect(bench.live.stats()).toMatchObject({ informers: 0, informersParked: 0, subscribers: 0 });
    const calls = bench.upstream.calls.length;
    await bench.clock.advance(120_000);
    expect(bench.upstream.calls.length).toBe(calls);
    expect(bench.clock.pending).toBe(0);
  });

  it('what was known before a refusal is never served again', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    bench.upstream.failure = () => ({ kind: 'unauthenticated' });
    await bench.clock.until(() => watcher.end !== null, 12_000);
    const back = bench.watch({ after: watcher.cursor });
    await bench.clock.until(() => back.end !== null);
    expect(back.events).toEqual([]);
  });

  it('a caller that comes back later sees nothing before the upstream has permitted it', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    await watcher.stop();
    await bench.clock.advance(60_000);
    bench.upstream.failure = () => ({ kind: 'unauthenticated' });
    const back = bench.watch({ after: watcher.cursor });
    await bench.clock.until(() => back.end !== null);
    expect(back.events).toEqual([]);
  });
});
