import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING } from '../../src/live/index.ts';
import { seeded } from './support/clock.ts';
import { ModelLog } from './support/event-log.ts';
import { Harness, type HarnessOptions, type Watcher } from './support/harness.ts';

/** Two relists in turn, after which a log is relied on. */
const SETTLED_MS = 200_000;
const PROMISE_MS = 3_000;

async function largeScope(options: HarnessOptions = {}, prepare: (log: ModelLog) => void = () => {}) {
  const bench = new Harness({ rows: 5_000, tuning: { eventsReplacePages: true }, ...options });
  bench.upstream.latency = () => {
    const call = bench.upstream.calls.at(-1);
    const rows = call?.kind === 'page' ? 300 : 0;
    return [(20 + 0.3 * rows) / 2, (20 + 0.3 * rows) / 2];
  };
  const log = new ModelLog(bench.clock);
  prepare(log);
  log.write('s1');
  const watcher = await bench.ready({ events: log });
  await bench.clock.advance(SETTLED_MS);
  return { bench, log, watcher };
}

/** How long it takes until the watcher knows. */
async function delayOf(bench: Harness, isTold: () => boolean, most = 700_000): Promise<number> {
  const from = bench.clock.now();
  await bench.clock.until(isTold, most);
  return bench.clock.now() - from;
}

const percentile95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(0.95 * (values.length - 1))] ?? Number.NaN;

const lastOf = (watcher: Watcher, uuid: string) => watcher.of(uuid).at(-1);

describe('the event log of a large quiet scope, in place of pages', () => {
  it('shows creations, pulls and removals within 3 s for 25 calls a minute and 1 % of the time', async () => {
    const { bench, log, watcher } = await largeScope();
    const began = bench.clock.now();
    await bench.clock.advance(1_800_000);
    const minutes = (bench.clock.now() - began) / 60_000;
    const calls = bench.upstream.callsSince(began);
    const logged = log.calls.filter((at) => at >= began).length;
    expect((calls.length + logged) / minutes).toBeLessThanOrEqual(25);
    const pages = calls.filter(({ kind }) => kind === 'page').length;
    const spent = 20 * (calls.length + logged) + 300 * 0.3 * pages;
    expect(spent / (bench.clock.now() - began)).toBeLessThanOrEqual(0.01);

    const delays: number[] = [];
    const chance = seeded(7);
    for (let round = 0; round < 40; round += 1) {
      // Long enough that the scope is quiet again.
      await bench.clock.advance(260_000 + chance() * 10_000);
      const uuid = round % 3 === 0 ? `new${round}` : `s${1_000 + round}`;
      const type = ['resource_creation_scheduled', 'resource_pull_scheduled', 'resource_deletion_succeeded'][round % 3];
      log.write(uuid, type);
      // An event is written just before its row.
      await bench.clock.advance(10);
      if (round % 3 === 2) bench.world.delete(uuid);
      else bench.world.put(uuid, round % 3 === 0 ? 'CREATION_SCHEDULED' : 'UPDATE_SCHEDULED', { name: uuid });
      const isTold = (): boolean =>
        round % 3 === 2
          ? lastOf(watcher, uuid)?.kind === 'REMOVED'
          : (lastOf(watcher, uuid)?.state ?? '').endsWith('SCHEDULED');
      delays.push(await delayOf(bench, isTold));
      if (round % 3 !== 2) bench.world.put(uuid, 'OK');
    }
    expect(percentile95(delays)).toBeLessThanOrEqual(PROMISE_MS);
    expect(watcher.kinds).not.toContain('STALE');
  });

  it.each([-3_600_000, 3_600_000])('does not depend on the clock of Waldur (%d ms)', async (skewMs) => {
    const { bench, log, watcher } = await largeScope({}, (model) => {
      model.skewMs = skewMs;
    });
    bench.world.put('s9', 'UPDATE_SCHEDULED');
    log.write('s9');
    expect(await delayOf(bench, () => lastOf(watcher, 's9')?.state === 'UPDATE_SCHEDULED')).toBeLessThan(
      PROMISE_MS + 200,
    );
  });

  it('is noticed once where Waldur refuses it, and the scope is polled as without it', async () => {
    const absent = await largeScope({}, (model) => {
      model.mode = 'absent';
    });
    expect(absent.log.calls).toHaveLength(1);
    const without = new Harness({ rows: 5_000 });
    without.upstream.latency = absent.bench.upstream.latency;
    await without.ready();
    await without.clock.advance(SETTLED_MS);
    const perMinute = ({ upstream, clock }: Harness): number => upstream.callsSince(clock.now() - 120_000).length / 2;
    expect(Math.abs(perMinute(absent.bench) - perMinute(without))).toBeLessThanOrEqual(2);
  });

  it('is not read for a caller whose objects are in many projects', async () => {
    const { log } = await largeScope({}, (model) => {
      model.found = null;
    });
    expect(log.calls).toEqual([]);
  });

  it('is replaced by polls when it fails, and relied on again only after a complete read', async () => {
    const { bench, log, watcher } = await largeScope();
    log.mode = 'down';
    await bench.clock.advance(15_000);
    // Its event is lost.
    bench.world.put('s77', 'OK', { name: 'renamed' });
    await bench.clock.advance(5_000);
    log.mode = 'works';
    const told = await delayOf(bench, () => lastOf(watcher, 's77')?.row?.fields.name === 'renamed', 120_000);
    expect(told).toBeLessThan(75_000);
  });

  it('is read no more when nobody watches', async () => {
    const { bench, log, watcher } = await largeScope();
    await watcher.stop();
    await bench.clock.advance(DEFAULT_TUNING.lingerMs + 5_000);
    const calls = log.calls.length;
    await bench.clock.advance(60_000);
    expect(log.calls.length).toBe(calls);
    expect(bench.clock.pending).toBeLessThanOrEqual(1);
  });
});

