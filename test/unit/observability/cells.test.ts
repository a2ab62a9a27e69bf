import fc from 'fast-check';
import { Counter, Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { CellCounter, CellHistogram } from '../../../src/observability/cells.ts';

const LABELS = ['route', 'status'];
const BUCKETS = [0.005, 0.1, 1, 20];

const events = fc.array(
  fc.record({
    route: fc.constantFrom('/a', '/b'),
    status: fc.constantFrom<string | number>(200, 404, 'none'),
    value: fc.oneof(fc.constantFrom(0, ...BUCKETS), fc.double({ min: 0, max: 40, noNaN: true })),
  }),
  { maxLength: 30 },
);

const described = { name: 'it', help: 'What it is.' };

it.each([{ labelNames: LABELS }, { labelNames: [] }])(
  'print what prom-client counts itself, by $labelNames',
  async ({ labelNames }) => {
    await fc.assert(
      fc.asyncProperty(events, events, async (before, after) => {
        const ours = new Registry();
        const theirs = new Registry();
        const names = { histogram: { ...described, labelNames }, counter: { ...described, name: 'its', labelNames } };
        const histogram = new CellHistogram({ ...names.histogram, buckets: BUCKETS, register: ours });
        const counter = new CellCounter({ ...names.counter, register: ours });
        const histogramOfTheirs = new Histogram({ ...names.histogram, buckets: BUCKETS, registers: [theirs] });
        const counterOfTheirs = new Counter({ ...names.counter, registers: [theirs] });
        // Scraped twice: nothing is counted again, and nothing forgotten.
        for (const some of [before, after]) {
          for (const { value, ...labels } of some) {
            const given: Record<string, string | number> = labelNames.length === 0 ? {} : labels;
            histogram.add(value, ...Object.values(given));
            counter.inc(...Object.values(given));
            histogramOfTheirs.observe(given, value);
            counterOfTheirs.inc(given);
          }
          expect(await ours.metrics()).toBe(await theirs.metrics());
        }
      }),
    );
  },
);
