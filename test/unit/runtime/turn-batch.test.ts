import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TurnBatch } from '../../../src/runtime/turn-batch.ts';

afterEach(() => void vi.restoreAllMocks());

/** Stops the clock; the returned function advances it, in ms. */
function stoppedClock(): (ms: number) => void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  return (ms) => {
    now += ms;
  };
}

describe('a batch', () => {
  it('runs each step for all items before the next step', async () => {
    const steps: string[] = [];
    const batch = new TurnBatch<string>(
      (item) => {
        steps.push(`${item}1`);
        Promise.resolve()
          .then(() => steps.push(`${item}2`))
          .then(() => steps.push(`${item}3`));
      },
      () => 1,
    );
    for (const item of ['a', 'b', 'c']) batch.add(item);
    expect(steps).toEqual([]);
    await turn();
    await turn();
    expect(steps).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
  });

  it('ends after about a millisecond, as estimated from earlier batches', async () => {
    const advance = stoppedClock();
    const processed: number[] = [];
    const batch = new TurnBatch<number>(
      (item) => {
        processed.push(item);
        // The work is done in a promise, as that of a response is.
        Promise.resolve().then(() => advance(0.25));
      },
      () => 100,
    );
    batch.add(0);
    await turn();
    await turn();
    for (let item = 1; item <= 10; item += 1) batch.add(item);
    const groups: number[] = [];
    while (processed.length < 11) {
      const before = processed.length;
      await turn();
      if (processed.length > before) groups.push(processed.length - before);
    }
    expect(groups).toEqual([4, 4, 2]);
    expect(processed).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('takes fewer items when they take longer, and always at least one', async () => {
    const advance = stoppedClock();
    let each = 0.01;
    let processed = 0;
    const batch = new TurnBatch<number>(
      () => {
        processed += 1;
        advance(each);
      },
      () => 1,
    );
    const longest = async (count: number): Promise<number> => {
      const until = processed + count;
      let last = 0;
      for (let n = 0; n < count; n += 1) batch.add(n);
      while (processed < until) {
        const before = processed;
        await turn();
        if (processed > before && processed < until) last = processed - before;
      }
      return last;
    };
    // Without an estimate this is one batch.
    await longest(1_000);
    expect(await longest(1_000)).toBe(100);
    each = 50;
    await longest(5_000);
    expect(await longest(10)).toBe(1);
    each = 0.01;
    await longest(5_000);
    expect(await longest(1_000)).toBeGreaterThan(50);
  });

  it('changes its estimate little after batches that took no time', async () => {
    const advance = stoppedClock();
    let processed = 0;
    const batch = new TurnBatch<number>(
      (ms) => {
        processed += 1;
        advance(ms);
      },
      () => 1,
    );
    const longestOf = async (ms: number): Promise<number> => {
      const until = processed + 50;
      for (let n = 0; n < 50; n += 1) batch.add(ms);
      let longest = 0;
      while (processed < until) {
        const before = processed;
        await turn();
        longest = Math.max(longest, processed - before);
      }
      return longest;
    };
    for (let n = 0; n < 10; n += 1) await longestOf(0.25);
    expect(await longestOf(0.25)).toBe(4);
    await longestOf(0);
    expect(await longestOf(0.25)).toBeLessThan(10);
  });

  it('processes every item once and in order, also those added meanwhile', async () => {
    const processed: number[] = [];
    let next = 0;
    const batch = new TurnBatch<number>(
      (item) => {
        processed.push(item);
        if (item % 7 === 0 && next < 5_000) batch.add(next++);
        if (item % 11 === 0) Promise.resolve().then(() => next < 5_000 && batch.add(next++));
        if (item % 13 === 0) setImmediate(() => next < 5_000 && batch.add(next++));
      },
      (item) => (item % 5) + 0.1,
    );
    while (next < 5_000) {
      for (let n = 0; n < 30; n += 1) batch.add(next++);
      await turn();
    }
    while (processed.length < next) await turn();
    expect(processed).toEqual(Array.from({ length: next }, (_, n) => n));
  });
});
