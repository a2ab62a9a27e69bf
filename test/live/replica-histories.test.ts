import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATES, type State } from '../../src/domain/states.ts';
import type { Sight } from './support/reader.ts';
import { type ReplicaCommand, ReplicaStory } from './support/replica-story.ts';

/**
 * Histories over two or three replicas that share their informers: the objects change, Waldur fails and lies, readers come and go, and replicas
 * are killed, stopped, cut off from Redis and restarted, with clocks months apart. Whatever happens, a reader ends with the truth, and no event on
 * the way contradicts what it knew or what really was.
 */

/** `npm run test:soak` runs 5,000. */
const RUNS = Number(process.env.REPLICA_HISTORIES ?? 300);
const SEED = Number(process.env.LIVE_SEED ?? 20_261_128);

const SIGHTS: readonly Sight[] = [
  { tag: null, states: null, fields: ['name', 'v'] },
  { tag: null, states: null, fields: ['name', 'restorations'] },
  { tag: null, states: ['OK', 'ERRED'], fields: ['name'] },
  { tag: 'mine', states: null, fields: ['name', 'v', 'restorations'] },
  { tag: 'mine', states: ['UPDATING', 'DELETING', 'OK'], fields: ['restorations'] },
];

const object = fc.nat({ max: 9 });
const state: fc.Arbitrary<State> = fc.constantFrom(...STATES);
const reader = fc.nat({ max: SIGHTS.length - 1 });
const replica = fc.nat({ max: 2 });
const delay = fc.nat({ max: 300 });
const named = <Name extends ReplicaCommand['do']>(name: Name): fc.Arbitrary<Name> => fc.constant(name);

const command: fc.Arbitrary<ReplicaCommand> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: named('put'), object, state, mine: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: named('delete'), object }) },
  { weight: 2, arbitrary: fc.record({ do: named('rename'), object, name: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: named('relate'), object, count: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: named('touch all') }) },
  { weight: 4, arbitrary: fc.record({ do: named('write'), object, state, commit: delay, answer: delay }) },
  { weight: 9, arbitrary: fc.record({ do: named('wait'), ms: fc.constantFrom(0, 5, 40, 300, 1_300, 4_000, 9_000) }) },
  { weight: 1, arbitrary: fc.record({ do: named('latency'), most: fc.constantFrom(1, 20, 400, 2_500) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: named('fail'),
      calls: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom('unavailable' as const, 'rate-limited' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: named('lie'), lie: fc.constantFrom('empty' as const, 'shorter' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ do: named('pause'), reader }) },
  { weight: 1, arbitrary: fc.record({ do: named('resume'), reader }) },
  { weight: 2, arbitrary: fc.record({ do: named('leave'), reader }) },
  { weight: 3, arbitrary: fc.record({ do: named('return'), reader }) },
  { weight: 2, arbitrary: fc.record({ do: named('kill'), replica }) },
  { weight: 2, arbitrary: fc.record({ do: named('restart'), replica }) },
  { weight: 2, arbitrary: fc.record({ do: named('stop'), replica }) },
  { weight: 2, arbitrary: fc.record({ do: named('continue'), replica }) },
  { weight: 2, arbitrary: fc.record({ do: named('cut'), replica }) },
  { weight: 2, arbitrary: fc.record({ do: named('heal') }) },
  { weight: 1, arbitrary: fc.record({ do: named('flush') }) },
  { weight: 1, arbitrary: fc.record({ do: named('full') }) },
  { weight: 1, arbitrary: fc.record({ do: named('slow redis'), most: fc.constantFrom(1, 50, 700) }) },
);

const history = fc.record({
  seed: fc.nat(),
  count: fc.integer({ min: 2, max: 3 }),
  rows: fc.nat({ max: 9 }),
  /** Whether everybody has been shown the present state before anything happens. */
  begun: fc.boolean(),
  commands: fc.array(command, { minLength: 8, maxLength: 30, size: 'max' }),
});

describe('any history of replicas', () => {
  it(`ends with the truth for every reader, and nothing on the way is wrong (${RUNS} histories)`, async () => {
    const reached = { removed: 0, resumed: 0, resets: 0, followed: 0, takenOver: 0, alone: 0 };
    await fc.assert(
      fc.asyncProperty(history, async ({ seed, count, rows, begun, commands }) => {
        const story = new ReplicaStory({ seed, rows, sights: SIGHTS, count });
        if (begun) await story.step({ do: 'wait', ms: 600 });
        for (const one of commands) {
          await story.step(one);
          expect(story.isOverfull()).toBe(false);
          for (let at = 0; at < count; at += 1) {
            const { informersFollowing, informersAlone } = story.replicas.at(at).live.stats();
            reached.followed += informersFollowing;
            reached.alone += informersAlone;
          }
        }
        for (let at = 0; at < count; at += 1) reached.takenOver += story.replicas.at(at).live.stats().leaseChanges;
        await story.converge();
        for (const one of story.readers) {
          expect(one.wrong).toEqual([]);
          expect(story.untruths(one)).toEqual([]);
          reached.removed += one.removed;
          reached.resumed += one.resumed;
          reached.resets += one.resets;
        }
        expect(story.clock.pending).toBe(0);
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
    console.info(`${RUNS} histories of replicas:`, reached);
    // A test of the test: the histories did reach what they are about.
    for (const times of Object.values(reached)) expect(times).toBeGreaterThanOrEqual(Math.floor(RUNS / 10));
  }, 600_000);

  it('a replica that ends after Redis has lost its log does not go on to lead', async () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const story = new ReplicaStory({ seed, rows: 1, sights: SIGHTS, count: 2 });
      const commands: readonly ReplicaCommand[] = [
        { do: 'wait', ms: 300 },
        { do: 'write', object: 1, state: 'CREATING', commit: 67, answer: 113 },
        { do: 'put', object: 1, state: 'ERRED', mine: false },
        { do: 'flush' },
        { do: 'stop', replica: 0 },
        { do: 'wait', ms: 1_300 },
        { do: 'restart', replica: 0 },
      ];
      for (const one of commands) await story.step(one);
      await story.converge();
      for (const one of story.readers) expect(story.untruths(one)).toEqual([]);
      expect(story.clock.pending).toBe(0);
    }
  });
});
