import { describe, expect, it } from 'vitest';
import { Harness } from './support/harness.ts';
import { ModelUpstream } from './support/world.ts';

const CALLERS = 20;

/** Callers who watch what a watcher sees, too; each with calls of its own. */
async function watched(isWatched: boolean) {
  const ended: unknown[] = [];
  const account: { upstream?: ModelUpstream } = {};
  const bench: Harness = new Harness({
    rows: 500,
    ...(isWatched && {
      watch: {
        callerKey: 'watcher',
        fields: () => new Set(['uuid', 'state', 'name']),
        fetcher: () => account.upstream ?? bench.upstream,
        onEnd: (_kind, error) => ended.push(error),
      },
    }),
  });
  const watcher = new ModelUpstream(bench.clock, bench.world);
  account.upstream = watcher;
  const callers = await Promise.all(
    Array.from({ length: CALLERS }, async (_, at) => {
      const upstream = new ModelUpstream(bench.clock, bench.world);
      return { upstream, stream: await bench.ready({ callerKey: `caller ${at}`, fetcher: upstream }) };
    }),
  );
  await bench.clock.advance(60_000);
  return { bench, watcher, callers, ended };
}

describe('the watcher', () => {
  it('leaves callers a look for each change and a relist in five minutes', async () => {
    const { bench, watcher, callers } = await watched(true);
    const before = bench.clock.now();
    const delays: number[] = [];
    for (let round = 0; round < 60; round += 1) {
      await bench.clock.advance(10_000 + round * 37);
      const changed = bench.world.put(`s${round}`, round % 2 === 0 ? 'UPDATING' : 'OK', { name: `name of ${round}` });
      const at = bench.clock.now();
      await bench.clock.until(
        () => callers.every(({ stream }) => stream.of(`s${round}`).at(-1)?.row?.fields.name === changed.fields.name),
        12_000,
      );
      delays.push(bench.clock.now() - at);
    }
    expect(Math.max(...delays)).toBeLessThanOrEqual(3_000);
    const minutes = (bench.clock.now() - before) / 60_000;
    // Two pages of a relist in five minutes, and a look for each of the sixty changes.
    for (const { upstream, stream } of callers) {
      expect(upstream.callsSince(before).length).toBeLessThanOrEqual(60 + 2 * (minutes / 5 + 2));
      expect(stream.kinds).not.toContain('STALE');
    }
    expect(watcher.callsSince(before).length / minutes).toBeLessThanOrEqual(65);
  });

  it('that is refused is reported, and callers are polled for as without it', async () => {
    const { bench, watcher, callers, ended } = await watched(true);
    watcher.failure = () => ({ kind: 'unauthenticated' });
    await bench.clock.advance(5_000);
    expect(ended).toHaveLength(1);
    await bench.clock.advance(15_000);
    const [first] = callers;
    bench.world.put('s3', 'UPDATING');
    await bench.clock.until(() => first?.stream.of('s3').at(-1)?.state === 'UPDATING', 12_000);
    expect(callers.every(({ stream }) => stream.end === null)).toBe(true);
  });

  it('never answers a caller: one who may not see an object is told nothing of it', async () => {
    const { bench, callers } = await watched(true);
    const [first] = callers;
    if (first === undefined) throw new Error('nobody watches');
    first.upstream.failure = ({ kind }) => (kind === 'get' ? { kind: 'forbidden' } : null);
    bench.world.put('secret', 'OK', { name: 'secret' });
    first.upstream.distort = (rows) => rows.filter(({ uuid }) => uuid !== 'secret');
    await bench.clock.advance(30_000);
    expect(first.stream.of('secret')).toEqual([]);
  });

  it('stops when nobody watches', async () => {
    const { bench, watcher, callers } = await watched(true);
    await Promise.all(callers.map(({ stream }) => stream.stop()));
    await bench.clock.advance(90_000);
    const calls = watcher.calls.length;
    await bench.clock.advance(60_000);
    expect(watcher.calls.length).toBe(calls);
  });
});
