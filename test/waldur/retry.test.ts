import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../src/waldur/retry.ts';
import { SlidingWindow } from '../../src/waldur/sliding-window.ts';
import { CALLER, clientOf, httpUpstream, sendJson, UUID } from './support/upstreams.ts';
import { VirtualClock } from './support/virtual-clock.ts';

describe('the retry budget', () => {
  it('is a tenth of the traffic, and at least ten in 10 s', () => {
    const clock = new VirtualClock();
    const budget = new RetryBudget({ now: clock.now });
    let taken = 0;
    for (let i = 0; i < 1_000; i++) {
      budget.recordCall();
      if (budget.take()) taken++;
      expect(taken).toBeLessThanOrEqual(Math.max(10, (i + 1) * 0.1));
    }
    expect(taken).toBe(100);
    clock.ms += 10_001;
    budget.recordCall();
    expect(budget.take()).toBe(true);
  });

  it('limits extra calls to a tenth when all calls are 503', async () => {
    const clock = new VirtualClock();
    // Four fifths succeed, so that the breaker does not hide the budget.
    const upstream = await httpUpstream((response, _, n) => sendJson(response, n % 5 < 2 ? 503 : 200, {}));
    const client = clientOf(upstream.url, { now: clock.now, perCallerConcurrency: 16 });
    await Promise.allSettled(Array.from({ length: 500 }, () => client.getSnapshot(CALLER, UUID)));
    expect(upstream.seen.length).toBeGreaterThan(500);
    expect(upstream.seen.length).toBeLessThanOrEqual(550);
  });
});

describe('a sliding window', () => {
  it('counts the last period, with a resolution of a tenth', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (events) => {
        const clock = new VirtualClock();
        const tally = new SlidingWindow(10_000, clock.now);
        const times: number[] = [];
        for (const [wait, counted] of events) {
          clock.ms += wait;
          if (counted) {
            tally.add();
            times.push(clock.ms);
          }
        }
        const within = (ms: number) => times.filter((time) => clock.ms - time < ms).length;
        expect(tally.all).toBeGreaterThanOrEqual(within(9_000));
        expect(tally.all).toBeLessThanOrEqual(within(10_000));
      }),
    );
  });

  it('tolerates a clock that goes backwards', () => {
    const clock = new VirtualClock();
    const tally = new SlidingWindow(10_000, clock.now);
    tally.add();
    clock.ms -= 3_600_000;
    tally.add();
    expect(tally.all).toBe(2);
    clock.ms += 3_600_000;
    expect(tally.all).toBe(2);
  });
});
