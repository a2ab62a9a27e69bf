import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATES, type State } from '../../../src/domain/states.ts';
import type { Filter, PageRequest } from '../../../src/loading/list-request.ts';
import { countStates } from '../../../src/loading/state-counts.ts';

type Source = Parameters<typeof countStates>[0];

interface World {
  /** The objects at each call; the last one stays. */
  readonly histories: readonly (readonly State[])[];
  /** Whether sort keys are ignored. */
  readonly unsorted?: boolean;
  /** Label of each row, where it is not that of its state. */
  readonly label?: string;
}

/** An upstream that sorts and counts as Waldur does. */
function upstreamOf({ histories, unsorted = false, label }: World) {
  let calls = 0;
  const now = (filter: Filter): State[] => {
    const states = [...(histories[Math.min(calls, histories.length - 1)] ?? [])];
    calls += 1;
    const wanted = filter.state;
    return Array.isArray(wanted) ? states.filter((state) => wanted.includes(state)) : states;
  };
  const source = {
    async list(_kind: string, { filter, order, pageSize, page }: PageRequest) {
      const states = now(filter);
      const sign = order[0]?.direction === 'DESC' ? -1 : 1;
      if (!unsorted) states.sort((a, b) => sign * (STATES.indexOf(a) - STATES.indexOf(b)));
      const rows = states.slice((page - 1) * pageSize, page * pageSize).map((state) => ({ state: label ?? state }));
      return { rows, total: states.length, counted: states.length };
    },
    count: async (_kind: string, filter: Filter) => now(filter).length,
  };
  return { source: source as unknown as Source, calls: () => calls };
}

const SHOWN = [
  'CREATION_SCHEDULED',
  'CREATING',
  'UPDATE_SCHEDULED',
  'UPDATING',
  'DELETION_SCHEDULED',
  'DELETING',
  'OK',
  'ERRED',
];

/** What is to be counted. */
function truth(states: readonly State[]) {
  const counts = SHOWN.map((state) => ({ state, count: states.filter((one) => one === state).length }));
  return { totalCount: states.length, counts: counts.filter(({ count }) => count > 0) };
}

const many = (numbers: Partial<Record<State, number>>): State[] =>
  STATES.flatMap((state) => new Array<State>(numbers[state] ?? 0).fill(state));

describe('numbers by state', () => {
  it.each([
    { numbers: {}, most: 1 },
    { numbers: { OK: 250, ERRED: 40, CREATING: 10 }, most: 1 },
    { numbers: { OK: 301 }, most: 2 },
    { numbers: { OK: 200, ERRED: 200 }, most: 2 },
    { numbers: { OK: 5_000, ERRED: 200, UPDATING: 99, DELETING: 3 }, most: 2 },
    { numbers: { UPDATE_SCHEDULED: 900, OK: 20 }, most: 1 },
    { numbers: { OK: 5_000, ERRED: 400, UPDATING: 1 }, most: 3 },
    { numbers: { OK: 5_000, ERRED: 400, UPDATING: 500 }, most: 4 },
  ])('of $numbers take at most $most calls', async ({ numbers, most }) => {
    const states = many(numbers);
    const { source, calls } = upstreamOf({ histories: [states] });
    expect(await countStates(source, 'snapshot', {})).toEqual(truth(states));
    expect(calls()).toBeLessThanOrEqual(most);
  });

  it.each([
    { state: ['ERRED'], most: 1 },
    { state: ['OK', 'ERRED'], most: 1 },
    { state: ['DELETING', 'OK', 'UPDATING'], most: 2 },
  ] as const)('of $state alone take at most $most calls', async ({ state, most }) => {
    const states = many({ OK: 500, ERRED: 120, UPDATING: 30, DELETING: 3 });
    const { source, calls } = upstreamOf({ histories: [states] });
    const wanted: readonly string[] = state;
    expect(await countStates(source, 'volume', { state })).toEqual(truth(states.filter((one) => wanted.includes(one))));
    expect(calls()).toBeLessThanOrEqual(most);
  });

  it('are right for any list', async () => {
    const numbers = fc.record(
      Object.fromEntries(STATES.map((state) => [state, fc.oneof(fc.constant(0), fc.nat(9), fc.nat(700))])),
    ) as fc.Arbitrary<Partial<Record<State, number>>>;
    await fc.assert(
      fc.asyncProperty(numbers, fc.subarray([...STATES]), async (given, state) => {
        const states = many(given);
        const { source, calls } = upstreamOf({ histories: [states] });
        const filter: Filter = state.length === 0 ? {} : { state };
        const expected = state.length === 0 ? states : states.filter((one) => state.includes(one));
        expect(await countStates(source, 'snapshot', filter)).toEqual(truth(expected));
        expect(calls()).toBeLessThanOrEqual(9);
      }),
      { numRuns: 300 },
    );
  });

  it('are counted state by state when the list is not sorted', async () => {
    const states = Array.from({ length: 400 }, (_, i): State => (i % 2 === 0 ? 'OK' : 'ERRED'));
    const { source, calls } = upstreamOf({ histories: [states], unsorted: true });
    expect(await countStates(source, 'snapshot', {})).toEqual(truth(states));
    expect(calls()).toBe(2 + STATES.length);
  });

  it('of a list that moves between two calls are read again', async () => {
    const before = many({ OK: 400, ERRED: 3 });
    const after = many({ OK: 400, ERRED: 4 });
    const { source, calls } = upstreamOf({ histories: [before, after] });
    expect(await countStates(source, 'snapshot', {})).toEqual(truth(after));
    expect(calls()).toBe(4);
  });

  it('of a list that moves all the time are counted state by state', async () => {
    const histories = Array.from({ length: 20 }, (_, i) => many({ OK: 400 + i, ERRED: 3 }));
    const { source, calls } = upstreamOf({ histories });
    const { totalCount, counts } = await countStates(source, 'snapshot', {});
    expect(counts.map(({ state }) => state)).toEqual(['OK', 'ERRED']);
    expect(totalCount).toBe(counts.reduce((sum, { count }) => sum + count, 0));
    expect(calls()).toBe(2 + 2 + 1 + 8);
  });

  it('are an error when a state is unknown', async () => {
    const { source } = upstreamOf({ histories: [many({ OK: 2 })], label: 'PAUSED' });
    await expect(countStates(source, 'snapshot', {})).rejects.toMatchObject({ kind: 'malformed' });
  });
});
