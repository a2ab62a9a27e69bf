import { describe, expect, it } from 'vitest';
import { Harness } from './support/harness.ts';

/** What is asked of the upstream follows what subscribers select: columns in every relist, relations only where something changed. */

const RELATION = new Set(['name', 'restorations']);

describe('selected fields', () => {
  it('are what the relist requests, and nothing else', async () => {
    const bench = new Harness({ rows: 3 });
    await bench.ready({ fields: new Set(['name', 'runtime_state']) });
    await bench.clock.advance(30_000);
    for (const { fields } of bench.upstream.calls) {
      expect([...fields].sort()).toEqual(['created', 'modified', 'name', 'runtime_state', 'state', 'uuid']);
    }
  });

  it('of a later subscriber are completed before its INITIAL events, without events for the others', async () => {
    const bench = new Harness({ rows: 3 });
    for (const { uuid, state } of bench.world.rows()) bench.world.put(uuid, state, { description: `text of ${uuid}` });
    const first = await bench.ready();
    const late = await bench.ready({ fields: new Set(['description']) });
    expect(late.events.slice(1, 4).map(({ row }) => row?.fields.description)).toEqual([
      'text of s0',
      'text of s1',
      'text of s2',
    ]);
    await bench.clock.advance(1_000);
    expect(first.kinds).toEqual(['RESET', 'INITIAL', 'INITIAL', 'INITIAL', 'BOOKMARK']);
  });

  it('of two later subscribers at once make both wait for the same answer', async () => {
    const bench = new Harness({ rows: 3 });
    for (const { uuid, state } of bench.world.rows()) bench.world.put(uuid, state, { description: 'text' });
    await bench.ready();
    const calls = bench.upstream.calls.length;
    const late = [1, 2].map(() => bench.watch({ fields: new Set(['description']) }));
    await bench.clock.until(() => late.every(({ kinds }) => kinds.includes('BOOKMARK')));
    for (const { events } of late) expect(events[1]?.row?.fields.description).toBe('text');
    expect(bench.upstream.calls.length).toBe(calls + 1);
  });

  it('of a single object are completed too', async () => {
    const bench = new Harness();
    bench.world.put('s0', 'OK', { name: 'n', restorations: ['volume'] });
    await bench.ready({ filter: { uuid: 's0' } });
    const late = await bench.ready({ filter: { uuid: 's0' }, fields: RELATION });
    expect(late.events[1]?.row?.fields.restorations).toEqual(['volume']);
  });

  it('that the upstream omits are absent, and a field that appears or disappears is a change', async () => {
    const bench = new Harness();
    bench.world.put('s0', 'OK');
    const watcher = await bench.ready({ fields: new Set(['kept_until']) });
    expect(watcher.events[1]?.row?.fields).not.toHaveProperty('kept_until');
    bench.world.put('s0', 'OK', { kept_until: null });
    await bench.clock.until(() => watcher.last?.kind === 'UPDATED', 12_000);
    expect(watcher.last?.row?.fields.kept_until).toBeNull();
  });
});

