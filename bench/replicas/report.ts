import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { figure, table } from '../lib/markdown.ts';
import { atMost, type Figure } from '../live/figures.ts';
import type { Point } from './measure.ts';
import type { RunHead } from './record.ts';

export interface ReplicasRun extends RunHead {
  readonly points: readonly Point[];
}

/** Calls of several replicas may differ from those of one by this part. */
const SAME = 0.1;

const nameOf = ({ setting }: Point): string => `${setting.replicas} replica${setting.replicas === 1 ? '' : 's'}`;

/** Points that differ from the first one in the number of replicas only. */
function comparable({ points }: ReplicasRun): Point[] {
  const [first] = points;
  if (first === undefined) return [];
  const same = (['callers', 'each', 'snapshots'] as const).map((key) => [key, first.setting[key]] as const);
  return points.filter(({ setting }) => same.every(([key, value]) => setting[key] === value));
}

/** The goals, and what was reached. */
export function figuresOf(run: ReplicasRun): Figure[] {
  const points = comparable(run);
  const one = points.find(({ setting }) => setting.replicas === 1)?.quiet.callsPerMinute ?? Number.NaN;
  return points.flatMap((point) => {
    const { quiet, writes, takeover } = point;
    const name = nameOf(point);
    const figures: Figure[] = [];
    if (point.setting.replicas > 1) {
      const ratio = quiet.callsPerMinute / one;
      figures.push({
        what: `${name}: calls to Waldur, relative to one replica`,
        figure: figure(ratio),
        target: `${1 - SAME} to ${1 + SAME}`,
        reached: Math.abs(ratio - 1) <= SAME,
      });
    }
    if (writes !== undefined) {
      const where = point.setting.replicas > 1 ? 'on the other replicas' : 'on the same replica';
      figures.push(
        atMost(`${name}: own mutation, reported ${where}, 95th percentile`, writes.p95 / 1_000, 1, ' s'),
        atMost(`${name}: events of own mutations that did not arrive`, writes.missing, 0),
      );
    }
    if (takeover !== undefined) {
      figures.push(
        atMost(`${name}: leader killed, another polls for every caller after`, takeover.ledAgainMs / 1_000, 10, ' s'),
        atMost(
          `${name}: a change right after the kill, reported to every subscriber after`,
          takeover.toldMs / 1_000,
          20,
          ' s',
        ),
      );
    }
    return figures;
  });
}

const KIB = 1_024;

/** The figures as Markdown. */
export function reportOf(run: ReplicasRun): string {
  const goals = figuresOf(run).map((each) => [each.what, each.figure, each.target, each.reached ? 'yes' : '**no**']);
  const costs = run.points.map(({ setting, quiet }) => [
    `${setting.replicas} / ${setting.callers} / ${setting.each} / ${setting.snapshots.toLocaleString('en')}`,
    figure(quiet.callsPerMinute),
    figure(quiet.redis.commands),
    `${figure(quiet.redis.bytesIn / KIB)} / ${figure(quiet.redis.bytesOut / KIB)}`,
    figure(quiet.redis.cpuMs / 10, ' %'),
    figure(quiet.redisBytes / KIB / KIB),
    `${figure(quiet.leaderMs / 10, ' %')} / ${figure(quiet.followerMs === null ? undefined : quiet.followerMs / 10, ' %')}`,
    `${figure(quiet.leaderHeapMib)} / ${figure(quiet.followerHeapMib ?? undefined)}`,
    figure(quiet.residentMib),
  ]);
  const writes = run.points.flatMap((point) => {
    const { writes } = point;
    if (writes === undefined) return [];
    return [
      [
        nameOf(point),
        figure(writes.count / writes.seconds),
        `${figure(writes.p50)} / ${figure(writes.p95)}`,
        figure(writes.events / writes.seconds),
        figure(writes.redis.commands),
        `${figure(writes.redis.bytesIn / KIB)} / ${figure(writes.redis.bytesOut / KIB)}`,
        figure(writes.redis.cpuMs / 10, ' %'),
        figure(writes.gatewaysMs / 10, ' %'),
      ],
    ];
  });
  return [
    '## Goals',
    table(['What', 'figure', 'goal', 'reached'], goals),
    '## At rest',
    'Nothing changes. CPU in per cent of one core; the heap after a garbage collection.',
    table(
      [
        'Replicas / callers / subscriptions of each on each replica / snapshots',
        'calls to Waldur a minute',
        'Redis commands a second',
        'KiB a second, to / from Redis',
        'CPU of Redis',
        'MiB in Redis',
        'CPU of the leader / a follower',
        'heap MiB, leader / follower',
        'resident MiB, at most',
      ],
      costs,
    ),
    '## While one caller writes',
    'Each write becomes an event for every caller. Durations are those of the goal, median and 95th percentile.',
    table(
      [
        'Replicas',
        'writes a second',
        'ms',
        'events a second',
        'Redis commands a second',
        'KiB a second, to / from Redis',
        'CPU of Redis',
        'CPU of all gateways',
      ],
      writes,
    ),
  ].join('\n\n');
}

const HOW = `Each setting has gateways, an embedded Waldur and a Redis of its own, in processes of their own. Every caller has a WebSocket to every
replica. The first replica gets its subscribers first, one caller after another, so it polls for all callers. At rest, the counters of Waldur
(\`/__sim/stats\`), of Redis (\`INFO\`; commands in scripts count) and of the processes are read before and after 43 s, which are four polls (22 s in settings that only
serve the capacity model). Then one caller renames 30 snapshots, by each replica in turn, and each subscriber of this caller on the other
replicas is waited for. Then the leader is killed with SIGKILL, and a snapshot is changed in Waldur at once. All gateways share one core.`;

/** Writes the report beside this file. */
export function writeReport(run: ReplicasRun): void {
  const head = [
    '# Replicas',
    `Written by \`npm run bench -- replicas\` on ${run.machine} The load of the machine was ${run.load.map((each) => figure(each)).join(' before and ')} after it.`,
    HOW,
  ].join('\n\n');
  writeFileSync(path.join(import.meta.dirname, 'RESULTS.md'), `${head}\n\n${reportOf(run)}\n`);
}
