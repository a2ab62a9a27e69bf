import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING } from '../../src/live/index.ts';
import { Harness } from './support/harness.ts';

/** Hostile and unlucky cases, by their number in the matrix; those that need a socket are tested through one. */

describe('29: rows are inserted and removed during a relist', () => {
  it('sends no false REMOVED and misses no final state', async () => {
    const bench = new Harness({ rows: 1_000 });
    const watcher = await bench.ready();
    let pages = 0;
    bench.upstream.distort = (rows) => {
      pages += 1;
      bench.world.delete(`s${pages * 3}`);
      bench.world.put(`made ${pages}`, 'OK');
      return rows;
    };
    await bench.clock.advance(300_000);
    bench.upstream.distort = (rows) => rows;
    await bench.clock.advance(70_000);
    expect(pages).toBeGreaterThan(15);
    const held = new Set<string | null>();
    for (const { kind, uuid } of watcher.events) {
      if (kind === 'REMOVED') {
        expect(bench.world.get(uuid ?? '')).toBeUndefined();
        held.delete(uuid);
      } else if (uuid !== null) held.add(uuid);
    }
    expect(held).toEqual(new Set(bench.world.rows().map(({ uuid }) => uuid)));
  });
});

describe('30: the list ends early', () => {
  it('a 404 beyond the last page is the end of the list', async () => {
    const bench = new Harness({ rows: 301 });
    const watcher = await bench.ready();
    // The last row goes before its page is fetched.
    bench.upstream.distort = (rows, { page }) => {
      if (page === 1) bench.world.delete('s300');
      return rows;
    };
    await bench.clock.until(() => watcher.kinds.includes('REMOVED'), 61_000);
    expect(watcher.events.filter(({ kind }) => kind === 'REMOVED').map(({ uuid }) => uuid)).toEqual(['s300']);
    expect(watcher.kinds).not.toContain('STALE');
  });

  it.each([10, 200, 700])('one empty list removes nothing (%i rows)', async (rows) => {
    const bench = new Harness({ rows });
    const watcher = await bench.ready();
    const from = bench.clock.now();
    let lies = 0;
    bench.upstream.distort = (truth) => {
      lies += 1;
      return lies === 1 ? [] : truth;
    };
    await bench.clock.until(() => lies > 1, 61_000);
    await bench.clock.advance(5_000);
    expect(watcher.kinds).not.toContain('REMOVED');
    // Looked for by one more list when much is missing, not one by one.
    const gets = bench.upstream.callsSince(from).filter(({ kind }) => kind === 'get');
    expect(gets.length).toBe(rows === 10 ? 10 : 0);
  });
});

describe('28, 36: the upstream refuses', () => {
  it('403 on the scope is REMOVED for all objects; when access is allowed again they are ADDED', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    watcher.clear();
    bench.upstream.failure = () => ({ kind: 'forbidden' });
    await bench.clock.until(() => watcher.events.length === 2, 12_000);
    expect(watcher.events.map(({ kind, uuid, state }) => [kind, uuid, state])).toEqual([
      ['REMOVED', 's0', null],
      ['REMOVED', 's1', null],
    ]);
    bench.upstream.failure = () => null;
    await bench.clock.until(() => watcher.events.length >= 4, 21_000);
    expect(watcher.events.slice(2, 4).map(({ kind }) => kind)).toEqual(['ADDED', 'ADDED']);
    expect(watcher.end).toBeNull();
  });

  it('a subscription to a forbidden scope is FORBIDDEN', async () => {
    const bench = new Harness({ rows: 2 });
    bench.upstream.failure = () => ({ kind: 'forbidden' });
    const first = bench.watch();
    await bench.clock.until(() => first.end !== null);
    const second = bench.watch();
    await bench.clock.until(() => second.end !== null);
    for (const { end, events } of [first, second]) {
      expect(end).toMatchObject({ reason: 'forbidden', closeCode: null });
      expect(events).toEqual([]);
    }
  });

  it('an object that may not be read has left the scope, the others continue', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    bench.upstream.failure = ({ uuid }) => (uuid === 's1' ? { kind: 'forbidden' } : null);
    bench.upstream.distort = (rows) => rows.filter(({ uuid }) => uuid !== 's1');
    await bench.clock.until(() => watcher.kinds.includes('REMOVED'), 12_000);
    expect(watcher.last?.uuid).toBe('s1');
    bench.world.put('s0', 'UPDATING');
    await bench.clock.until(() => watcher.last?.kind === 'STATE_CHANGED', 12_000);
  });
});

