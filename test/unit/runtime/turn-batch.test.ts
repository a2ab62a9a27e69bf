import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TurnBatch } from '../../../src/runtime/turn-batch.ts';

afterEach(() => void vi.restoreAllMocks());

/** A clock that only moves when it is told to, in ms. */
function stoppedClock(): (ms: number) => void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  return (ms) => {
    now += ms;
  };
}

describe('rounds', () => {
  it('take each step for all before the next', async () => {
    const steps: string[] = [];
    const rounds = new TurnBatch<string>(
      (item) => {
        steps.push(`${item}1`);
        Promise.resolve()
          .then(() => steps.push(`${item}2`))
          .then(() => steps.push(`${item}3`));
      },
      () => 1,
    );
    for (const item of ['a', 'b', 'c']) rounds.add(item);
    expect(steps).toEqual([]);
    await turn();
    await turn();
    expect(steps).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
  });

  it('end after about a millisecond, by what the last ones took', async () => {
    const advance = stoppedClock();
    const dealt: number[] = [];
    const rounds = new TurnBatch<number>(
      (item) => {
        dealt.push(item);
        // The work is done later, as that of an answer is.
        Promise.resolve().then(() => advance(0.25));
      },
      () => 100,
    );
    rounds.add(0);
    await turn();
    await turn();
    for (let item = 1; item <= 10; item += 1) rounds.add(item);
    const groups: number[] = [];
    while (dealt.length < 11) {
      const before = dealt.length;
      await turn();
      if (dealt.length > before) groups.push(dealt.length - before);
    }
    expect(groups).toEqual([4, 4, 2]);
    expect(dealt).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('get shorter when what they deal with takes longer, and always deal with something', async () => {
    const advance = stoppedClock();
    let each = 0.01;
    let dealt = 0;
    const rounds = new TurnBatch<number>(
      () => {
        dealt += 1;
        advance(each);
      },
      () => 1,
    );
    const longest = async (count: number): Promise<number> => {
      const until = dealt + count;
      let last = 0;
      for (let n = 0; n < count; n += 1) rounds.add(n);
      while (dealt < until) {
        const before = dealt;
        await turn();
        if (dealt > before && dealt < until) last = dealt - before;
      }
      return last;
    };
    // Nothing is known yet: this is one round.
    await longest(1_000);
    expect(await longest(1_000)).toBe(100);
    each = 50;
    await longest(5_000);
    expect(await longest(10)).toBe(1);
    each = 0.01;
    await longest(5_000);
    expect(await longest(1_000)).toBeGreaterThan(50);
  });

  it('learn little from what took no time', async () => {
    const advance = stoppedClock();
    let dealt = 0;
    const rounds = new TurnBatch<number>(
      (ms) => {
        dealt += 1;
        advance(ms);
      },
      () => 1,
    );
    const longestOf = async (ms: number): Promise<number> => {
      const until = dealt + 50;
      for (let n = 0; n < 50; n += 1) rounds.add(ms);
      let longest = 0;
      while (dealt < until) {
        const before = dealt;
        await turn();
        longest = Math.max(longest, dealt - before);
      }
      return longest;
    };
    for (let n = 0; n < 10; n += 1) await longestOf(0.25);
    expect(await longestOf(0.25)).toBe(4);
    await longestOf(0);
    expect(await longestOf(0.25)).toBeLessThan(10);
  });

  it('deal with everything once and in order, also with what is added meanwhile', async () => {
    const dealt: number[] = [];
    let next = 0;
    const rounds = new TurnBatch<number>(
      (item) => {
        dealt.push(item);
        if (item % 7 === 0 && next < 5_000) rounds.add(next++);
        if (item % 11 === 0) Promise.resolve().then(() => next < 5_000 && rounds.add(next++));
        if (item % 13 === 0) setImmediate(() => next < 5_000 && rounds.add(next++));
      },
      (item) => (item % 5) + 0.1,
    );
    while (next < 5_000) {
      for (let n = 0; n < 30; n += 1) rounds.add(next++);
      await turn();
    }
    while (dealt.length < next) await turn();
    expect(dealt).toEqual(Array.from({ length: next }, (_, n) => n));
  });
});