describe('the event log of a large scope whose number of objects changes', () => {
  const assisted = (prepare: (log: ModelLog) => void = () => {}) => largeScope({ tuning: {} }, prepare);

  it('is not read while nothing comes or goes', async () => {
    const { bench, log, watcher } = await assisted();
    bench.world.put('s5', 'ERRED');
    await delayOf(bench, () => lastOf(watcher, 's5')?.state === 'ERRED');
    await bench.clock.advance(600_000);
    expect(log.calls).toEqual([]);
  });

  it('is noticed once where Waldur refuses it; changes are found by the pages', async () => {
    const { bench, log, watcher } = await assisted((model) => {
      model.mode = 'absent';
    });
    for (const uuid of ['new1', 'new2', 'new3']) {
      bench.world.put(uuid, 'OK', { name: uuid });
      expect(await delayOf(bench, () => watcher.of(uuid).length > 0)).toBeLessThan(20_000);
      await bench.clock.advance(120_000);
    }
    expect(log.calls).toHaveLength(1);
  });

  it.each<[string, (log: ModelLog) => void]>([
    ['fails', (log) => Object.assign(log, { mode: 'down' })],
    ['does not name it', () => {}],
    [
      'names others',
      (log) => {
        for (const uuid of ['s1', 's2', 'forged']) log.write(uuid, 'resource_creation_scheduled');
      },
    ],
    ['is of a caller with many projects', (log) => Object.assign(log, { found: null })],
  ])('a removal is found by the pages when the log %s', async (_name, spoil) => {
    const { bench, log, watcher } = await assisted();
    spoil(log);
    watcher.clear();
    bench.world.delete('s4000');
    expect(await delayOf(bench, () => lastOf(watcher, 's4000')?.kind === 'REMOVED')).toBeLessThan(20_000);
    await bench.clock.advance(120_000);
    expect(watcher.kinds.filter((kind) => kind !== 'BOOKMARK')).toEqual(['REMOVED']);
  });

  it('many at once are found, and cost fewer calls than a search for each', async () => {
    const { bench, log, watcher } = await assisted();
    const from = bench.clock.now();
    const made = Array.from({ length: 12 }, (_, at) => `new${at}`);
    for (const uuid of made) {
      log.write(uuid, 'resource_creation_scheduled');
      bench.world.put(uuid, 'OK', { name: uuid });
      await bench.clock.advance(200);
    }
    expect(await delayOf(bench, () => made.every((uuid) => watcher.of(uuid).length === 1))).toBeLessThan(6_000);
    const pages = bench.upstream.callsSince(from).filter(({ kind }) => kind === 'page').length;
    expect(pages).toBeLessThanOrEqual(8);
    expect(log.calls.length).toBeLessThanOrEqual(4);
  });
});

describe('hints', () => {
  it('that are forged in numbers cost a bounded number of calls and change nothing', async () => {
    const bench = new Harness({ rows: 900 });
    const watcher = await bench.ready();
    await bench.clock.advance(60_000);
    watcher.clear();
    const before = bench.clock.now();
    for (let at = 0; at < 600; at += 1) {
      bench.live.hint({ kind: 'snapshot', uuid: at % 2 === 0 ? `s${at}` : `forged${at}`, isNew: true, isEarly: true });
      await bench.clock.advance(100);
    }
    // One a second and the first twenty, twice each, and a relist a minute, beside the usual polls.
    expect(bench.upstream.callsSince(before).length).toBeLessThanOrEqual(2 * 80 + 30 + 15);
    expect(watcher.kinds.filter((kind) => kind !== 'BOOKMARK')).toEqual([]);
  });

  it('wake only the informers that hold the object or may come to hold it', async () => {
    const bench = new Harness({ rows: 3 });
    const other = await bench.ready({ callerKey: 'bob', filter: { projectUuid: 'q' } });
    await bench.ready();
    await bench.clock.advance(1_000);
    const before = bench.clock.now();
    bench.live.hint({ kind: 'snapshot', uuid: 's1', project: 'p' });
    bench.live.hint({ kind: 'volume', uuid: 's2', project: 'p' });
    bench.live.hint({ kind: 'snapshot', uuid: 'new', project: 'p', isNew: true });
    await bench.clock.advance(100);
    const gets = bench.upstream.callsSince(before).filter(({ kind }) => kind === 'get');
    expect(gets.map(({ uuid, filter }) => [uuid, filter])).toEqual([
      ['s1', {}],
      ['new', {}],
    ]);
    await other.stop();
  });
});
