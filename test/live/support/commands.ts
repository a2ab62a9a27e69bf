import fc from 'fast-check';
import { STATES, type State } from '../../../src/domain/states.ts';
import type { Sight } from './reader.ts';
import type { Command } from './story.ts';

export const SIGHTS: readonly Sight[] = [
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

export const command: fc.Arbitrary<Command> = fc.oneof(
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

export const history = fc.record({
  seed: fc.nat(),
  rows: fc.nat({ max: 9 }),
  /** Whether everybody has been shown the present state before anything happens. */
  begun: fc.boolean(),
  commands: fc.array(command, { minLength: 8, maxLength: 30, size: 'max' }),
});
