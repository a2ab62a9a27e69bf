import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATES, type State } from '../../src/domain/states.ts';
import type { Sight } from './support/reader.ts';
import { type Command, Story } from './support/story.ts';

/**
 * Thousands of short histories: objects come, change and go while pages shift under a relist, answers are slow, failing, lying or
 * overtaken by our own writes, and readers pause, leave and come back. Whatever happens, a reader ends with the truth, and no
 * event on the way contradicts what it knew or what really was.
 */

/** `npm run test:soak` runs 10,000. */
const RUNS = Number(process.env.LIVE_HISTORIES ?? 2_000);
const SEED = Number(process.env.LIVE_SEED ?? 20_260_801);

const SIGHTS: readonly Sight[] = [
  { tag: null, states: null, fields: ['name', 'v'] },
  { tag: null, states: ['OK', 'ERRED'], fields: ['name'] },
  { tag: 'mine', states: null, fields: ['name', 'v', 'restorations'] },
  { tag: 'mine', states: ['UPDATING', 'DELETING', 'OK'], fields: ['restorations'] },
];

const object = fc.nat({ max: 9 });
const state: fc.Arbitrary<State> = fc.constantFrom(...STATES);
const reader = fc.nat({ max: SIGHTS.length - 1 });
const delay = fc.nat({ max: 300 });

const named = <Name extends Command['do']>(name: Name): fc.Arbitrary<Name> => fc.constant(name);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: named('put'), object, state, mine: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: named('delete'), object }) },
  { weight: 2, arbitrary: fc.record({ do: named('rename'), object, name: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: named('relate'), object, count: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: named('touch all') }) },
  { weight: 4, arbitrary: fc.record({ do: named('write'), object, state, commit: delay, answer: delay }) },
  { weight: 9, arbitrary: fc.record({ do: named('wait'), ms: fc.constantFrom(0, 5, 40, 300, 1_300, 4_000, 12_000) }) },
  { weight: 2, arbitrary: fc.record({ do: named('latency'), most: fc.constantFrom(1, 20, 400, 2_500) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: named('fail'),
      calls: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom('unavailable' as const, 'rate-limited' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: named('lie'),
      lie: fc.constantFrom('empty' as const, 'shorter' as const, 'older' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: named('pause'), reader }) },
  { weight: 1, arbitrary: fc.record({ do: named('resume'), reader }) },
  { weight: 2, arbitrary: fc.record({ do: named('read'), reader, events: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ do: named('leave'), reader }) },
  { weight: 3, arbitrary: fc.record({ do: named('return'), reader }) },
);

const history = fc.record({
  seed: fc.nat(),
  rows: fc.nat({ max: 9 }),
  /** Whether everybody has been shown the present state before anything happens. */
  begun: fc.boolean(),
  commands: fc.array(command, { minLength: 8, maxLength: 30, size: 'max' }),
});

describe('any history', () => {
  it(`ends with the truth for every reader, and nothing on the way is wrong (${RUNS} histories)`, async () => {
    const reached = { removed: 0, resumed: 0, resets: 0, ended: 0, stale: 0 };
    await fc.assert(
      fc.asyncProperty(history, async ({ seed, rows, begun, commands }) => {
        const story = new Story({ seed, rows, sights: SIGHTS });
        story.begin();
        if (begun) await story.run({ do: 'wait', ms: 300 });
        for (const one of commands) {
          await story.run(one);
          expect(story.isOverfull()).toBe(false);
        }
        await story.converge();
        for (const one of story.readers) {
          expect(one.wrong).toEqual([]);
          expect(story.untruths(one)).toEqual([]);
          reached.removed += one.removed;
          reached.resumed += one.resumed;
          reached.resets += one.resets;
          reached.ended += one.end === null ? 0 : 1;
          reached.stale += one.stale;
        }
        expect(story.clock.pending).toBe(0);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    console.info(`${RUNS} histories:`, reached);
    // A test of the test: the histories did reach what they are about.
    for (const count of Object.values(reached)) expect(count).toBeGreaterThanOrEqual(Math.floor(RUNS / 200));
  }, 600_000);
});
