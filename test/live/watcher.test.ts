import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING } from '../../src/live/index.ts';
import { FewWorkers } from './support/few-workers.ts';
import { Harness } from './support/harness.ts';
import { ModelUpstream } from './support/world.ts';

const CALLERS = 20;

/** Of a real server, for any request and for each row of a page (contract 3.6). */
const REQUEST_MS = 20;
const ROW_MS = 0.3;
const ROWS = 500;
const PAGE = 300;
/** Polls of the watcher in a minute. */
const MOST_POLLS = 60_000 / (DEFAULT_TUNING.watchMs * (1 - DEFAULT_TUNING.jitter));

/** Callers who watch what a watcher sees, too; each with calls of its own. @param workers of an upstream as slow as a real one. */
async function watched(isWatched: boolean, { callers: count = CALLERS, workers = 0 } = {}) {
  const ended: unknown[] = [];
  const account: { upstream?: ModelUpstream } = {};
  const bench: Harness = new Harness({
    rows: ROWS,
    ...(workers > 0 && { tuning: { callsInFlight: 4 * workers } }),
    ...(isWatched && {
      watch: {
        callerKey: 'watcher',
        fields: () => new Set(['uuid', 'state', 'name']),
        fetcher: () => account.upstream ?? bench.upstream,
        onEnd: (_kind, error) => ended.push(error),
      },
    }),
  });
  const busy = new FewWorkers(workers, () => bench.clock.now());
  const makeUpstream = (): ModelUpstream => {
    const upstream = new ModelUpstream(bench.clock, bench.world);
    if (workers > 0) {
      upstream.latency = () => {
        const { kind, page = 1 } = upstream.calls.at(-1) ?? {};
        const rows = kind === 'page' ? Math.min(PAGE, ROWS - (page - 1) * PAGE) : 1;
        return [busy.serve(REQUEST_MS + ROW_MS * rows), 0];
      };
    }
    return upstream;
  };
  const watcher = makeUpstream();
  account.upstream = watcher;
  const callers = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const upstream = makeUpstream();
      return { upstream, stream: await bench.ready({ callerKey: `caller ${at}`, fetcher: upstream }) };
    }),
  );
  await bench.clock.advance(60_000);
  return { bench, watcher, callers, ended };
}

describe('the watcher', () => {
  it('leaves callers a look for each change and a relist in five minutes', async () => {
    const { bench, watcher, callers } = await watched(true);
    expect(bench.live.stats().informersHinted).toBe(CALLERS);
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
    expect(watcher.callsSince(before).length / minutes).toBeLessThanOrEqual(2 * MOST_POLLS);
  });

  it('is not late where the polls of all callers would be more than Waldur can bear', async () => {
    const { bench, callers } = await watched(true, { callers: 60, workers: 1 });
    for (const { stream } of callers) stream.clear();
    const before = bench.clock.now();
    for (let round = 0; round < 5; round += 1) {
      bench.world.put(`s${round}`, 'UPDATING');
      const shown = () => callers.every(({ stream }) => stream.of(`s${round}`).at(-1)?.state === 'UPDATING');
      await bench.clock.until(shown, 4_000);
      expect(shown()).toBe(true);
      await bench.clock.advance(5_000);
    }
    for (const { upstream, stream } of callers) {
      // Objects move all the time, and nobody polls for that: a look for each change, and at most one relist.
      expect(upstream.callsSince(before).length).toBeLessThanOrEqual(5 + 2);
      expect(stream.kinds).not.toContain('STALE');
    }
  });

  it('that is refused is reported, and callers are polled for as without it', async () => {
    const { bench, watcher, callers, ended } = await watched(true);
    watcher.failure = () => ({ kind: 'unauthenticated' });
    await bench.clock.advance(5_000);
    expect(ended).toHaveLength(1);
    expect(bench.live.stats().informersHinted).toBe(0);
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
