import { figure, table } from '../lib/markdown.ts';
import { leastSquares } from '../lib/statistics.ts';
import type { Measured, WatcherRun } from '../watcher/report.ts';
import type { Point } from './measure.ts';
import { figuresOf, type ReplicasRun } from './report.ts';

/** What a call takes a worker of a real Waldur, in ms: any call, and each row of it (contract 3.6). */
const CALL_MS = 20;
const ROW_MS = 0.3;
const PAGE = 300;
/** While the watcher works, each caller reads the whole scope once in so many minutes. */
const RELIST_MINUTES = 5;
/** The watcher polls so often, in calls of one page a minute. */
const WATCHER_POLLS = 35;
const MIB = 1_048_576;
/** What one more subscriber of a change takes a replica: 5,000 take 60 ms (bench/live/RESULTS.md). */
const EVENT_MS = 0.012;

/** What the formulas of docs/scaling.md need, as measured. */
export interface Model {
  /** Calls to Waldur a minute for each caller: of 500 objects and of 5,000. */
  readonly callsSmall: number;
  readonly callsLarge: number;
  /** Redis commands a second at rest, for each caller. */
  readonly commandsOfCaller: number;
  /** Redis commands for each change that a caller sees. */
  readonly commandsOfChange: number;
  /** Bytes that Redis sends a second at rest, for each caller, and for each caller on each replica. */
  readonly bytesOfCaller: number;
  readonly bytesOfFollower: number;
  /** Bytes that Redis sends for each change that a caller sees, on each replica. */
  readonly bytesOfChange: number;
  /** CPU time of Redis for each command, in ms. */
  readonly redisMsOfCommand: number;
  /** Bytes in Redis for each caller, and for each of the caller's objects. */
  readonly storedOfCaller: number;
  readonly storedOfObject: number;
  /** Heap of a replica in MiB, of nothing, and bytes for each object of each caller, and each subscription. */
  readonly heapMib: number;
  readonly heapOfObject: number;
  readonly heapOfSubscription: number;
  /** CPU time of a replica in ms: for each row that it reads, for each second of a caller that it shares, for each change that one sees. */
  readonly msOfRow: number;
  readonly msOfSharing: number;
  readonly msOfChange: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Fits the model to a run. */
export function modelOf({ points }: ReplicasRun): Model {
  const callsOf = (objects: number): number =>
    mean(
      points
        .filter(({ setting }) => setting.snapshots === objects)
        .map(({ setting, quiet }) => quiet.callsPerMinute / setting.callers),
    );
  const quiet = <T>(of: (point: Point) => T): T[] => points.map(of);
  const [commandsOfCaller = 0] = leastSquares(
    quiet(({ setting }) => [setting.callers]),
    quiet((point) => point.quiet.redis.commands),
  );
  const [bytesOfCaller = 0, bytesOfFollower = 0] = leastSquares(
    quiet(({ setting }) => [setting.callers, setting.callers * setting.replicas]),
    quiet((point) => point.quiet.redis.bytesOut),
  );
  const [storedOfCaller = 0, storedOfObject = 0] = leastSquares(
    quiet(({ setting }) => [setting.callers, setting.callers * setting.snapshots]),
    quiet((point) => point.quiet.redisBytes),
  );
  const [heapMib = 0, heapOfObject = 0, heapOfSubscription = 0] = leastSquares(
    quiet(({ setting }) => [1, (setting.callers * setting.snapshots) / MIB, (setting.callers * setting.each) / MIB]),
    quiet((point) => point.quiet.leaderHeapMib),
  );
  const written = points.flatMap(({ setting, quiet, writes }) =>
    writes === undefined ? [] : [{ setting, quiet, writes }],
  );
  const changes = (each: (typeof written)[number]): number => each.writes.count * each.setting.callers;
  const redis = points.flatMap(({ quiet, writes }) => [quiet.redis, ...(writes === undefined ? [] : [writes.redis])]);
  // An idle Redis uses some CPU, too.
  const [, redisMsOfCommand = 0] = leastSquares(
    redis.map(({ commands }) => [1, commands]),
    redis.map(({ cpuMs }) => cpuMs),
  );
  // What polls cost meanwhile is the same with any number of replicas.
  const [, msOfChange = 0] = leastSquares(
    written.map(({ setting, writes }) => [1, writes.events / writes.seconds / setting.each]),
    written.map(
      ({ setting, quiet, writes }) =>
        writes.gatewaysMs - quiet.leaderMs - (setting.replicas - 1) * (quiet.followerMs ?? 0),
    ),
  );
  const rowsPerSecond = ({ setting, quiet }: Point): number =>
    ((quiet.callsPerMinute / 60) * setting.snapshots) / Math.ceil(setting.snapshots / PAGE);
  const followed = points.filter(({ quiet }) => quiet.followerMs !== null);
  const msOfSharing = mean(followed.map(({ setting, quiet }) => (quiet.followerMs ?? 0) / setting.callers));
  return {
    callsSmall: callsOf(500),
    callsLarge: callsOf(5_000),
    commandsOfCaller,
    commandsOfChange: mean(
      written.map(
        (each) => ((each.writes.redis.commands - each.quiet.redis.commands) * each.writes.seconds) / changes(each),
      ),
    ),
    bytesOfCaller,
    bytesOfFollower,
    bytesOfChange: mean(
      written.map(
        (each) =>
          ((each.writes.redis.bytesOut - each.quiet.redis.bytesOut) * each.writes.seconds) /
          changes(each) /
          each.setting.replicas,
      ),
    ),
    redisMsOfCommand,
    storedOfCaller,
    storedOfObject,
    heapMib,
    heapOfObject,
    heapOfSubscription,
    msOfRow:
      (sum(quiet((point) => point.quiet.leaderMs)) - sum(quiet(({ setting }) => setting.callers * msOfSharing))) /
      sum(points.map(rowsPerSecond)),
    msOfSharing,
    msOfChange,
  };
}

interface Scenario {
  readonly callers: number;
  readonly objects: number;
  readonly subscribers: number;
  readonly replicas: number;
  /** Changes a minute, and how many callers see each. */
  readonly changes: number;
  readonly audience: number;
  /** Whether all subscribers of a caller are on the same replica; otherwise they choose one at random. */
  readonly isDivided?: boolean;
}

/** What a scenario needs. */
function needs(model: Model, scenario: Scenario) {
  const { callers, objects, subscribers, replicas, changes, audience, isDivided = false } = scenario;
  const pages = Math.ceil(objects / PAGE);
  const relistMs = pages * CALL_MS + objects * ROW_MS;
  const seen = (changes * audience) / 60;
  const events = seen * (subscribers / callers);
  const each = subscribers / callers;
  /** Callers with a subscriber on a replica. */
  const present = isDivided ? callers / replicas : callers * (1 - (1 - 1 / replicas) ** each);
  const polled = callers * model.callsSmall;
  const hinted = changes * audience + callers * (pages / RELIST_MINUTES) + WATCHER_POLLS * pages;
  const commands = callers * model.commandsOfCaller + seen * model.commandsOfChange;
  const rowMs = (workers: number): number => (workers * 1_000 * model.msOfRow) / (relistMs / objects);
  const pollWorkers = (polled / pages / 60_000) * relistMs;
  const lookWorkers = (changes * audience * (CALL_MS + ROW_MS)) / 60_000;
  const hintWorkers =
    lookWorkers + (callers * relistMs) / (RELIST_MINUTES * 60_000) + (WATCHER_POLLS * relistMs) / 60_000;
  return {
    polled,
    hinted,
    pollWorkers,
    hintWorkers,
    commands,
    redisCore: (commands * model.redisMsOfCommand) / 1_000,
    redisOut:
      (callers * model.bytesOfCaller +
        present * replicas * model.bytesOfFollower +
        seen * replicas * model.bytesOfChange) /
      MIB,
    redisMib: (callers * (model.storedOfCaller + objects * model.storedOfObject)) / MIB,
    heapMib:
      model.heapMib +
      (present * objects * model.heapOfObject + (subscribers / replicas) * model.heapOfSubscription) / MIB,
    core:
      (rowMs(hintWorkers - lookWorkers) / replicas +
        present * model.msOfSharing +
        seen * (present / callers) * model.msOfChange +
        (events * EVENT_MS) / replicas) /
      1_000,
  };
}

const SCENARIOS: readonly Scenario[] = [
  { callers: 20, objects: 500, subscribers: 200, replicas: 3, changes: 20, audience: 20 },
  { callers: 200, objects: 500, subscribers: 2_000, replicas: 3, changes: 20, audience: 200 },
  { callers: 2_000, objects: 500, subscribers: 20_000, replicas: 5, changes: 200, audience: 20 },
  { callers: 10_000, objects: 500, subscribers: 100_000, replicas: 10, changes: 1_000, audience: 20 },
  { callers: 10_000, objects: 500, subscribers: 100_000, replicas: 40, changes: 1_000, audience: 20 },
  { callers: 10_000, objects: 500, subscribers: 100_000, replicas: 10, changes: 1_000, audience: 20, isDivided: true },
];

/** The tables of docs/scaling.md. */
export function scalingTables(run: ReplicasRun): string {
  const model = modelOf(run);
  const coefficients: readonly (readonly [string, string, string])[] = [
    ['`c`', 'calls to Waldur a minute for a caller with 500 objects', figure(model.callsSmall)],
    ['', 'the same with 5,000 objects', figure(model.callsLarge)],
    ['`k`', 'Redis commands a second for a caller', figure(model.commandsOfCaller)],
    ['`kD`', 'Redis commands for a change that a caller sees', figure(model.commandsOfChange)],
    ['`b`', 'bytes a second from Redis for a caller', figure(model.bytesOfCaller)],
    ['`bR`', 'bytes a second from Redis for a caller on a replica', figure(model.bytesOfFollower)],
    ['`bD`', 'bytes from Redis for a change that a caller sees, on a replica', figure(model.bytesOfChange)],
    ['`u`', 'CPU time of Redis for a command', figure(model.redisMsOfCommand * 1_000, ' µs')],
    ['`s`', 'bytes in Redis for a caller', figure(model.storedOfCaller)],
    ['`sO`', 'bytes in Redis for an object of a caller', figure(model.storedOfObject)],
    ['`m0`', 'heap of a replica without callers', figure(model.heapMib, ' MiB')],
    ['`mO`', 'bytes of heap for an object of a caller', figure(model.heapOfObject)],
    ['`mS`', 'bytes of heap for a subscription', figure(model.heapOfSubscription)],
    ['`r`', 'CPU time of a replica for a row that it reads', figure(model.msOfRow * 1_000, ' µs')],
    ['`f`', 'CPU time a second of a replica for a caller that it shares', figure(model.msOfSharing * 1_000, ' µs')],
    ['`e`', 'CPU time of a replica for a change that a caller on it sees', figure(model.msOfChange * 1_000, ' µs')],
  ];
  const scenarios = SCENARIOS.map((scenario) => {
    const need = needs(model, scenario);
    const { callers, subscribers, replicas, changes, audience, isDivided } = scenario;
    return [
      `${[callers, subscribers, replicas].map((each) => each.toLocaleString('en')).join(' / ')}${isDivided ? ', divided by caller' : ''}`,
      `${changes.toLocaleString('en')} x ${audience}`,
      `${figure(need.polled)} (${figure(need.pollWorkers)})`,
      `${figure(need.hinted)} (${figure(need.hintWorkers)})`,
      figure(need.commands),
      figure(need.redisCore * 100, ' %'),
      figure(need.redisOut),
      figure(need.redisMib),
      figure(need.heapMib),
      figure(need.core * 100, ' %'),
    ];
  });
  return [
    table(
      ['Name', 'Of', 'Fitted'],
      coefficients.map(([name, of, value]) => [name, of, value]),
    ),
    '### Carried to more',
    'Every caller sees 500 objects. Workers of Waldur in brackets. CPU in per cent of one core.',
    table(
      [
        'Callers / subscribers / replicas',
        'changes a minute x callers who see each',
        'calls a minute without the watcher',
        'calls a minute with it',
        'Redis commands a second',
        'CPU of Redis',
        'MiB a second from Redis',
        'MiB in Redis',
        'heap of a replica, MiB',
        'CPU of a replica',
      ],
      scenarios,
    ),
  ].join('\n\n');
}

/** The sentences of README.md. */
export function headline(replicas: ReplicasRun, watcher: WatcherRun): string {
  const goals = figuresOf(replicas);
  const find = (part: string): string => goals.findLast(({ what }) => what.includes(part))?.figure ?? '-';
  const most = Math.max(...replicas.points.map(({ setting }) => setting.replicas));
  const { callers, snapshots, teams } = watcher;
  const cost = ({ with: watched, without }: Measured): string =>
    figure(watched.busyMsPerSecond / without.busyMsPerSecond);
  const s = (ms: number): string => figure(ms / 1_000, ' s');
  return `[Several replicas](docs/scaling.md) share subscriptions by Redis: ${most} replicas and one send Waldur calls in the ratio
${find('relative to one replica')} to 1, a mutation on one is reported on the others within ${find('own mutation, reported')} (95th percentile), and another takes over ${find('another polls')} after the
one that polls was killed (on a machine with a load of ${figure(replicas.load[0])} on its two cores). With a token that sees everything, subscriptions take
${cost(teams)} of the time of Waldur that they take without it, and changes are reported within ${s(teams.with.delayMs.p95)} instead of ${s(teams.without.delayMs.p95)}: ${callers} callers in
${teams.teams} teams, ${snapshots} snapshots a team, 95th percentiles. Where all callers watch the same ${snapshots}: ${cost(watcher)} of the time, ${s(watcher.with.delayMs.p95)} instead of ${s(watcher.without.delayMs.p95)}.`;
}
