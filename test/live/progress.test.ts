import { describe, expect, it } from 'vitest';
import type { State } from '../../src/domain/states.ts';
import { Harness, Watcher } from './support/harness.ts';

const follow = (bench: Harness, volumeUuid: string): Watcher =>
  new Watcher().start((onEnd) =>
    bench.live.restoreProgress({
      callerKey: 'alice',
      fields: new Set(['name', 'runtime_state']),
      fetcher: bench.upstream,
      volumeUuid,
      onEnd,
    }),
  );

const told = (watcher: Watcher): [string, State | null, unknown][] =>
  watcher.events.map(({ kind, state, row }) => [kind, state, row?.fields.runtime_state ?? null]);

describe('restoreProgress', () => {
  it('follows a volume to OK and ends by itself', async () => {
    const bench = new Harness();
    bench.world.put('v0', 'CREATION_SCHEDULED', { runtime_state: '' });
    const watcher = follow(bench, 'v0');
    await bench.clock.advance(3_000);
    bench.world.put('v0', 'CREATING');
    await bench.clock.advance(3_000);
    bench.world.put('v0', 'CREATING', { runtime_state: 'creating' });
    await bench.clock.advance(3_000);
    bench.world.put('v0', 'OK', { runtime_state: 'available' });
    await bench.clock.until(() => watcher.end === 'done', 2_500);
    expect(told(watcher)).toEqual([
      ['INITIAL', 'CREATION_SCHEDULED', ''],
      ['STATE_CHANGED', 'CREATING', ''],
      ['UPDATED', 'CREATING', 'creating'],
      ['STATE_CHANGED', 'OK', 'available'],
    ]);
    expect(bench.upstream.calls.every(({ kind }) => kind === 'get')).toBe(true);
    const calls = bench.upstream.calls.length;
    await bench.clock.advance(120_000);
    expect(bench.upstream.calls.length - calls).toBeLessThanOrEqual(8);
    expect(bench.live.stats().informers).toBe(0);
  });

  it.each(['OK', 'ERRED'] as const)('ends at once when the restore settled before it began: %s', async (state) => {
    const bench = new Harness();
    bench.world.put('v0', state, { runtime_state: 'x' });
    const watcher = follow(bench, 'v0');
    await bench.clock.until(() => watcher.end === 'done', 1_000);
    expect(told(watcher)).toEqual([['INITIAL', state, 'x']]);
  });

  it('ends in ERRED, and with REMOVED when the volume is deleted', async () => {
    const bench = new Harness();
    bench.world.put('v0', 'CREATING');
    bench.world.put('v1', 'CREATING');
    const [erred, removed] = [follow(bench, 'v0'), follow(bench, 'v1')];
    await bench.clock.advance(1_000);
    bench.world.put('v0', 'ERRED');
    bench.world.delete('v1');
    await bench.clock.until(() => erred.end === 'done' && removed.end === 'done', 2_500);
    expect(erred.kinds).toEqual(['INITIAL', 'STATE_CHANGED']);
    expect(removed.kinds).toEqual(['INITIAL', 'REMOVED']);
  });

  it('ends with NOT_FOUND for a volume that the caller cannot see', async () => {
    const bench = new Harness();
    const watcher = follow(bench, 'nowhere');
    await bench.clock.until(() => watcher.end !== null, 1_000);
    expect(watcher.end).toMatchObject({ reason: 'not-found', closeCode: null });
    expect(watcher.events).toEqual([]);
  });

  it('reports when it may be out of date, and continues', async () => {
    const bench = new Harness();
    bench.world.put('v0', 'CREATING');
    const watcher = follow(bench, 'v0');
    await bench.clock.advance(1_000);
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    await bench.clock.until(() => watcher.kinds.includes('STALE'), 30_000);
    bench.world.put('v0', 'OK');
    bench.upstream.failure = () => null;
    await bench.clock.until(() => watcher.end === 'done', 31_000);
    expect(watcher.kinds).toEqual(['INITIAL', 'STALE', 'STATE_CHANGED']);
  });

  it('ends with the refusal when the token is revoked', async () => {
    const bench = new Harness();
    bench.world.put('v0', 'CREATING');
    const watcher = follow(bench, 'v0');
    await bench.clock.advance(1_000);
    bench.upstream.failure = () => ({ kind: 'unauthenticated' });
    await bench.clock.until(() => watcher.end !== null, 2_000);
    expect(watcher.end).toMatchObject({ reason: 'unauthenticated', closeCode: 4403 });
  });

  it('stops polling when it is left early', async () => {
    const bench = new Harness();
    bench.world.put('v0', 'CREATING');
    const watcher = follow(bench, 'v0');
    await bench.clock.advance(1_000);
    await watcher.stop();
    await bench.clock.advance(31_000);
    const calls = bench.upstream.calls.length;
    await bench.clock.advance(120_000);
    expect(bench.upstream.calls.length).toBe(calls);
  });
});

describe('a subscription to one object', () => {
  it('is polled by its detail URL, and reports when the object appears and disappears', async () => {
    const bench = new Harness({ rows: 500 });
    const watcher = await bench.ready({ filter: { uuid: 'AAAA-bbbb' } });
    expect(watcher.kinds).toEqual(['RESET', 'BOOKMARK']);
    bench.world.put('aaaabbbb', 'CREATING');
    await bench.clock.until(() => watcher.last?.kind === 'ADDED', 12_000);
    bench.world.put('aaaabbbb', 'OK');
    await bench.clock.until(() => watcher.last?.kind === 'STATE_CHANGED', 2_500);
    bench.world.delete('aaaabbbb');
    await bench.clock.until(() => watcher.last?.kind === 'REMOVED', 12_000);
    expect(bench.upstream.calls.every(({ kind, uuid }) => kind === 'get' && uuid === 'aaaabbbb')).toBe(true);
  });

  it('carries the other filters', async () => {
    const bench = new Harness();
    bench.world.put('a', 'OK', { tag: 'mine' });
    const watcher = await bench.ready({ filter: { uuid: 'a', tag: 'mine' } });
    bench.world.put('a', 'ERRED', { tag: 'other' });
    await bench.clock.until(() => watcher.last?.kind === 'REMOVED', 12_000);
    expect(watcher.last?.state).toBe('ERRED');
  });
});
