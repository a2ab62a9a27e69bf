import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../src/live/index.ts';
import { Harness, type Watcher } from './support/harness.ts';

/** How a stream starts: what comes first, and what `initial` and `uuids` change. */

const brief = ({ events }: Watcher): string[] =>
  events.map(({ kind, uuid }) => (uuid === null ? kind : `${kind} ${uuid}`));

describe('RESET is the first event of a stream that starts from nothing', () => {
  it('also of a client that subscribes again without a cursor and keeps what it knows', async () => {
    const bench = new Harness({ rows: 3 });
    const first = await bench.ready();
    await first.stop();
    bench.world.delete('s1');
    await bench.clock.advance(25_000);
    expect(brief(await bench.ready())).toEqual(['RESET', 'INITIAL s0', 'INITIAL s2', 'BOOKMARK']);
  });

  it.each([true, false])('is not sent before the scope has been read (initial: %s)', async (initial) => {
    const bench = new Harness({ rows: 2 });
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    const watcher = bench.watch({ initial });
    await bench.clock.advance(600_000);
    expect(watcher.kinds).toEqual(['STALE']);
    // The first of two pages of another scope is not the scope either.
    bench.world.fill(700);
    bench.upstream.failure = ({ page }) => (page === 2 ? { kind: 'unavailable' } : null);
    await bench.clock.advance(120_000);
    expect(watcher.kinds).toEqual(['STALE']);
    bench.upstream.failure = () => null;
    await bench.clock.until(() => watcher.kinds.includes('BOOKMARK'));
    expect(watcher.kinds.slice(0, 2)).toEqual(['STALE', 'RESET']);
    expect(watcher.kinds.filter((kind) => kind === 'INITIAL').length).toBe(initial ? bench.world.size : 0);
  });

  it('is not sent after an honoured cursor, whatever `initial` is', async () => {
    const bench = new Harness({ rows: 2 });
    const first = await bench.ready();
    await first.stop();
    for (const initial of [true, false]) {
      expect((await bench.ready({ after: first.cursor, initial })).kinds).toEqual(['BOOKMARK']);
    }
  });
});

describe('initial: false', () => {
  it('is RESET and BOOKMARK, then changes; the polls are the same', async () => {
    const calls: number[] = [];
    for (const initial of [true, false]) {
      const bench = new Harness({ rows: 400 });
      const watcher = await bench.ready({ initial });
      bench.world.put('s7', 'UPDATING');
      bench.world.delete('s8');
      bench.world.put('made', 'OK');
      await bench.clock.advance(60_000);
      calls.push(bench.upstream.calls.length);
      const changes = ['BOOKMARK', 'STATE_CHANGED s7', 'ADDED made', 'REMOVED s8'];
      expect(
        brief(watcher)
          .filter((event) => !event.startsWith('INITIAL'))
          .slice(0, 5),
      ).toEqual(['RESET', ...changes]);
      if (!initial) expect(watcher.kinds).not.toContain('INITIAL');
    }
    expect(calls[0]).toBe(calls[1]);
  });

  it('holds for a cursor that cannot be used', async () => {
    const bench = new Harness({ rows: 2 });
    expect((await bench.ready({ after: 'made up', initial: false })).kinds).toEqual(['RESET', 'BOOKMARK']);
  });

  it('holds for a reader that falls too far behind', async () => {
    const bench = new Harness({ rows: 3, tuning: { queueKeys: 4, slowReaderMs: 600_000 } });
    const watcher = await bench.ready({ initial: false });
    watcher.pause();
    watcher.clear();
    for (const at of [0, 1, 2]) {
      bench.world.put(`n${at}`, 'CREATING');
      await bench.clock.advance(12_000);
    }
    for (const at of [0, 1, 2]) bench.world.delete(`s${at}`);
    await bench.clock.advance(12_000);
    watcher.resume();
    await bench.clock.advance(1);
    // The first was already delivered when the reader paused.
    expect(brief(watcher)).toEqual(['ADDED n0', 'RESET', 'BOOKMARK']);
    expect(watcher.last?.totalCount).toBe(3);
  });

  it('waits for a Waldur that fails, because the client could not query what to show', async () => {
    const bench = new Harness({ rows: 2 });
    const first = await bench.ready();
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    await bench.clock.until(() => first.kinds.includes('STALE'), 60_000);
    const [fresh, lost, resumed] = [
      bench.watch({ initial: false }),
      bench.watch({ initial: false, after: 'made up' }),
      bench.watch({ initial: false, after: first.cursor }),
    ];
    await bench.clock.advance(60_000);
    expect([fresh.kinds, lost.kinds]).toEqual([['STALE'], ['STALE']]);
    expect(resumed.kinds).toEqual(['BOOKMARK', 'STALE']);
    bench.upstream.failure = () => null;
    await bench.clock.until(() => fresh.kinds.length > 1, 60_000);
    expect([fresh.kinds, lost.kinds]).toEqual([
      ['STALE', 'RESET', 'BOOKMARK'],
      ['STALE', 'RESET', 'BOOKMARK'],
    ]);
  });

  it('gets what a joined backlog would hide, because a query may have shown it', async () => {
    const bench = new Harness({ rows: 2, tuning: { slowReaderMs: 600_000 } });
    const [known, queried] = [await bench.ready(), await bench.ready({ initial: false })];
    for (const watcher of [known, queried]) {
      watcher.pause();
      watcher.clear();
    }
    bench.world.put('s1', 'ERRED');
    await bench.clock.advance(12_000);
    bench.world.put('made', 'CREATING');
    await bench.clock.advance(12_000);
    bench.world.delete('made');
    await bench.clock.advance(12_000);
    for (const watcher of [known, queried]) watcher.resume();
    await bench.clock.advance(1);
    expect(brief(known)).toEqual(['STATE_CHANGED s1']);
    expect(brief(queried)).toEqual(['STATE_CHANGED s1', 'REMOVED made']);
    expect(queried.last?.totalCount).toBe(2);
  });
});