describe('relation fields', () => {
  it('are requested for all rows of the first list, then only for changed rows, and for all rows at a slow pace', async () => {
    const bench = new Harness({ rows: 200 });
    const watcher = await bench.ready({ fields: RELATION });
    const from = bench.clock.now();
    bench.world.put('s5', 'UPDATING', { restorations: ['volume'] });
    await bench.clock.until(() => watcher.last?.kind === 'STATE_CHANGED', 12_000);
    // The row of the event is whole, although the relist asked for columns only.
    expect(watcher.last?.row?.fields.restorations).toEqual(['volume']);
    await bench.clock.advance(300_000);
    const calls = bench.upstream.callsSince(from);
    const asked = calls.filter(({ fields }) => fields.includes('restorations'));
    expect(asked.filter(({ kind }) => kind === 'get').map(({ uuid }) => uuid)).toEqual(['s5']);
    const lists = asked.filter(({ kind }) => kind === 'page');
    expect(lists.length).toBeGreaterThanOrEqual(4);
    expect(lists.length).toBeLessThanOrEqual(6);
    expect(calls.length).toBeGreaterThan(30);
  });

  it('that change alone are found at that pace: a restored volume does not touch its snapshot', async () => {
    const bench = new Harness({ rows: 200 });
    const watcher = await bench.ready({ fields: RELATION });
    const { modified } = bench.world.get('s7')?.fields ?? {};
    bench.world.put('s7', 'OK', { restorations: ['volume'], modified });
    await bench.clock.until(() => watcher.last?.kind === 'UPDATED', 75_000);
    expect(watcher.last?.row?.fields.restorations).toEqual(['volume']);
  });

  it('of many changed rows are requested by one list, not row by row', async () => {
    const bench = new Harness({ rows: 200 });
    const watcher = await bench.ready({ fields: RELATION });
    const from = bench.clock.now();
    for (let at = 0; at < 100; at += 1) bench.world.put(`s${at}`, 'OK', { name: 'renamed', restorations: [at] });
    await bench.clock.until(() => watcher.kinds.filter((kind) => kind === 'UPDATED').length === 100, 12_000);
    for (const { uuid, row } of watcher.events.slice(-100)) {
      expect(row?.fields.restorations).toEqual([Number(uuid?.slice(1))]);
    }
    expect(bench.upstream.callsSince(from).length).toBeLessThanOrEqual(3);
  });

  it('are not requested because of the hourly change of `modified`', async () => {
    const bench = new Harness({ rows: 200 });
    const watcher = await bench.ready({ fields: new Set(['modified', 'restorations']) });
    const from = bench.clock.now();
    for (const { uuid, state } of bench.world.rows()) bench.world.put(uuid, state);
    await bench.clock.until(() => watcher.kinds.filter((kind) => kind === 'UPDATED').length === 200, 12_000);
    expect(bench.upstream.callsSince(from).filter(({ fields }) => fields.includes('restorations'))).toEqual([]);
  });

  it('are requested less often where that takes long', async () => {
    const bench = new Harness({ rows: 3_000 });
    // Ten pages of 0.9 s: once in 60 s would be 15 % of the time. Without relations they take 3.4 %, so 1.1 % is left.
    const { upstream } = bench;
    upstream.latency = () => [60, upstream.calls.at(-1)?.fields.includes('restorations') === true ? 840 : 60];
    await bench.ready({ fields: RELATION });
    const from = bench.clock.now();
    await bench.clock.advance(1_800_000);
    const asked = bench.upstream
      .callsSince(from)
      .filter(({ page, fields }) => page === 1 && fields.includes('restorations'));
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(asked.length).toBeGreaterThanOrEqual(2);
  });

  it('are asked once a minute where that takes no longer than columns alone', async () => {
    const bench = new Harness({ rows: 3_000 });
    bench.upstream.latency = () => [450, 450];
    await bench.ready({ fields: RELATION });
    // The first pause is by what the first relist took, when nothing else is known yet.
    await bench.clock.advance(600_000);
    const from = bench.clock.now();
    await bench.clock.advance(600_000);
    const relists = bench.upstream.callsSince(from).filter(({ page }) => page === 1);
    // A relist takes 35 s, so every second one has them.
    const asked = relists.map(({ fields }) => fields.includes('restorations'));
    expect(asked.length).toBeGreaterThanOrEqual(16);
    expect(asked.slice(1).every((whole, at) => whole !== asked[at])).toBe(true);
  });

  it('are requested again after one very slow response', async () => {
    const bench = new Harness({ rows: 10 });
    bench.upstream.latency = () => [10_000, 15_000];
    const watcher = await bench.ready({ fields: RELATION });
    bench.upstream.latency = () => [10, 10];
    await bench.clock.advance(300_000);
    const { modified } = bench.world.get('s7')?.fields ?? {};
    bench.world.put('s7', 'OK', { restorations: ['volume'], modified });
    await bench.clock.until(() => watcher.last?.kind === 'UPDATED', 900_000);
    const slowest = new Harness({ rows: 10, tuning: { relationsMostMs: 100_000 } });
    slowest.upstream.latency = () => [10_000, 15_000];
    await slowest.ready({ fields: RELATION });
    const from = slowest.clock.now();
    slowest.upstream.latency = () => [10, 10];
    await slowest.clock.advance(115_000);
    expect(slowest.upstream.callsSince(from).some(({ fields }) => fields.includes('restorations'))).toBe(true);
  });
});

describe('events', () => {
  it('are shared for the same filter on states and selection, and separate for others', async () => {
    const bench = new Harness({ rows: 2 });
    const [one, two] = [await bench.ready(), await bench.ready()];
    const other = await bench.ready({ fields: new Set(['name', 'size']) });
    const filtered = await bench.ready({ filter: { state: ['OK', 'UPDATING'] } });
    bench.world.put('s0', 'UPDATING');
    await bench.clock.until(() => filtered.last?.kind === 'STATE_CHANGED', 12_000);
    expect(one.events.length).toBe(5);
    // The RESET is made for each subscriber.
    one.events.slice(1).forEach((event, index) => {
      const at = index + 1;
      expect(two.events[at]).toBe(event);
      expect(other.events[at]).not.toBe(event);
      expect(filtered.events[at]).not.toBe(event);
    });
    expect(other.events[4]?.row).toBe(one.events[4]?.row);
  });
});
