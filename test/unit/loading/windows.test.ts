import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REST_PAGE, planPages } from '../../../src/loading/windows.ts';

const window = fc.record({ start: fc.nat({ max: 5_000 }), count: fc.integer({ min: 1, max: 1_000 }) });

/** The minimum number of pages over all page sizes. */
const fewest = (start: number, count: number): number =>
  Math.min(
    ...Array.from(
      { length: MAX_REST_PAGE },
      (_, i) => Math.floor((start + count - 1) / (i + 1)) - Math.floor(start / (i + 1)) + 1,
    ),
  );

describe('windows onto numbered pages', () => {
  it('the pages hold every row of the window', () => {
    fc.assert(
      fc.property(window, ({ start, count }) => {
        const { size, first, last } = planPages(start, count);
        expect(size).toBeGreaterThanOrEqual(1);
        expect(size).toBeLessThanOrEqual(MAX_REST_PAGE);
        expect((first - 1) * size).toBeLessThanOrEqual(start);
        expect(last * size).toBeGreaterThanOrEqual(start + count);
      }),
    );
  });

  it('no other page size needs fewer', () => {
    fc.assert(
      fc.property(window, ({ start, count }) => {
        const { first, last } = planPages(start, count);
        expect(last - first + 1).toBe(fewest(start, count));
      }),
    );
  });

  it('an aligned window requests no extra rows', () => {
    expect(planPages(40, 20)).toEqual({ size: 20, first: 3, last: 3 });
    expect(planPages(0, 300)).toEqual({ size: 300, first: 1, last: 1 });
    expect(planPages(0, 1000)).toEqual({ size: 250, first: 1, last: 4 });
  });
});
