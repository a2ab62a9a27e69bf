import { afterAll, describe, expect, it } from 'vitest';
import {
  type ChangeKind,
  type LoggedKind,
  movingDelays,
  percentile,
  quietDelays,
  settledCost,
} from './support/pace.ts';

/** The figures of docs/live.md by the size of the scope, in virtual time; the table is printed at the end. */

/** More of them for a closer look: `PACE_CHANGES=200`. */
const CHANGES = Number(process.env.PACE_CHANGES ?? 20);
const table: Record<string, Record<string, number | string>> = {};

afterAll(() => console.table(table));

const seconds = (ms: number): number => Number((ms / 1_000).toFixed(1));
/** Calls a minute that a quiet scope may cost. */
const mostCalls = (rows: number): number => (rows <= 600 ? 12 : 25);
/** Within which 95 of 100 state changes and removals are reported. */
const mostMs = (rows: number): number => (rows <= 600 ? 12_000 : 20_000);

describe('cost of a quiet scope, from five minutes after the start', () => {
  it.each([
    { rows: 25, stuck: 0 },
    { rows: 25, stuck: 1 },
    { rows: 300, stuck: 20 },
    { rows: 398, stuck: 1 },
    { rows: 500, stuck: 20, subscribers: 20 },
    { rows: 600, stuck: 20 },
    { rows: 1_500, stuck: 1 },
    { rows: 5_000, stuck: 0 },
    { rows: 5_000, stuck: 20 },
    { rows: 5_000, stuck: 20, erred: 2_400 },
    { rows: 5_000, erred: 4_900 },
    { rows: 1_500, counts: 'absent' as const },
    { rows: 1_500, counts: 'one too many' as const },
    { rows: 1_500, counts: 'random' as const },
  ])('$rows objects, $stuck stuck, $erred ERRED, counts: $counts', async (scope) => {
    const cost = await settledCost(scope, 10);
    table[`cost, ${JSON.stringify(scope)}`] = {
      'calls/minute': cost.perMinute.toFixed(1),
      'worst minute': cost.worstMinute,
    };
    expect(cost.perMinute).toBeLessThanOrEqual(mostCalls(scope.rows));
  });
});

describe('a change in a quiet scope', () => {
  const kinds: readonly ChangeKind[] = ['state', 'removal'];
  it.each([
    { rows: 25, stuck: 1 },
    { rows: 300, stuck: 0 },
    { rows: 398, stuck: 1 },
    { rows: 600, stuck: 20 },
    { rows: 1_500, stuck: 1 },
    { rows: 5_000, stuck: 0 },
    { rows: 5_000, stuck: 20 },
    { rows: 5_000, stuck: 1, erred: 2_400 },
    { rows: 590, counts: 'absent' as const },
    { rows: 1_500, counts: 'absent' as const },
    { rows: 1_500, counts: 'one too many' as const },
    { rows: 1_500, counts: 'random' as const },
  ])('$rows objects, $stuck stuck, $erred ERRED, counts: $counts', async (scope) => {
    for (const kind of kinds) {
      const { delays, cost } = await quietDelays(scope, kind, Math.min(CHANGES, scope.rows / 2));
      table[`${kind}, ${JSON.stringify(scope)}`] = {
        'calls/minute': cost.perMinute.toFixed(1),
        'worst minute': cost.worstMinute,
        'p50 s': seconds(percentile(delays, 0.5)),
        'p95 s': seconds(percentile(delays, 0.95)),
        'max s': seconds(Math.max(...delays)),
      };
      expect(percentile(delays, 0.95)).toBeLessThanOrEqual(mostMs(scope.rows));
    }
  });
});

describe('a creation or removal that the event log names', () => {
  const kinds: readonly LoggedKind[] = ['logged creation', 'logged removal'];
  it.each([
    { rows: 900, within: 6_500 },
    { rows: 1_500, within: 4_000 },
    { rows: 5_000, within: 4_000 },
    { rows: 5_000, erred: 2_400, within: 4_000 },
  ])('$rows objects, $erred ERRED: within $within ms', async ({ within, ...scope }) => {
    for (const kind of kinds) {
      const { delays, cost } = await quietDelays(scope, kind, CHANGES);
      table[`${kind}, ${JSON.stringify(scope)}`] = {
        'calls/minute': cost.perMinute.toFixed(1),
        'worst minute': cost.worstMinute,
        'p50 s': seconds(percentile(delays, 0.5)),
        'p95 s': seconds(percentile(delays, 0.95)),
        'max s': seconds(Math.max(...delays)),
      };
      expect(cost.perMinute).toBeLessThanOrEqual(mostCalls(scope.rows));
      expect(percentile(delays, 0.95)).toBeLessThanOrEqual(within);
    }
  });
});

describe('a change that is neither of state nor a removal', () => {
  it.each([
    { rows: 600, within: 12_000 },
    { rows: 1_500, within: 20_000 },
    { rows: 5_000, within: 62_000 },
  ])('$rows objects: within $within ms', async ({ rows, within }) => {
    const { delays, cost } = await quietDelays({ rows }, 'name', CHANGES);
    table[`name, ${rows}`] = {
      'calls/minute': cost.perMinute.toFixed(1),
      'worst minute': cost.worstMinute,
      'p50 s': seconds(percentile(delays, 0.5)),
      'p95 s': seconds(percentile(delays, 0.95)),
      'max s': seconds(Math.max(...delays)),
    };
    expect(percentile(delays, 0.95)).toBeLessThanOrEqual(within);
  });
});

describe('a moving object beside stuck ones', () => {
  it.each([
    { rows: 25, stuck: 1 },
    { rows: 300, stuck: 20 },
    { rows: 600, stuck: 20 },
    { rows: 5_000, stuck: 20 },
    { rows: 5_000, stuck: 20, erred: 2_400 },
  ])('$rows objects, $stuck stuck, $erred ERRED: each step within 2.5 s', async (scope) => {
    const { delays, cost } = await movingDelays(scope, CHANGES);
    table[`moving, ${JSON.stringify(scope)}`] = {
      'calls/minute': cost.perMinute.toFixed(1),
      'worst minute': cost.worstMinute,
      'p50 s': seconds(percentile(delays, 0.5)),
      'p95 s': seconds(percentile(delays, 0.95)),
      'max s': seconds(Math.max(...delays)),
    };
    expect(percentile(delays, 0.95)).toBeLessThanOrEqual(2_500);
  });
});
