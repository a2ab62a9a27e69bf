import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';

const FOLDER = path.join(import.meta.dirname, '../results');

/** What every record of a run states. */
export interface RunHead {
  /** ISO 8601. */
  readonly at: string;
  readonly machine: string;
  /** Processes that were running or waited for a core, on average of the last minute: before and after the run. */
  readonly load: readonly [number, number];
}

/** The load of the machine now. */
export const loadNow = (): number => loadavg()[0] ?? 0;

/** Keeps a run, under the name of its benchmark and its time. */
export function saveRun(bench: string, run: RunHead): void {
  mkdirSync(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `${bench}-${run.at.slice(0, 19).replaceAll(':', '')}.json`);
  writeFileSync(file, `${JSON.stringify(run, rounded, 1)}\n`);
}

/** The newest run of a benchmark. @throws when there is none. */
export function newestRun<T extends RunHead>(bench: string): T {
  const newest = readdirSync(FOLDER)
    .filter((name) => name.startsWith(`${bench}-`))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`bench/results holds no run of ${bench}`);
  return JSON.parse(readFileSync(path.join(FOLDER, newest), 'utf8')) as T;
}

/** Four digits are more than any figure is repeated with. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