describe('uuids', () => {
  it('narrow what is sent and not what is polled', async () => {
    const bench = new Harness({ rows: 5 });
    const all = await bench.ready();
    const calls = bench.upstream.calls.length;
    const some = await bench.ready({ uuids: ['s3', 's1', 's3', 'nowhere'] });
    expect(brief(some)).toEqual(['RESET', 'INITIAL s1', 'INITIAL s3', 'BOOKMARK']);
    expect(bench.upstream.calls.length).toBe(calls);
    expect(bench.live.stats()).toMatchObject({ informers: 1, subscriberGroups: 2 });
    some.clear();
    all.clear();
    for (const uuid of ['s0', 's1', 's2']) bench.world.put(uuid, 'UPDATING');
    bench.world.delete('s3');
    bench.world.delete('s4');
    bench.world.put('nowhere', 'OK');
    await bench.clock.until(() => all.events.length === 6, 30_000);
    expect(brief(some)).toEqual(['STATE_CHANGED s1', 'ADDED nowhere', 'REMOVED s3']);
  });

  it('do not change the count, which is of the scope', async () => {
    const bench = new Harness({ rows: 5 });
    const some = await bench.ready({ uuids: ['s1'], filter: { state: ['OK'] } });
    expect(some.last?.totalCount).toBe(5);
    bench.world.put('s2', 'ERRED');
    await bench.clock.advance(12_000);
    bench.world.put('s1', 'ERRED');
    await bench.clock.until(() => some.last?.kind === 'REMOVED', 12_000);
    expect(some.last?.totalCount).toBe(3);
  });

  it('are part of a cursor', async () => {
    const bench = new Harness({ rows: 3 });
    const all = await bench.ready();
    const some = await bench.ready({ uuids: ['s0', 's1'] });
    await some.stop();
    bench.world.put('s1', 'ERRED');
    await bench.clock.until(() => all.last?.kind === 'STATE_CHANGED', 12_000);
    const resume = async (uuids: string[] | null, after: string | null) =>
      brief(await bench.ready({ uuids, after, initial: false }));
    expect(await resume(['s1', 's0', 's1'], some.cursor)).toEqual(['STATE_CHANGED s1', 'BOOKMARK']);
    for (const other of [['s0'], ['s0', 's1', 's2'], null]) {
      expect(await resume(other, some.cursor)).toEqual(['RESET', 'BOOKMARK']);
    }
    expect(await resume(['s0', 's1'], all.cursor)).toEqual(['RESET', 'BOOKMARK']);
  });
});

describe('sharing', () => {
  it('one event for all subscribers of a group, whatever `initial` is; none crosses groups', async () => {
    const bench = new Harness({ rows: 3 });
    const [one, two] = [await bench.ready(), await bench.ready({ initial: false })];
    const named = [
      await bench.ready({ uuids: ['s0', 's1'] }),
      await bench.ready({ uuids: ['s1', 's0'], initial: false }),
    ];
    const other = await bench.ready({ uuids: ['s2'] });
    expect(bench.live.stats()).toMatchObject({ informers: 1, subscriberGroups: 3, subscribers: 5 });
    bench.world.put('s0', 'UPDATING');
    await bench.clock.until(() => one.last?.kind === 'STATE_CHANGED', 12_000);
    expect(two.last).toBe(one.last);
    expect(named[1]?.last).toBe(named[0]?.last);
    expect(named[0]?.last).toMatchObject({ kind: 'STATE_CHANGED', uuid: 's0' });
    expect(named[0]?.last?.cursor).not.toBe(one.last?.cursor);
    expect(brief(other)).toEqual(['RESET', 'INITIAL s2', 'BOOKMARK']);
  });
});

