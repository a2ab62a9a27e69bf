import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING, type LiveEvent } from '../../src/live/index.ts';
import { Harness } from './support/harness.ts';

/** One test for each row of the table of events, and for each promise in it. */

const shape = ({ kind, uuid, state, previousState }: LiveEvent): unknown[] => [kind, uuid, state, previousState];

describe('RESET, INITIAL and BOOKMARK at the start', () => {
  it('shows each object once, then a BOOKMARK with a cursor', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    expect(watcher.events.map(shape)).toEqual([
      ['RESET', null, null, null],
      ['INITIAL', 's0', 'OK', null],
      ['INITIAL', 's1', 'OK', null],
      ['INITIAL', 's2', 'OK', null],
      ['BOOKMARK', null, null, null],
    ]);
    const [, first] = watcher.events;
    expect(first).toMatchObject({ cursor: null, row: { uuid: 's0', fields: { name: 'name 0' } } });
    expect(first?.observedAt).toBeLessThanOrEqual(bench.clock.wallNow());
    expect(watcher.last).toMatchObject({ kind: 'BOOKMARK', row: null, cursor: expect.any(String) });
  });

  it('are only RESET and BOOKMARK when nothing is in scope', async () => {
    const watcher = await new Harness().ready();
    expect(watcher.kinds).toEqual(['RESET', 'BOOKMARK']);
  });

  it('reads a list of many pages before it shows anything', async () => {
    const bench = new Harness({ rows: 700 });
    const watcher = await bench.ready();
    expect(new Set(watcher.events.map(({ uuid }) => uuid)).size).toBe(701);
    expect(bench.upstream.calls.map(({ page }) => page)).toEqual([1, 2, 3]);
  });

  it('sends a BOOKMARK at least every 60 s in a quiet stream', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    const times = [bench.clock.now()];
    for (let seconds = 0; seconds < 600; seconds += 1) {
      watcher.clear();
      await bench.clock.advance(1_000);
      if (watcher.kinds.includes('BOOKMARK')) times.push(bench.clock.now());
    }
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(10);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);
  });

  it('gives the time of the last response with a BOOKMARK', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    await bench.clock.advance(100_000);
    const bookmark = watcher.last;
    expect(bookmark?.kind).toBe('BOOKMARK');
    expect(bench.clock.wallNow() - (bookmark?.observedAt ?? 0)).toBeLessThan(60_000);
  });
});

describe('ADDED', () => {
  it('is a new object', async () => {
    const bench = new Harness({ rows: 1 });
    const watcher = await bench.ready();
    bench.world.put('new', 'CREATING', { name: 'fresh' });
    await bench.clock.until(() => watcher.kinds.includes('ADDED'), 12_000);
    expect(watcher.last).toMatchObject({
      kind: 'ADDED',
      uuid: 'new',
      state: 'CREATING',
      previousState: null,
      row: { fields: { name: 'fresh' } },
      cursor: expect.any(String),
    });
  });

  it('is an object whose state now matches the filter on states', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready({ filter: { state: ['ERRED'] } });
    expect(watcher.kinds).toEqual(['RESET', 'BOOKMARK']);
    bench.world.put('s0', 'ERRED');
    await bench.clock.until(() => watcher.kinds.includes('ADDED'), 12_000);
    expect(watcher.events.slice(2).map(shape)).toEqual([['ADDED', 's0', 'ERRED', null]]);
  });

  it('is an object that now matches another filter, which Waldur evaluates', async () => {
    const bench = new Harness();
    bench.world.put('s0', 'OK', { tag: 'other' });
    const watcher = await bench.ready({ filter: { tag: 'mine' } });
    bench.world.put('s0', 'OK', { tag: 'mine' });
    await bench.clock.until(() => watcher.kinds.includes('ADDED'), 12_000);
    expect(shape(watcher.events[2] as LiveEvent)).toEqual(['ADDED', 's0', 'OK', null]);
  });
});

describe('STATE_CHANGED', () => {
  it('has the previous state, whatever the document selects', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready({ fields: new Set() });
    bench.world.put('s1', 'UPDATE_SCHEDULED', { name: 'changed too' });
    await bench.clock.until(() => watcher.kinds.includes('STATE_CHANGED'), 12_000);
    expect(watcher.events.slice(4).map(shape)).toEqual([['STATE_CHANGED', 's1', 'UPDATE_SCHEDULED', 'OK']]);
    expect(watcher.last?.cursor).toEqual(expect.any(String));
  });

  it('has the time of the response that contained it', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    bench.world.put('s1', 'UPDATING');
    await bench.clock.until(() => watcher.kinds.includes('STATE_CHANGED'), 12_000);
    const call = bench.upstream.calls.at(-1);
    expect(watcher.last?.observedAt).toBe((call?.at ?? 0) + 20 + bench.clock.wallNow() - bench.clock.now());
  });
});

describe('UPDATED', () => {
  it('is a change of a field that the document selects', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    bench.world.put('s1', 'OK', { name: 'renamed' });
    await bench.clock.until(() => watcher.kinds.includes('UPDATED'), 12_000);
    expect(watcher.last).toMatchObject({
      uuid: 's1',
      state: 'OK',
      previousState: 'OK',
      row: { fields: { name: 'renamed' } },
      cursor: expect.any(String),
    });
  });

  it('is not sent for a field that only another document selects', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    const other = await bench.ready({ fields: new Set(['description']) });
    bench.world.put('s1', 'OK', { description: 'new text' });
    await bench.clock.until(() => other.kinds.includes('UPDATED'), 12_000);
    expect(watcher.kinds).not.toContain('UPDATED');
  });

  it('compares values, not identities', async () => {
    const bench = new Harness({ rows: 1 });
    bench.world.put('s0', 'OK', { metadata: { a: [1, { b: null }] } });
    const watcher = await bench.ready({ fields: new Set(['metadata']) });
    bench.world.put('s0', 'OK', { metadata: { a: [1, { b: null }] } });
    await bench.clock.advance(70_000);
    expect(watcher.kinds).not.toContain('UPDATED');
    bench.world.put('s0', 'OK', { metadata: { a: [1, { b: 2 }] } });
    await bench.clock.until(() => watcher.kinds.includes('UPDATED'), 12_000);
  });
});