describe('26, 38: nothing remains of a subscriber that leaves', () => {
  it('the running call is aborted when the stream is closed', async () => {
    const bench = new Harness({ rows: 2 });
    bench.upstream.latency = () => [5_000, 5_000];
    const watcher = bench.watch();
    await bench.clock.advance(1_000);
    expect(bench.upstream.inFlight).toBe(1);
    await bench.live.close();
    await bench.clock.advance(0);
    expect(bench.upstream.inFlight).toBe(0);
    expect(watcher.end).toBe('done');
    expect(bench.clock.pending).toBe(0);
  });

  it('informers, timers and rows return to zero after many subscribers', async () => {
    const bench = new Harness({ rows: 2 });
    for (let at = 0; at < 1_000; at += 1) {
      const watcher = bench.watch({ callerKey: `caller ${at}` });
      if (at % 3 === 0) await bench.clock.advance(30);
      await watcher.stop();
    }
    await bench.clock.advance(31_000);
    expect(bench.live.stats()).toMatchObject({
      informers: 0,
      subscribers: 0,
      subscriberGroups: 0,
      storeObjects: 0,
      deltaQueueLength: 0,
    });
    expect(bench.live.stats().informersParked).toBeLessThanOrEqual(DEFAULT_TUNING.retainInformers);
    await bench.clock.advance(DEFAULT_TUNING.retainMs);
    expect(bench.live.stats().informersParked).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });

  it('streams that are opened after the close end immediately', async () => {
    const bench = new Harness({ rows: 2 });
    await bench.live.close();
    const watcher = bench.watch();
    await bench.clock.until(() => watcher.end === 'done');
    expect(bench.upstream.calls).toEqual([]);
    expect(bench.live.stats().informers).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });
});

describe('43: `modified` of all settled snapshots changes at once', () => {
  it('is silent for a document without it, and one event an object for a document with it', async () => {
    const bench = new Harness({ rows: 5_000 });
    const without = await bench.ready();
    const withIt = await bench.ready({ fields: new Set(['modified', 'name']) });
    const paused = await bench.ready({ fields: new Set(['modified', 'name']) });
    without.clear();
    withIt.clear();
    paused.clear();
    const from = bench.clock.now();
    for (const { uuid, state } of bench.world.rows()) bench.world.put(uuid, state);
    // The pages come in turn, within a minute. A reader may pause for half of that.
    await bench.clock.until(() => withIt.events.length > 3_000, 90_000);
    paused.pause();
    await bench.clock.until(() => withIt.events.filter(({ kind }) => kind === 'UPDATED').length === 5_000, 90_000);
    expect(bench.live.stats().deltaQueueLength).toBeLessThanOrEqual(5_000);
    expect(without.kinds.filter((kind) => kind !== 'BOOKMARK')).toEqual([]);
    paused.resume();
    await bench.clock.advance(1);
    expect(paused.kinds).not.toContain('RESET');
    expect(new Set(paused.events.map(({ uuid }) => uuid)).size).toBeGreaterThanOrEqual(5_000);
    // It does not quicken the polls either.
    await bench.clock.advance(60_000);
    const minutes = (bench.clock.now() - from) / 60_000;
    expect(bench.upstream.callsSince(from).length / minutes).toBeLessThanOrEqual(25);
  });
});

