import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** One figure of the report. */
export interface Figure {
  readonly what: string;
  readonly figure: string;
  readonly target: string;
  readonly reached: boolean;
  /** Where less is better: what later runs are compared with. */
  readonly value?: number;
}

export const atMost = (what: string, value: number, most: number, unit = ''): Figure => ({
  what,
  figure: `${Number(value.toPrecision(3))}${unit}`,
  target: `at most ${most}${unit}`,
  reached: value <= most,
  value,
});

/** What is kept of a run. */
interface LiveRun {
  /** ISO 8601. */
  readonly at: string;
  readonly machine: string;
  readonly figures: Readonly<Record<string, number>>;
}

const FOLDER = path.join(import.meta.dirname, '../results');
const PREFIX = 'live-';
/** A figure is as it was when it is no more than this part above that of the first run kept. */
const TOLERANCE = 0.1;

/** Figures of the first run kept, by what they are of. */
export function firstFigures(): LiveRun['figures'] {
  const [first] = readdirSync(FOLDER)
    .filter((name) => name.startsWith(PREFIX))
    .sort();
  if (first === undefined) return {};
  return (JSON.parse(readFileSync(path.join(FOLDER, first), 'utf8')) as LiveRun).figures;
}

/** Undefined where there is nothing to compare with. */
export const isAsBefore = ({ value }: Figure, before: number | undefined): boolean | undefined =>
  value === undefined || before === undefined ? undefined : value <= before * (1 + TOLERANCE);

/** Adds a run to those kept. */
export function saveFigures(figures: readonly Figure[], machine: string): void {
  const at = new Date().toISOString();
  const known = figures.flatMap(({ what, value }) =>
    value === undefined ? [] : [[what, Number(value.toPrecision(3))]],
  );
  const run: LiveRun = { at, machine, figures: Object.fromEntries(known) };
  mkdirSync(FOLDER, { recursive: true });
  const name = `${PREFIX}${at.slice(0, 19).replaceAll(':', '')}.json`;
  writeFileSync(path.join(FOLDER, name), `${JSON.stringify(run, null, 1)}\n`);
}
