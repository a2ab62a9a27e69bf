import { LATENCY_MS, type Measured } from './rounds.ts';
import type { ServerName } from './servers.ts';
import { peakMemory, ratio, typical } from './summary.ts';
import { WORKS, type Work, type WorkName } from './works.ts';

/** One figure to reach. */
export interface Target {
  readonly what: string;
  readonly isLeast: boolean;
  readonly bound: number;
  /** How the figure is written. */
  readonly unit: 'x' | 'calls';
  /** Undefined when what it needs was not measured. */
  readonly measured: number | undefined;
}

export const isReached = ({ isLeast, bound, measured }: Target): boolean | undefined => {
  if (measured === undefined || Number.isNaN(measured)) return undefined;
  return isLeast ? measured >= bound : measured <= bound;
};

/** Requests a second against another server, by work. */
const SPEED: readonly { work: WorkName; server?: ServerName; to: ServerName; least: number }[] = [
  { work: 'one', to: 'passthrough', least: 0.65 },
  { work: 'one', to: 'mercurius', least: 1.1 },
  { work: 'one', to: 'hive', least: 15 },
  { work: 'ten', to: 'passthrough', least: 0.65 },
  { work: 'ten', to: 'mercurius', least: 1.4 },
  { work: 'ten', to: 'hive', least: 15 },
  { work: 'hundred', to: 'passthrough', least: 0.33 },
  { work: 'hundred', to: 'mercurius', least: 1.7 },
  { work: 'hundred', to: 'hive', least: 12 },
  { work: 'volumes', to: 'mercurius', least: 2.5 },
  { work: 'volumes', to: 'hive', least: 80 },
  { work: 'hundred', server: 'ours-cached', to: 'ours', least: 8 },
];

/** Calls that must follow one another where the pass-through makes one. */
const EXTRA_CALLS_IN_A_ROW: Readonly<Record<WorkName, number>> = { one: 0, ten: 0, hundred: 0, volumes: 1 };
const LATENCY_PART = 1.15;
const MOST_CALLS_WITH_VOLUMES = 3;

/** @param titleOf the name of a server in tables. */
export function targetsOf(measured: Measured, titleOf: (name: ServerName) => string): Target[] {
  const { throughput } = measured;
  const ofWork = (name: WorkName): Work['title'] => WORKS.find((work) => work.name === name)?.title ?? name;
  const speed = SPEED.map(
    ({ work, server = 'ours', to, least }): Target => ({
      what: `${ofWork(work)}${server === 'ours' ? '' : ', warm micro-cache'}: requests/s of ${to === 'ours' ? 'its uncached self' : titleOf(to)}`,
      isLeast: true,
      bound: least,
      unit: 'x',
      measured: ratio(throughput, work, server, to, 'perSecond'),
    }),
  );
  const calls: Target = {
    what: `${ofWork('volumes')}: upstream calls`,
    isLeast: false,
    bound: MOST_CALLS_WITH_VOLUMES,
    unit: 'calls',
    measured: typical(throughput, 'volumes', 'ours', 'callsPerAnswer'),
  };
  const [ours, mercurius] = [peakMemory(measured, 'ours'), peakMemory(measured, 'mercurius')];
  const memory: Target = {
    what: `resident memory under load, of ${titleOf('mercurius')}`,
    isLeast: false,
    bound: 1,
    unit: 'x',
    measured: ours !== undefined && mercurius !== undefined ? ours / mercurius : undefined,
  };
  return [...speed, calls, memory, ...latencyTargets(measured)];
}

function latencyTargets(measured: Measured): Target[] {
  const loads = [
    ['every connection busy', measured.latencyBusy],
    ['100 requests/s', measured.latencyPaced],
  ] as const;
  return loads.flatMap(([load, series]) =>
    WORKS.map(({ name, title }): Target => {
      const [ours, floor] = [typical(series, name, 'ours', 'p50Ms'), typical(series, name, 'passthrough', 'p50Ms')];
      const isKnown = ours !== undefined && floor !== undefined;
      return {
        what: `${title}: p50 at a ${LATENCY_MS} ms upstream less planned calls in a row, ${load}, of the pass-through`,
        isLeast: false,
        bound: LATENCY_PART,
        unit: 'x',
        measured: isKnown ? (ours - EXTRA_CALLS_IN_A_ROW[name] * LATENCY_MS) / floor : undefined,
      };
    }),
  );
}
