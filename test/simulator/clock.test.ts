import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock } from '../../simulator/clock.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const still = (): Clock => new Clock({ start: START, frozen: true });

describe('clock', () => {
  it('runs timers in order of time, then in the order in which they were set, each at its own time', () => {
    const timers = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(timers, fc.array(fc.nat(1_500), { minLength: 1, maxLength: 8 }), (delays, advances) => {
        const clock = still();
        const ran: { n: number; at: number }[] = [];
        for (const [n, delay] of delays.entries()) clock.after(delay, () => ran.push({ n, at: clock.now() - START }));
        let reached = 0;
        for (const step of advances) {
          clock.advance(step);
          reached += step;
          const due = delays.map((delay, n) => ({ n, at: delay })).filter(({ at }) => at <= reached);
          expect(ran).toEqual(due.sort((a, b) => a.at - b.at || a.n - b.n));
          expect(clock.now()).toBe(START + reached);
        }
      }),
    );
  });

  it('gives the same result in many steps as in one', () => {
    const run = (steps: readonly number[]): number[] => {
      const clock = still();
      const seen: number[] = [];
      const tick = (): void => {
        seen.push(clock.now() - START);
        clock.after(700, tick);
      };
      clock.after(700, tick);
      for (const step of steps) clock.advance(step);
      return seen;
    };
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 10 }), (steps) => {
        expect(run(steps)).toEqual(run([steps.reduce((sum, step) => sum + step, 0)]));
      }),
    );
  });

  it('runs a timer set by another one, when it is due within the same advance', () => {
    const clock = still();
    const seen: string[] = [];
    clock.after(100, () => clock.after(50, () => seen.push(`second at ${clock.now() - START}`)));
    clock.advance(149);
    expect(seen).toEqual([]);
    clock.advance(1);
    expect(seen).toEqual(['second at 150']);
  });

  it('does not run cancelled timers, nor any timer after clear', () => {
    const clock = still();
    const seen: string[] = [];
    const first = clock.after(10, () => seen.push('first'));
    clock.after(20, () => seen.push('second'));
    first.cancel();
    first.cancel();
    clock.advance(15);
    clock.clear();
    clock.advance(100);
    expect(seen).toEqual([]);
  });

  it('runs the next timer on demand, however far it is', () => {
    const clock = still();
    const seen: number[] = [];
    clock.after(3_600_000, () => seen.push(clock.now() - START));
    clock.after(1_000, () => seen.push(clock.now() - START));
    expect(clock.runNext()).toBe(true);
    expect(clock.runNext()).toBe(true);
    expect(clock.runNext()).toBe(false);
    expect(seen).toEqual([1_000, 3_600_000]);
    expect(clock.now()).toBe(START + 3_600_000);
  });

  it('runs in real time at its scale, and never backwards', async () => {
    const clock = new Clock({ start: START, scale: 1_000 });
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      clock.after(20_000, () => {
        order.push('later');
        resolve();
      });
      clock.after(10_000, () => order.push('sooner'));
    });
    expect(order).toEqual(['sooner', 'later']);
    const times = Array.from({ length: 1_000 }, () => clock.now());
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('shortens waits alone: world time is real time, at most that of the machine', async () => {
    const before = Date.now();
    const clock = new Clock({ scale: 1_000 });
    const stamp = await new Promise<number>((resolve) => clock.after(30_000, () => resolve(clock.now())));
    expect(stamp).toBeGreaterThanOrEqual(before);
    // A second for adjustments of the system time.
    expect(stamp).toBeLessThan(Date.now() + 1_000);
    expect(clock.progress()).toBeGreaterThanOrEqual(30_000);
    clock.advance(60_000);
    expect(clock.now()).toBeGreaterThanOrEqual(stamp + 60_000);
  });

  it('measures waits from the time of the running timer', () => {
    const clock = new Clock({ start: START, scale: 6, frozen: true });
    const seen: number[] = [];
    clock.after(100, () => {
      clock.after(50, () => seen.push(clock.progress()));
    });
    clock.advance(1_000);
    expect([seen, clock.progress(), clock.now()]).toEqual([[150], 1_000, START + 1_000]);
  });

  it('stands still while frozen and continues from there', async () => {
    const clock = still();
    const before = clock.now();
    const reached = new Promise<number>((resolve) => clock.after(5_000, () => resolve(clock.now())));
    // A clock that runs beside it shows that real time has passed.
    await new Promise<void>((resolve) => new Clock({ scale: 1_000 }).after(20_000, resolve));
    expect(clock.now()).toBe(before);
    clock.set({ frozen: false, scale: 1_000 });
    expect(await reached).toBe(before + 5);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the scale %s', (scale) => {
    expect(() => new Clock({ scale })).toThrow(RangeError);
    expect(() => still().set({ scale })).toThrow(RangeError);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to advance by %s ms', (ms) => {
    expect(() => still().advance(ms)).toThrow(RangeError);
  });
});