describe('REMOVED', () => {
  it('has no state when the object is gone', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    bench.world.delete('s0');
    await bench.clock.until(() => watcher.kinds.includes('REMOVED'), 12_000);
    expect(watcher.last).toMatchObject({ uuid: 's0', state: null, previousState: 'OK', row: null });
    expect(watcher.last?.cursor).toEqual(expect.any(String));
  });

  it('has the current state when the object no longer matches the filter on states', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready({ filter: { state: ['OK'] } });
    bench.world.put('s0', 'ERRED');
    await bench.clock.until(() => watcher.kinds.includes('REMOVED'), 12_000);
    expect(shape(watcher.last as LiveEvent)).toEqual(['REMOVED', 's0', 'ERRED', 'OK']);
  });

  it('has the current state when another filter no longer matches', async () => {
    const bench = new Harness();
    bench.world.put('s0', 'OK', { tag: 'mine' });
    const watcher = await bench.ready({ filter: { tag: 'mine' } });
    bench.world.put('s0', 'UPDATING', { tag: 'other' });
    await bench.clock.until(() => watcher.kinds.includes('REMOVED'), 12_000);
    expect(shape(watcher.last as LiveEvent)).toEqual(['REMOVED', 's0', 'UPDATING', 'OK']);
  });
});

describe('STALE', () => {
  it('comes once after two failed polls; on recovery the differences and a BOOKMARK follow', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    watcher.clear();
    let failed = 0;
    bench.upstream.failure = () => {
      failed += 1;
      return { kind: 'unavailable' };
    };
    await bench.clock.until(() => watcher.kinds.includes('STALE'), 30_000);
    expect(failed).toBe(2);
    bench.world.put('s1', 'ERRED');
    await bench.clock.advance(300_000);
    expect(watcher.kinds).toEqual(['STALE']);
    expect(watcher.last).toMatchObject({ cursor: null, uuid: null, row: null });
    bench.upstream.failure = () => null;
    await bench.clock.until(() => watcher.events.length > 1, 31_000);
    await bench.clock.advance(100);
    expect(watcher.events.map(shape)).toEqual([
      ['STALE', null, null, null],
      ['STATE_CHANGED', 's1', 'ERRED', 'OK'],
      ['BOOKMARK', null, null, null],
    ]);
  });

  it('is not sent for a single failure after which the next poll is in time', async () => {
    const inTime = { ...DEFAULT_TUNING.promiseMs, idle: 15_000 };
    const bench = new Harness({ rows: 2, tuning: { promiseMs: inTime } });
    const watcher = await bench.ready();
    bench.upstream.failure = (call) => (bench.upstream.calls.indexOf(call) % 2 === 1 ? { kind: 'unavailable' } : null);
    await bench.clock.advance(300_000);
    expect(watcher.kinds).not.toContain('STALE');
  });

  it('is also sent to subscribers that wait for their first events', async () => {
    const bench = new Harness({ rows: 2 });
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    const watcher = bench.watch();
    await bench.clock.until(() => watcher.kinds.includes('STALE'), 60_000);
    const late = bench.watch();
    await bench.clock.advance(1);
    expect(late.kinds).toEqual(['STALE']);
    bench.upstream.failure = () => null;
    await bench.clock.until(() => watcher.kinds.includes('BOOKMARK') && late.kinds.includes('BOOKMARK'), 31_000);
    expect(watcher.kinds).toEqual(['STALE', 'RESET', 'INITIAL', 'INITIAL', 'BOOKMARK']);
    expect(late.kinds).toEqual(watcher.kinds);
  });

  it('follows the current state for a subscriber that starts meanwhile', async () => {
    const bench = new Harness({ rows: 1 });
    const watcher = await bench.ready();
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    await bench.clock.until(() => watcher.kinds.includes('STALE'), 60_000);
    const late = bench.watch();
    await bench.clock.advance(1);
    expect(late.kinds).toEqual(['RESET', 'INITIAL', 'BOOKMARK', 'STALE']);
  });
});

describe('RESET', () => {
  it('is followed by the current state and a BOOKMARK when a cursor cannot be used', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready({ after: 'made up' });
    expect(watcher.kinds).toEqual(['RESET', 'INITIAL', 'INITIAL', 'BOOKMARK']);
    expect(watcher.events[0]).toMatchObject({ cursor: null, uuid: null, row: null });
  });

  it('comes when a reader falls too far behind', async () => {
    const bench = new Harness({ rows: 3, tuning: { queueKeys: 4, slowReaderMs: 600_000 } });
    const watcher = await bench.ready();
    watcher.pause();
    watcher.clear();
    for (let at = 0; at < 3; at += 1) {
      bench.world.put(`n${at}`, 'CREATING');
      await bench.clock.advance(12_000);
    }
    for (let at = 0; at < 3; at += 1) bench.world.delete(`s${at}`);
    await bench.clock.advance(12_000);
    watcher.resume();
    await bench.clock.advance(1);
    expect(watcher.kinds).toContain('RESET');
    const after = watcher.events.slice(watcher.kinds.indexOf('RESET'));
    expect(after.map(({ uuid }) => uuid)).toEqual([null, 'n0', 'n1', 'n2', null]);
  });
});
