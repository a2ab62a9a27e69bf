import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { command, SIGHTS } from './support/commands.ts';
import { type HintCommand, HintedStory } from './support/hinted-story.ts';

/**
 * Short histories in which hints are lost, late, doubled, wrong and forged, their sources fail, and informers rely on them meanwhile.
 * The promises of docs/live.md hold whatever the hints say.
 */

const RUNS = Number(process.env.LIVE_HISTORIES ?? 200);
const SEED = Number(process.env.LIVE_SEED ?? 20_261_128);

const named = <Name extends HintCommand['do']>(name: Name): fc.Arbitrary<Name> => fc.constant(name);

const hint: fc.Arbitrary<HintCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: named('hint'),
      object: fc.nat({ max: 12 }),
      times: fc.constantFrom(1, 1, 2, 40),
      isNew: fc.boolean(),
      isEarly: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: named('log'), mode: fc.constantFrom('works', 'works', 'absent', 'down') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: named('delay'), ms: fc.constantFrom<number | 'lost'>(0, 10, 3_000, 'lost') }),
  },
  { weight: 1, arbitrary: fc.record({ do: named('watcher'), works: fc.boolean() }) },
);

const history = fc.record({
  seed: fc.nat(),
  rows: fc.nat({ max: 9 }),
  isWatched: fc.boolean(),
  /** Whether the sources have been relied on before anything happens. */
  isCovered: fc.boolean(),
  commands: fc.array(fc.oneof({ weight: 3, arbitrary: command }, { weight: 1, arbitrary: hint }), {
    minLength: 8,
    maxLength: 30,
    size: 'max',
  }),
});

describe('any history with hints', () => {
  it(`ends with the truth for every reader, and nothing on the way is wrong (${RUNS} histories)`, async () => {
    const reached = { removed: 0, resumed: 0, logs: 0 };
    await fc.assert(
      fc.asyncProperty(history, async ({ commands, isCovered, ...options }) => {
        const story = new HintedStory({ ...options, sights: SIGHTS });
        story.begin();
        if (isCovered) await story.run({ do: 'wait', ms: 60_000 });
        for (const one of commands) {
          await story.tell(one);
          expect(story.isOverfull()).toBe(false);
        }
        await story.converge();
        for (const one of story.readers) {
          expect(one.wrong).toEqual([]);
          expect(story.untruths(one)).toEqual([]);
          reached.removed += one.removed;
          reached.resumed += one.resumed;
        }
        reached.logs += story.log.calls.length;
        expect(story.clock.pending).toBe(0);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    // A test of the test: the histories did reach what they are about.
    for (const count of Object.values(reached)) expect(count).toBeGreaterThanOrEqual(Math.floor(RUNS / 50));
  }, 600_000);
});
