import { describe, expect, it } from 'vitest';
import type { State } from '../../src/domain/states.ts';
import { Harness } from './support/harness.ts';

/** Our own mutations are seen without waiting for the next poll. */

const write = (bench: Harness, uuid: string, state: State, answers = true): void => {
  const mark = bench.live.mark();
  const row = bench.world.put(uuid, state);
  bench.live.nudge('alice', { kind: 'snapshot', uuid, mark, row: answers ? row : null });
};

describe('a nudge', () => {
  it('sends the response of the write immediately', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    write(bench, 's1', 'UPDATE_SCHEDULED');
    await bench.clock.advance(0);
    expect(watcher.last).toMatchObject({ kind: 'STATE_CHANGED', uuid: 's1', state: 'UPDATE_SCHEDULED' });
    expect(bench.upstream.calls.length).toBe(1);
  });

  it('shows the effect of a write without a response within a second', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    write(bench, 's1', 'DELETION_SCHEDULED', false);
    await bench.clock.until(() => watcher.last?.state === 'DELETION_SCHEDULED', 1_000);
    bench.world.delete('s2');
    bench.live.nudge('alice', { kind: 'snapshot', uuid: 's2', mark: bench.live.mark() });
    await bench.clock.until(() => watcher.of('s2').at(-1)?.kind === 'REMOVED', 1_000);
    expect(watcher.of('s1').at(-1)).toMatchObject({ kind: 'STATE_CHANGED', state: 'DELETION_SCHEDULED' });
  });

  it('adds an object that the write created', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    write(bench, 'made', 'CREATION_SCHEDULED');
    await bench.clock.advance(0);
    expect(watcher.last).toMatchObject({ kind: 'ADDED', uuid: 'made' });
    bench.world.put('made', 'OK');
    await bench.clock.until(() => watcher.last?.state === 'OK', 2_500);
  });

  it('reads the object after 0.5, 1 and 2 s', async () => {
    const bench = new Harness({ rows: 700 });
    await bench.ready();
    await bench.clock.advance(1_000);
    const from = bench.clock.now();
    write(bench, 's1', 'OK');
    await bench.clock.advance(2_600);
    const looks = bench.upstream.callsSince(from).filter(({ kind }) => kind === 'get');
    expect(looks.map(({ uuid }) => uuid)).toEqual(['s1', 's1', 's1']);
    looks.forEach(({ at }, index) => {
      const due = from + ([500, 1_000, 2_000][index] ?? 0);
      expect(at).toBeGreaterThanOrEqual(due);
      expect(at).toBeLessThan(due + 300);
    });
  });

  it('follows the object until it settles', async () => {
    const bench = new Harness({ rows: 3 });
    const watcher = await bench.ready();
    write(bench, 's1', 'UPDATE_SCHEDULED');
    for (const state of ['UPDATING', 'OK'] as const) {
      await bench.clock.advance(3_000);
      bench.world.put('s1', state);
      await bench.clock.until(() => watcher.last?.state === state, 2_500);
    }
    expect(watcher.last).toMatchObject({ kind: 'STATE_CHANGED', uuid: 's1', state: 'OK' });
  });

  it('for many objects together uses lists, not one call for each', async () => {
    const bench = new Harness({ rows: 700 });
    const watcher = await bench.ready();
    await bench.clock.advance(500);
    const from = bench.clock.now();
    for (let at = 0; at < 100; at += 1) write(bench, `s${at}`, 'UPDATE_SCHEDULED', false);
    await bench.clock.until(() => watcher.kinds.filter((kind) => kind === 'STATE_CHANGED').length === 100, 1_000);
    await bench.clock.advance(5_000);
    expect(bench.upstream.callsSince(from).length).toBeLessThan(15);
  });

  it('for an object within a filter asks Waldur whether it still matches', async () => {
    const bench = new Harness();
    bench.world.put('s0', 'OK', { tag: 'mine' });
    const watcher = await bench.ready({ filter: { tag: 'mine' } });
    const mark = bench.live.mark();
    const row = bench.world.put('s0', 'UPDATE_SCHEDULED', { tag: 'other' });
    bench.live.nudge('alice', { kind: 'snapshot', uuid: 's0', mark, row });
    await bench.clock.until(() => watcher.last?.kind === 'REMOVED', 1_000);
    expect(watcher.kinds).toEqual(['RESET', 'INITIAL', 'BOOKMARK', 'REMOVED']);
  });

  it('for an object outside a filter shows nothing there', async () => {
    const bench = new Harness({ rows: 1 });
    const watcher = await bench.ready({ filter: { tag: 'mine' } });
    write(bench, 'made', 'CREATING');
    await bench.clock.advance(3_000);
    expect(watcher.kinds).toEqual(['RESET', 'BOOKMARK']);
  });

  it('does not affect other objects or other kinds, and does nothing without subscribers', async () => {
    const bench = new Harness({ rows: 3 });
    const single = await bench.ready({ filter: { uuid: 's0' } });
    const volumes = await bench.ready({ kind: 'volume' });
    const from = bench.clock.now();
    write(bench, 's1', 'UPDATE_SCHEDULED');
    await bench.clock.advance(900);
    expect(bench.upstream.callsSince(from)).toEqual([]);
    expect(single.kinds).toEqual(['RESET', 'INITIAL', 'BOOKMARK']);
    expect(volumes.kinds).not.toContain('STATE_CHANGED');
    const idle = new Harness({ rows: 1 });
    write(idle, 's0', 'UPDATING');
    await idle.clock.advance(60_000);
    expect(idle.upstream.calls).toEqual([]);
  });
});
