import path from 'node:path';
import { describeMachine, versionsIn } from '../lib/machine.ts';
import { figure, table } from '../lib/markdown.ts';
import type { Window } from './measure.ts';
import { BASELINE, type Options } from './options.ts';
import { LATENCY_MS, type Measured, type Series } from './rounds.ts';
import type { Server, ServerName } from './servers.ts';
import type { StartUp } from './startup.ts';
import { peakMemory, ratio, typical } from './summary.ts';
import { isReached, type Target, targetsOf } from './targets.ts';
import { WORKS } from './works.ts';

export interface Findings {
  readonly measured: Measured;
  readonly starts: ReadonlyMap<ServerName, StartUp>;
}

/** The whole report, in Markdown. */
export function writeReport({ measured, starts }: Findings, options: Options, day: string): string {
  const { servers } = options;
  const { throughput, latencyBusy, latencyPaced } = measured;
  const titleOf = (name: ServerName): string => servers.find((server) => server.name === name)?.title ?? name;
  return [
    '# Results',
    'Written by `npm run bench`, which measures this gateway and its peers in the same run. Ratios hold from machine to machine, times do not.',
    `${day}. ${describeMachine()}`,
    '![Requests a second relative to a pass-through](chart.svg)',
    '## Requests a second, relative to the pass-through',
    'Median of the ratios in each round; more is better. In brackets requests/s.',
    perWork(servers, (server, work) => {
      const part = ratio(throughput, work, server, BASELINE, 'perSecond');
      return part === undefined ? '-' : `${figure(part)} (${figure(typical(throughput, work, server, 'perSecond'))})`;
    }),
    '## CPU time a request, in microseconds',
    'Of the server process, garbage collection and JIT threads included. In brackets the pass-through in relation to it. Where the server ' +
      'is the limit these ratios are those of the table above; this one also holds when something else on the machine was.',
    perWork(servers, (server, work) => {
      const cpu = typical(throughput, work, server, 'cpuUs');
      const part = ratio(throughput, work, BASELINE, server, 'cpuUs');
      return cpu === undefined ? '-' : `${figure(cpu)} (${figure(part)})`;
    }),
    '## Upstream calls a request',
    perWork(servers, cell(throughput, 'callsPerAnswer')),
    '## Memory and start',
    'Resident memory: the most at the end of any window of load, and after the first answer. Start: from the spawn of the process to ' +
      `the first right answer, median of ${options.starts}.`,
    table(
      ['Server', 'under load, MiB', 'after start, MiB', 'first answer, ms'],
      servers.map(({ name, title }) => [
        title,
        figure(peakMemory(measured, name)),
        figure(starts.get(name)?.residentMib),
        figure(starts.get(name)?.firstAnswerMs),
      ]),
    ),
    `## Latency with an upstream that takes ${LATENCY_MS} ms`,
    `p50 / p99 in ms, ${options.connections} connections, each asking again at once: who uses up its core waits for that too.`,
    perWork(servers, latencyCell(latencyBusy)),
    `The same connections at 100 requests/s in all:`,
    perWork(servers, latencyCell(latencyPaced)),
    '## Figures to reach',
    targetTable(targetsOf(measured, titleOf)),
    '## How it was measured',
    howItWasMeasured(options),
    '## Share of a core that the server used',
    'Where it is well below 1, load, upstream or other programs were the limit and the ratio of CPU times is the better measure.',
    perWork(servers, cell(throughput, 'busy')),
    '## Versions',
    versions(),
    '',
  ].join('\n\n');
}

type Cell = (server: ServerName, work: (typeof WORKS)[number]['name']) => string;

const cell =
  (series: Series, key: keyof Window): Cell =>
  (server, work) =>
    figure(typical(series, work, server, key));

const latencyCell =
  (series: Series): Cell =>
  (server, work) => {
    const p50 = typical(series, work, server, 'p50Ms');
    return p50 === undefined ? '-' : `${figure(p50)} / ${figure(typical(series, work, server, 'p99Ms'))}`;
  };

const perWork = (servers: readonly Server[], write: Cell): string =>
  table(
    ['Server', ...WORKS.map(({ title }) => title)],
    servers.map(({ name, title }) => [title, ...WORKS.map((work) => write(name, work.name))]),
  );

const mark = (target: Target): string => {
  const reached = isReached(target);
  if (reached === undefined) return 'not measured';
  return reached ? 'yes' : '**no**';
};

function targetTable(targets: readonly Target[]): string {
  return table(
    ['What', 'to reach', 'measured', 'reached'],
    targets.map((target) => [
      target.what,
      `${target.isLeast ? '>=' : '<='} ${target.bound}${target.unit === 'calls' ? '' : ' x'}`,
      figure(target.measured, target.unit === 'calls' ? '' : ' x'),
      mark(target),
    ]),
  );
}

const howItWasMeasured = ({ rounds, seconds, connections }: Options): string =>
  [
    `- ${rounds} rounds; in each one every server had ${seconds} s of every work, in rotated order, after each had been verified (the whole answer compared with what the world holds) and warmed up. Medians.`,
    `- ${connections} connections, each with the token of another user, so that nothing is shared between them. Servers that answer less than 100 requests/s get 8. No cache, except where it says so: \`CACHE_TTL_MS=0\`.`,
    '- The upstream is a stand-in on bare sockets with answers made beforehand: 100 snapshots of 20 volumes, each restored once or twice. It honours `field`, pages and the filters that name a parent.',
    '- The pass-through is `node:http` and an undici `Pool` that relay the REST answer of the same work byte by byte, with the `field` list that the work needs; "whole rows" is the same without one. For the list with volumes it relays the list alone.',
    '- Peers have the schema that a competent team writes, in our names, and answer the same documents. They read whole rows, as their guides do; "field lists" is the same server with hand-written ones. Joins go through DataLoader as parallel GETs, for Waldur has no fetch by many uuids.',
    '- Hive Gateway serves `openapi/waldur.yaml`, less its error answers, so that its types are plain; it is asked for the same data in the names of REST. The join of a snapshot with its volume is the one resolver written by hand.',
  ].join('\n');

function versions(): string {
  const own = versionsIn(path.join(import.meta.dirname, '../../package.json'));
  const peers = versionsIn(path.join(import.meta.dirname, '../package.json'));
  const all = Object.entries({ ...own, ...peers }).sort(([a], [b]) => a.localeCompare(b));
  return all.map(([name, version]) => `\`${name}\` ${version}`).join(', ');
}
