import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history, SIGHTS } from './support/commands.ts';
import { Story } from './support/story.ts';

/**
 * Hundreds of short histories, thousands in `npm run test:soak`: objects come, change and go while pages shift under a relist, answers are slow, failing, lying or
 * overtaken by our own writes, and readers pause, leave and come back. Whatever happens, a reader ends with the truth, and no
 * event on the way contradicts what it knew or what really was.
 */

/** `npm run test:soak` runs 10,000. */
const RUNS = Number(process.env.LIVE_HISTORIES ?? 600);
const SEED = Number(process.env.LIVE_SEED ?? 20_260_801);

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
