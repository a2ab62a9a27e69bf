import { median } from '../lib/statistics.ts';
import type { Window } from './measure.ts';
import type { Measured, Series } from './rounds.ts';
import type { ServerName } from './servers.ts';
import { WORKS, type WorkName } from './works.ts';

const windowsOf = (series: Series, work: WorkName, server: ServerName): readonly Window[] =>
  series.get(work)?.get(server) ?? [];

/** Median over the rounds; undefined where the server did not do this work. */
export function typical(series: Series, work: WorkName, server: ServerName, key: keyof Window): number | undefined {
  const windows = windowsOf(series, work, server);
  return windows.length === 0 ? undefined : median(windows.map((window) => window[key]));
}

/** Median of the ratios to another server in the same round: what the machine did meanwhile happened to both. */
export function ratio(
  series: Series,
  work: WorkName,
  server: ServerName,
  to: ServerName,
  key: keyof Window,
): number | undefined {
  const others = windowsOf(series, work, to);
  const ratios = windowsOf(series, work, server).flatMap((window, round) => {
    const other = others[round];
    return other === undefined || other[key] === 0 ? [] : [window[key] / other[key]];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

/** The most memory seen at the end of any window without latency, in MiB. */
export function peakMemory({ throughput }: Measured, server: ServerName): number | undefined {
  const seen = WORKS.flatMap(({ name }) => windowsOf(throughput, name, server).map(({ residentMib }) => residentMib));
  return seen.length === 0 ? undefined : Math.max(...seen);
}
