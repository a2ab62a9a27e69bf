import { describe, expect, it } from 'vitest';
import { Harness } from './support/harness.ts';

/** The fourth promise. */

describe('4: resume by cursor, or an explicit RESET', () => {
  it('replays exactly the later events, then a BOOKMARK; no INITIAL', async () => {
    const bench = new Harness({ rows: 3 });
    const steady = await bench.ready();
    const leaver = await bench.ready();
    steady.clear();
    const { cursor } = leaver;
    await leaver.stop();
    bench.world.put('s0', 'UPDATING');
    await bench.clock.until(() => steady.events.length === 1, 12_000);
    bench.world.put('s0', 'OK', { name: 'renamed' });
    bench.world.put('made', 'CREATING');
    await bench.clock.until(() => steady.events.length === 3, 12_000);
    bench.world.delete('s2');
    await bench.clock.until(() => steady.events.length === 4, 12_000);
    const back = await bench.ready({ after: cursor });
    expect(back.events.slice(0, -1)).toEqual(steady.events);
    // The very same objects: one execution serves those who resume, too.
    expect(back.events.slice(0, -1).every((event, at) => event === steady.events[at])).toBe(true);
    expect(back.last?.kind).toBe('BOOKMARK');
  });

  it('replays through the reader’s own state filter and selection', async () => {
    const bench = new Harness({ rows: 2 });
    const steady = await bench.ready({ fields: new Set(['name', 'description']) });
    const filter = { state: ['OK'] as const };
    const first = await bench.ready({ filter });
    await first.stop();
    bench.world.put('s0', 'OK', { description: 'not selected' });
    bench.world.put('s1', 'ERRED');
    await bench.clock.until(() => steady.events.length === 6, 12_000);
    const back = await bench.ready({ filter, after: first.cursor });
    expect(back.events.map(({ kind, uuid, state }) => [kind, uuid, state])).toEqual([
      ['REMOVED', 's1', 'ERRED'],
      ['BOOKMARK', null, null],
    ]);
  });

  it('sends only the BOOKMARK when no event followed', async () => {
    const bench = new Harness({ rows: 2 });
    const first = await bench.ready();
    await first.stop();
    expect((await bench.ready({ after: first.cursor })).kinds).toEqual(['BOOKMARK']);
  });

  it('sends the differences to a reader that was away while nothing was polled', async () => {
    const bench = new Harness({ rows: 3 });
    const first = await bench.ready();
    await first.stop();
    await bench.clock.advance(120_000);
    expect(bench.live.stats()).toMatchObject({ informers: 0, informersParked: 1 });
    bench.world.put('s0', 'ERRED');
    bench.world.delete('s1');
    const back = await bench.ready({ after: first.cursor });
    expect(back.events.map(({ kind, uuid }) => [kind, uuid])).toEqual([
      ['STATE_CHANGED', 's0'],
      ['REMOVED', 's1'],
      ['BOOKMARK', null],
    ]);
  });

  it.each([
    { why: 'too old by number', tuning: { logEvents: 2 }, away: 0, changes: 3 },
    { why: 'too old by age', tuning: { logMs: 60_000 }, away: 130_000, changes: 1 },
    { why: 'of an informer that was forgotten', tuning: { retainMs: 1_000 }, away: 40_000, changes: 0, alone: true },
  ])('RESET for a cursor $why', async ({ tuning, away, changes, alone = false }) => {
    const bench = new Harness({ rows: 3, tuning });
    if (!alone) await bench.ready();
    const first = await bench.ready();
    await first.stop();
    for (let at = 0; at < changes; at += 1) bench.world.put(`s${at}`, 'ERRED');
    await bench.clock.advance(12_000 + away);
    const back = await bench.ready({ after: first.cursor });
    expect(back.kinds).toEqual(['RESET', 'INITIAL', 'INITIAL', 'INITIAL', 'BOOKMARK']);
  });

  it('RESET when the document selects a field that was not polled at the cursor', async () => {
    const bench = new Harness({ rows: 1 });
    const first = await bench.ready();
    await first.stop();
    const back = await bench.ready({ after: first.cursor, fields: new Set(['name', 'description']) });
    expect(back.kinds).toEqual(['RESET', 'INITIAL', 'BOOKMARK']);
  });

  it('keeps polling the fields of readers that left, so that they miss nothing', async () => {
    const bench = new Harness({ rows: 1 });
    const fields = new Set(['description']);
    const first = await bench.ready({ fields });
    await bench.ready();
    await first.stop();
    bench.world.put('s0', 'OK', { description: 'changed meanwhile' });
    await bench.clock.advance(20_000);
    const back = await bench.ready({ after: first.cursor, fields });
    expect(back.kinds).toEqual(['UPDATED', 'BOOKMARK']);
  });

  it('a cursor from the middle of a backlog that was cut short leads to RESET; one from its end does not', async () => {
    const bench = new Harness({ rows: 2, tuning: { slowReaderMs: 600_000 } });
    const watcher = await bench.ready();
    watcher.pause();
    watcher.clear();
    for (const state of ['UPDATING', 'CREATING', 'ERRED'] as const) {
      for (const uuid of ['s0', 's1']) bench.world.put(uuid, state);
      await bench.clock.advance(12_000);
    }
    watcher.resume();
    await bench.clock.advance(1);
    // The first was already asked for when the reader paused; the others were joined.
    expect(watcher.events.map(({ uuid, state }) => [uuid, state])).toEqual([
      ['s0', 'UPDATING'],
      ['s1', 'ERRED'],
      ['s0', 'ERRED'],
    ]);
    const [, middle, end] = watcher.events;
    expect((await bench.ready({ after: middle?.cursor ?? '' })).kinds[0]).toBe('RESET');
    expect((await bench.ready({ after: end?.cursor ?? '' })).kinds).toEqual(['BOOKMARK']);
  });
});
