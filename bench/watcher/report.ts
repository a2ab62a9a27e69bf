import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { figure, table } from '../lib/markdown.ts';
import { atMost, type Figure } from '../live/figures.ts';
import type { RunHead } from '../replicas/record.ts';
import type { Phase } from './phase.ts';
import type { VirtualPhase } from './virtual.ts';

/** A call about one object (contract 3.6). */
const LOOK_MS = 20.3;

/** The same callers three times, in real processes. */
export interface Measured {
  /** Without any subscription. */
  readonly queryMs: { readonly median: number; readonly p95: number };
  readonly without: Phase;
  readonly with: Phase;
}

/** What was measured while all watch the same snapshots, and in teams. */
export interface WatcherRun extends RunHead, Measured {
  readonly callers: number;
  /** That a caller watches. */
  readonly snapshots: number;
  readonly workers: number;
  readonly changesPerMinute: number;
  /** Each team watches snapshots of its own. */
  readonly teams: Measured & { readonly teams: number };
  /** All watch the same. The engine alone, in virtual time. */
  readonly virtual: { readonly alone: VirtualPhase; readonly without: VirtualPhase; readonly with: VirtualPhase };
}

interface Compared {
  readonly busyMsPerSecond: number;
  readonly delayMs: { readonly p95: number };
  readonly queryMs: { readonly p95: number };
}

const goalsOf = (where: string, watched: Compared, without: Compared, aloneMs: number): Figure[] => [
  atMost(
    `${where}: upstream time, relative to that without \`WATCH_TOKEN\``,
    watched.busyMsPerSecond / without.busyMsPerSecond,
    1 / 3,
  ),
  atMost(`${where}: a change, reported to a caller, 95th percentile`, watched.delayMs.p95 / 1_000, 3, ' s'),
  atMost(
    `${where}: queries, 95th percentile, relative to that without subscriptions`,
    watched.queryMs.p95 / aloneMs,
    2,
  ),
];

/** The goals, and what was reached. */
export const figuresOf = ({ queryMs, without, with: watched, teams, virtual }: WatcherRun): Figure[] => [
  ...goalsOf('teams', teams.with, teams.without, teams.queryMs.p95),
  ...goalsOf('all watch the same', watched, without, queryMs.p95),
  ...goalsOf('all watch the same, in virtual time', virtual.with, virtual.without, virtual.alone.queryMs.p95),
];

const s = (ms: number): string => figure(ms / 1_000);
const HEAD = ['What', 'with `WATCH_TOKEN`', 'without', 'no subscriptions'];

function tableOf({ queryMs, without, with: watched }: Measured): string {
  const row = (what: string, of: (phase: Phase) => string, alone = '-'): string[] => [
    what,
    of(watched),
    of(without),
    alone,
  ];
  return table(HEAD, [
    row('upstream time, workers of Waldur that are busy', ({ busyMsPerSecond }) => figure(busyMsPerSecond / 1_000)),
    row('calls to Waldur a minute', ({ callsPerMinute }) => figure(callsPerMinute)),
    row('a change, reported to a caller, median, s', ({ delayMs }) => s(delayMs.median)),
    row('the same, 95th percentile, s', ({ delayMs }) => s(delayMs.p95)),
    row(
      'events that did not arrive within 30 s',
      ({ missing, expected }) => `${missing} of ${expected.toLocaleString('en')}`,
    ),
    row('queries, median, ms', (phase) => figure(phase.queryMs.median), figure(queryMs.median)),
    row('queries, 95th percentile, ms', (phase) => figure(phase.queryMs.p95), figure(queryMs.p95)),
    row('CPU of the gateway, of one core', ({ gatewayMsPerSecond }) => figure(gatewayMsPerSecond / 10, ' %')),
    row('resident memory of the gateway, MiB', ({ gatewayMib }) => figure(gatewayMib)),
    row('left alone before, s', ({ settledMs }) => s(settledMs)),
  ]);
}

/** The figures as Markdown. */
export function reportOf(run: WatcherRun): string {
  const goals = figuresOf(run).map((each) => [
    each.what,
    each.figure,
    each.target.replace(String(1 / 3), '1/3'),
    each.reached ? 'yes' : '**no**',
  ]);
  const { teams, virtual } = run;
  const inVirtual = (what: string, of: (phase: VirtualPhase) => string, alone = '-'): string[] => [
    what,
    of(virtual.with),
    of(virtual.without),
    alone,
  ];
  const virtualRows = [
    inVirtual('upstream time, workers of Waldur that are busy', (phase) => figure(phase.busyMsPerSecond / 1_000)),
    inVirtual('calls to Waldur a minute', ({ callsPerMinute }) => figure(callsPerMinute)),
    inVirtual('a change, reported to a caller, median, s', ({ delayMs }) => s(delayMs.median)),
    inVirtual('the same, 95th percentile, s', ({ delayMs }) => s(delayMs.p95)),
    inVirtual('queries, 95th percentile, ms', (phase) => figure(phase.queryMs.p95), figure(virtual.alone.queryMs.p95)),
    inVirtual('streams that were `STALE`', ({ stale }) => String(stale)),
  ];
  const looks = (run.changesPerMinute * run.callers * LOOK_MS) / 60_000;
  return [
    '## Goals',
    table(['What', 'figure', 'goal', 'reached'], goals),
    `Where all watch the same, every caller reads each change with its own credentials, which takes Waldur ${LOOK_MS} ms: ${run.changesPerMinute} changes a minute for ${run.callers} callers keep
${figure(looks)} workers busy, whatever else happens. Without the watcher at most ${run.workers} workers can be busy, and the gateway keeps below that: it reports changes late and
sends \`STALE\` instead of overloading Waldur. So the ratio of the two times says little where Waldur is saturated; the delays do.`,
    '## Teams',
    `${teams.teams} teams of ${run.callers / teams.teams} callers, each with ${run.snapshots} snapshots of its own. A change is one of any of them.`,
    tableOf(teams),
    '## All watch the same',
    tableOf(run),
    '## All watch the same, in virtual time',
    'The engine alone over a model of the same Waldur, which no other process on the machine can disturb.',
    table(HEAD, virtualRows),
  ].join('\n\n');
}

/** Writes the report beside this file. */
export function writeReport(run: WatcherRun): void {
  const { callers, snapshots, workers, changesPerMinute, machine, load } = run;
  const how = `The embedded Waldur takes as long as a real one (\`--cost real --workers ${workers}\`). ${callers} callers watch ${snapshots}
snapshots each, with a token and a WebSocket of their own: once in teams that see different ones, and once all the same. Others change a snapshot ${changesPerMinute} times a minute, at random times: every action has two
steps, to \`UPDATING\` with a new name, and back to \`OK\`. Meanwhile callers send queries for 20 snapshots, 4 a second. Each measurement has a gateway of
its own, is left alone until hints replace the polls of all callers (without \`WATCH_TOKEN\`: for 15 s), and is then measured for a minute. Upstream time is \`busyMs\` of \`/__sim/stats\`. The
gateway caches nothing.`;
  const head = [
    '# Watcher',
    `Written by \`npm run bench -- watcher\` on ${machine} The load of the machine was ${load.map((each) => figure(each)).join(' before and ')} after it.`,
    how,
  ].join('\n\n');
  writeFileSync(path.join(import.meta.dirname, 'RESULTS.md'), `${head}\n\n${reportOf(run)}\n`);
}
