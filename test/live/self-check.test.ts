import { describe, expect, it } from 'vitest';
import { type ListFetcher, NO_OBSERVER } from '../../src/live/index.ts';
import { Harness } from './support/harness.ts';

const MINUTE_MS = 60_000;

/** An engine that checks itself every minute, and what it found. */
function checking(rows: number) {
  const found = { rows: 0, drifted: 0 };
  const observer = {
    ...NO_OBSERVER,
    checked(checked: number, drifted: number) {
      found.rows += checked;
      found.drifted += drifted;
    },
  };
  return { bench: new Harness({ rows, observer, tuning: { selfCheckMs: MINUTE_MS } }), found };
}

describe('the self-check', () => {
  it('finds no drift in a world that moves', async () => {
    const { bench, found } = checking(20);
    await bench.ready();
    for (let round = 0; round < 240; round += 1) {
      const uuid = `s${round % 20}`;
      if (round % 40 === 39) bench.world.delete(uuid);
      else bench.world.put(uuid, round % 2 === 0 ? 'UPDATING' : 'OK', { name: `round ${round}` });
      await bench.clock.advance(7_000);
    }
    await bench.clock.advance(2 * MINUTE_MS);
    expect(found.rows).toBeGreaterThan(40);
    expect(found.drifted).toBe(0);
    await bench.live.close();
  });

  it('finds rows that differ from Waldur for longer than a minute', async () => {
    const { bench, found } = checking(3);
    const { upstream } = bench;
    const fetcher: ListFetcher = {
      listPage: upstream.listPage.bind(upstream),
      inStates: upstream.inStates.bind(upstream),
      count: upstream.count.bind(upstream),
      // The lists of this upstream never show a change that its detail addresses show.
      async get(...args) {
        const row = await upstream.get(...args);
        return row && { ...row, fields: { ...row.fields, name: 'changed' } };
      },
    };
    await bench.ready({ fetcher });
    await bench.clock.advance(5 * MINUTE_MS);
    expect(found.drifted).toBeGreaterThan(0);
    await bench.live.close();
  });

  it('makes no call and sets no timer without a subscriber', async () => {
    const { bench, found } = checking(3);
    const watcher = await bench.ready();
    await watcher.stop();
    await bench.clock.advance(60 * MINUTE_MS);
    expect(found.rows).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });
});
