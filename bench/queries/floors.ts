import type { RunRecord, Typical } from './record.ts';
import { BASELINE, type ServerName, STRONGEST, titleOf } from './servers.ts';
import { WORK_TITLES, type WorkName } from './works.ts';

/** One figure that must hold. */
export interface Floor {
  readonly what: string;
  readonly isLeast: boolean;
  readonly bound: number;
  readonly unit: ' x' | '' | ' ms' | ' MiB';
  /** Undefined when what it needs was not measured. */
  readonly measure: (run: RunRecord) => number | undefined;
}

/** Undefined when it was not measured. */
export function isHeld({ isLeast, bound, measure }: Floor, run: RunRecord): boolean | undefined {
  const measured = measure(run);
  if (measured === undefined || Number.isNaN(measured)) return undefined;
  return isLeast ? measured >= bound : measured <= bound;
}

/** Requests a second of the gateway, of another server's, by work. */
const SPEED: readonly { work: WorkName; of: ServerName; least: number }[] = [
  { work: 'one', of: BASELINE, least: 0.55 },
  { work: 'one', of: STRONGEST, least: 1 },
  { work: 'ten', of: BASELINE, least: 0.45 },
  { work: 'ten', of: STRONGEST, least: 1.2 },
  { work: 'hundred', of: BASELINE, least: 0.26 },
  { work: 'hundred', of: STRONGEST, least: 1.3 },
  { work: 'volumes', of: STRONGEST, least: 3 },
];

/** Upstream calls a request. A few calls more than answers are under way when a window ends. */
const CALLS: Readonly<Record<WorkName, number>> = { one: 1, ten: 1, hundred: 1, volumes: 2 };
const UNDER_WAY = 0.05;
const FIRST_ANSWER_MS = 900;
const MEMORY_MIB = 400;

const ratioOf = (of: ServerName): keyof Typical => (of === BASELINE ? 'ofBaseline' : 'ofStrongest');

/** The lower one of what the two generators found. */
function speed(run: RunRecord, work: WorkName, of: ServerName): number | undefined {
  const found = (['plain', 'autocannon'] as const).flatMap((condition) => {
    const typical = run.conditions[condition]?.[work]?.ours;
    return typical === undefined ? [] : [typical[ratioOf(of)]];
  });
  return found.length === 0 ? undefined : Math.min(...found);
}

export const FLOORS: readonly Floor[] = [
  ...SPEED.map(
    ({ work, of, least }): Floor => ({
      what: `${WORK_TITLES[work]}: requests/s of ${titleOf(of)}, the lower of both generators`,
      isLeast: true,
      bound: least,
      unit: ' x',
      measure: (run) => speed(run, work, of),
    }),
  ),
  ...(Object.keys(CALLS) as WorkName[]).map(
    (work): Floor => ({
      what: `${WORK_TITLES[work]}: upstream calls a request`,
      isLeast: false,
      bound: CALLS[work] + UNDER_WAY,
      unit: '',
      measure: (run) => run.conditions.plain?.[work]?.ours?.callsPerAnswer,
    }),
  ),
  {
    what: 'first right answer after the start of the process',
    isLeast: false,
    bound: FIRST_ANSWER_MS,
    unit: ' ms',
    measure: (run) => run.starts.ours?.firstAnswerMs,
  },
  {
    what: 'resident memory under load',
    isLeast: false,
    bound: MEMORY_MIB,
    unit: ' MiB',
    measure: (run) => run.peakMib.ours,
  },
];
