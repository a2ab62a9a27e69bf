import { figure } from '../lib/markdown.ts';
import { median } from '../lib/statistics.ts';
import type { ConditionName } from './conditions.ts';
import type { RunRecord, Typical } from './record.ts';
import type { ServerName } from './servers.ts';
import type { WorkName } from './works.ts';

/** Two generators disagree when their figures differ by more than this part. */
const DISAGREEMENT = 0.15;

/** One figure of each run that has it. */
export function valuesOf(runs: readonly RunRecord[], read: (run: RunRecord) => number | undefined): number[] {
  return runs.map(read).filter((value): value is number => value !== undefined && Number.isFinite(value));
}

/** From the lowest to the highest of all runs; one figure where they are the same, or there is one run. */
export function range(values: readonly number[], unit = ''): string {
  if (values.length === 0) return '-';
  const [low, high] = [figure(Math.min(...values)), figure(Math.max(...values))];
  return low === high ? `${low}${unit}` : `${low} to ${high}${unit}`;
}

/** Reads a figure of a server and a work. */
export const reader =
  (condition: ConditionName, work: WorkName, server: ServerName, key: keyof Typical) =>
  (run: RunRecord): number | undefined =>
    run.conditions[condition]?.[work]?.[server]?.[key];

/** A ratio over all runs, and what the other generator found where it disagrees. */
export function bothGenerators(
  runs: readonly RunRecord[],
  work: WorkName,
  server: ServerName,
  key: 'ofBaseline' | 'ofStrongest',
): string {
  const own = valuesOf(runs, reader('plain', work, server, key));
  const others = valuesOf(runs, reader('autocannon', work, server, key));
  const agrees = others.length === 0 || Math.abs(median(others) / median(own) - 1) <= DISAGREEMENT;
  return agrees ? range(own) : `${range(own)}; autocannon ${range(others)}`;
}

/** How many runs the ranges are over, and what that is worth. */
export function describeRuns(runs: readonly RunRecord[]): string {
  const days = new Set(runs.map(({ at }) => at.slice(0, 10)));
  const machines = new Set(runs.map(({ machine }) => machine));
  if (runs.length === 1)
    return `One run, of ${[...days].join()}: it says nothing of how much figures vary from run to run.`;
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `Ranges are over ${count(runs.length, 'run')}, on ${count(days.size, 'day')} and ${count(machines.size, 'machine')}.`;
}