describe('totalCount', () => {
  it('is null where the cursor is, else the number of objects that the filter lets through', async () => {
    const bench = new Harness({ rows: 4, tuning: { slowReaderMs: 600_000 } });
    bench.world.put('s3', 'ERRED');
    const [all, ok] = [await bench.ready(), await bench.ready({ filter: { state: ['OK', 'CREATING'] } })];
    const counts = ({ events }: Watcher) => events.map(({ kind, totalCount }: LiveEvent) => [kind, totalCount]);
    expect(counts(ok)).toEqual([
      ['RESET', null],
      ['INITIAL', null],
      ['INITIAL', null],
      ['INITIAL', null],
      ['BOOKMARK', 3],
    ]);
    for (const watcher of [all, ok]) watcher.clear();
    bench.world.put('made', 'CREATING');
    bench.world.put('s0', 'ERRED');
    bench.world.delete('s1');
    await bench.clock.until(() => all.events.length === 3, 30_000);
    expect(counts(all)).toEqual([
      ['STATE_CHANGED', 4],
      ['ADDED', 5],
      ['REMOVED', 4],
    ]);
    expect(counts(ok)).toEqual([
      ['REMOVED', 2],
      ['ADDED', 3],
      ['REMOVED', 2],
    ]);
  });

  it('of the last event of a joined backlog is that of the list', async () => {
    const bench = new Harness({ rows: 3, tuning: { slowReaderMs: 600_000 } });
    const watcher = await bench.ready();
    watcher.pause();
    watcher.clear();
    const change = async (run: () => void) => {
      run();
      await bench.clock.advance(12_000);
    };
    await change(() => bench.world.put('s0', 'UPDATING'));
    await change(() => bench.world.put('s1', 'UPDATING'));
    await change(() => bench.world.put('made', 'CREATING'));
    await change(() => bench.world.delete('s1'));
    watcher.resume();
    await bench.clock.advance(1);
    expect(brief(watcher)).toEqual(['STATE_CHANGED s0', 'REMOVED s1', 'ADDED made']);
    // Without `made` two objects were left; with it there are three.
    expect(watcher.events.map(({ totalCount }) => totalCount)).toEqual([3, 2, 3]);
  });
});

describe('kept answers of the caller are dropped', () => {
  it('before the start of a stream and before changes; once for all of one response; for that caller only', async () => {
    const news: [string, number][] = [];
    let received = (): number => 0;
    const bench = new Harness({ rows: 3, onNews: (callerKey) => news.push([callerKey, received()]) });
    const watcher = bench.watch();
    received = () => watcher.events.length;
    await bench.clock.until(() => watcher.kinds.includes('BOOKMARK'));
    expect(news).toEqual([['alice', 0]]);
    await bench.clock.advance(50_000);
    expect(news.length).toBe(1);
    const before = watcher.events.length;
    for (const uuid of ['s0', 's1', 's2']) bench.world.put(uuid, 'UPDATING');
    await bench.clock.until(() => watcher.events.length === before + 3, 12_000);
    expect(news.slice(1)).toEqual([['alice', before]]);
    // A stream that joins the running polls.
    await bench.ready({ uuids: ['s0'], initial: false });
    expect(news.length).toBe(3);
    await bench.ready({ callerKey: 'bob' });
    expect(news.slice(3).map(([callerKey]) => callerKey)).toEqual(['bob']);
  });

  it('also when the first subscriber left before the list came', async () => {
    let news = 0;
    const bench = new Harness({ rows: 3, onNews: () => news++ });
    const gone = bench.watch();
    await gone.stop();
    await bench.clock.advance(5_000);
    expect(news).toBe(0);
    await bench.ready({ initial: false });
    expect(news).toBe(1);
  });

  it('but not while Waldur fails, when they are all that queries have', async () => {
    let news = 0;
    const bench = new Harness({ rows: 3, onNews: () => news++ });
    const watcher = await bench.ready();
    bench.upstream.failure = () => ({ kind: 'unavailable' });
    await bench.clock.until(() => watcher.kinds.includes('STALE'), 60_000);
    await bench.ready();
    expect(news).toBe(1);
  });
});