describe('44: the upstream processes the requests of one user one at a time', () => {
  it("polls pause during the caller's own requests, up to a limit; other callers are not delayed", async () => {
    let busy = false;
    const bench = new Harness({ rows: 2, isBusy: (callerKey) => busy && callerKey === 'alice' });
    await bench.ready();
    await bench.clock.advance(5_000);
    busy = true;
    const from = bench.clock.now();
    const bob = await bench.ready({ callerKey: 'bob' });
    expect(bench.clock.now() - from).toBeLessThan(100);
    const calls = (): number => bench.upstream.callsSince(from).length - 1;
    const before = calls();
    await bench.clock.until(() => calls() > before, 20_000);
    const waited = bench.upstream.callsSince(from).at(-1)?.at ?? 0;
    expect(waited).toBeGreaterThan(from);
    // Somebody who queries without a pause still gets events.
    await bench.clock.advance(60_000);
    expect(calls()).toBeGreaterThan(6);
    await bob.stop();
  });

  it("a poll starts as soon as the caller's request has ended", async () => {
    let busy = true;
    const bench = new Harness({ rows: 2, isBusy: () => busy });
    bench.watch();
    await bench.clock.advance(120);
    expect(bench.upstream.calls).toEqual([]);
    busy = false;
    await bench.clock.advance(DEFAULT_TUNING.asideStepMs);
    expect(bench.upstream.calls.length).toBe(1);
  });

  it('one poll is in flight for a caller, whose polls would only wait for each other upstream', async () => {
    const bench = new Harness({ rows: 700 });
    bench.upstream.latency = () => [300, 300];
    for (const tag of ['a', 'b', 'c', 'd']) bench.watch({ filter: { tag } });
    await bench.clock.advance(120_000);
    expect(bench.upstream.maxInFlight).toBe(1);
    const alone = new Harness({ rows: 700 });
    alone.upstream.latency = () => [300, 300];
    for (let at = 0; at < 5; at += 1) alone.watch();
    await alone.clock.advance(120_000);
    expect(alone.upstream.maxInFlight).toBe(1);
  });
});

describe('45: writes overlap upstream', () => {
  it('a deleted snapshot that reappears is REMOVED, then ADDED', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    bench.world.delete('s1');
    await bench.clock.until(() => watcher.last?.kind === 'REMOVED', 12_000);
    bench.world.put('s1', 'UPDATE_SCHEDULED');
    await bench.clock.until(() => watcher.last?.kind === 'ADDED', 12_000);
    bench.world.put('s1', 'OK');
    await bench.clock.until(() => watcher.last?.kind === 'STATE_CHANGED', 12_000);
    expect(watcher.of('s1').map(({ kind, state }) => [kind, state])).toEqual([
      ['INITIAL', 'OK'],
      ['REMOVED', null],
      ['ADDED', 'UPDATE_SCHEDULED'],
      ['STATE_CHANGED', 'OK'],
    ]);
  });

  it('a deletion that is lost ends in the last state', async () => {
    const bench = new Harness({ rows: 2 });
    const watcher = await bench.ready();
    for (const state of ['DELETION_SCHEDULED', 'UPDATE_SCHEDULED', 'UPDATING', 'OK'] as const) {
      bench.world.put('s1', state);
      await bench.clock.advance(12_000);
    }
    expect(watcher.of('s1').map(({ state }) => state)).toEqual([
      'OK',
      'DELETION_SCHEDULED',
      'UPDATE_SCHEDULED',
      'UPDATING',
      'OK',
    ]);
  });
});

describe('46: old error messages', () => {
  it('are sent unchanged, and so are changes of them', async () => {
    const bench = new Harness();
    bench.world.put('s0', 'ERRED', { error_message: 'gone', error_traceback: 'Traceback' });
    const fields = new Set(['error_message', 'error_traceback']);
    const watcher = await bench.ready({ fields });
    bench.world.put('s0', 'UPDATE_SCHEDULED', { error_message: '' });
    await bench.clock.advance(12_000);
    bench.world.put('s0', 'OK', { error_traceback: '' });
    await bench.clock.advance(12_000);
    expect(
      watcher.of('s0').map(({ state, row }) => [state, row?.fields.error_message, row?.fields.error_traceback]),
    ).toEqual([
      ['ERRED', 'gone', 'Traceback'],
      ['UPDATE_SCHEDULED', '', 'Traceback'],
      ['OK', '', ''],
    ]);
  });
});
