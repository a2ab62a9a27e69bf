import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { median } from '../lib/statistics.ts';
import type { ConditionName } from './conditions.ts';
import type { FieldCosts } from './fields.ts';
import type { Window } from './measure.ts';
import type { Measured, Series } from './rounds.ts';
import { BASELINE, type ServerName, STRONGEST } from './servers.ts';
import type { StartUp } from './startup.ts';
import type { WorkName } from './works.ts';

/** What is kept of a run, so that ranges over several can be shown. */
export interface RunRecord {
  readonly format: typeof FORMAT;
  /** ISO 8601. */
  readonly at: string;
  readonly machine: string;
  readonly seconds: number;
  readonly rounds: number;
  readonly conditions: Partial<Record<ConditionName, Partial<Record<WorkName, Partial<Record<ServerName, Typical>>>>>>;
  readonly starts: Partial<Record<ServerName, StartUp>>;
  /** The most memory at the end of any window of load, in MiB. */
  readonly peakMib: Partial<Record<ServerName, number>>;
  readonly fields: FieldCosts;
}

/** Medians over the rounds of a run. */
export interface Typical extends Omit<Window, 'residentMib'> {
  /** Medians of the ratios of requests a second in the same round: what the machine did meanwhile happened to both. */
  readonly ofBaseline: number;
  readonly ofStrongest: number;
}

/** Records of another world or other measures cannot be put beside these. */
const FORMAT = 1;
const FOLDER = path.join(import.meta.dirname, '../results');
const PREFIX = 'queries-';

export interface Findings {
  readonly measured: Measured;
  readonly starts: ReadonlyMap<ServerName, StartUp>;
  readonly fields: FieldCosts;
}

export function toRecord(
  { measured, starts, fields }: Findings,
  about: Pick<RunRecord, 'at' | 'machine' | 'seconds' | 'rounds'>,
): RunRecord {
  return {
    format: FORMAT,
    ...about,
    conditions: Object.fromEntries([...measured].map(([name, series]) => [name, typicalOf(series)])),
    starts: Object.fromEntries(starts),
    peakMib: peaksOf(measured),
    fields,
  };
}

function typicalOf(series: Series): RunRecord['conditions'][ConditionName] {
  return Object.fromEntries(
    [...series].map(([work, ofWork]) => {
      const to = (windows: readonly Window[], other: ServerName): number =>
        median(
          windows.map(({ perSecond }, round) => perSecond / (ofWork.get(other)?.[round]?.perSecond ?? Number.NaN)),
        );
      const servers = [...ofWork].map(([server, windows]): [ServerName, Typical] => {
        const middle = (key: keyof Window): number => median(windows.map((window) => window[key]));
        const typical = {
          perSecond: middle('perSecond'),
          cpuUs: middle('cpuUs'),
          busy: middle('busy'),
          callsPerAnswer: middle('callsPerAnswer'),
          p50Ms: middle('p50Ms'),
          p99Ms: middle('p99Ms'),
          ofBaseline: to(windows, BASELINE),
          ofStrongest: to(windows, STRONGEST),
        };
        return [server, typical];
      });
      return [work, Object.fromEntries(servers)];
    }),
  );
}

function peaksOf(measured: Measured): RunRecord['peakMib'] {
  const peaks: Partial<Record<ServerName, number>> = {};
  for (const series of measured.values()) {
    for (const ofWork of series.values()) {
      for (const [server, windows] of ofWork) {
        peaks[server] = Math.max(peaks[server] ?? 0, ...windows.map(({ residentMib }) => residentMib));
      }
    }
  }
  return peaks;
}

/** Adds a run to those kept. */
export function saveRecord(record: RunRecord): void {
  mkdirSync(FOLDER, { recursive: true });
  const name = `${PREFIX}${record.at.slice(0, 19).replaceAll(':', '')}.json`;
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  writeFileSync(path.join(FOLDER, name), `${JSON.stringify(record, rounded, 1)}\n`);
}

/** All runs kept, the oldest first. */
export function readRecords(): RunRecord[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith(PREFIX))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')) as RunRecord)
    .filter(({ format }) => format === FORMAT);
}
