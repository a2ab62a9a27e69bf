import path from 'node:path';
import { versionsIn } from '../lib/machine.ts';
import { figure, table } from '../lib/markdown.ts';
import { median } from '../lib/statistics.ts';
import { CONDITIONS, type ConditionName, LATENCY_MS } from './conditions.ts';
import { FLOORS, isHeld } from './floors.ts';
import { bothGenerators, describeRuns, range, reader, valuesOf } from './ranges.ts';
import type { RunRecord } from './record.ts';
import { SERVERS, type ServerName, STRONGEST, titleOf } from './servers.ts';
import { WORK_TITLES, type WorkName } from './works.ts';

const WORKS = Object.keys(WORK_TITLES) as WorkName[];
const SLOWEST = 12;
const ASCII_SERVERS = SERVERS.filter(({ name }) =>
  CONDITIONS.some((condition) => condition.name === 'ascii' && condition.servers?.includes(name)),
);

/** The whole report, in Markdown, of at least one run. */
export function writeReport(runs: readonly RunRecord[]): string {
  const newest = runs.at(-1);
  if (newest === undefined) throw new Error('there is no run to report');
  return [
    '# Results',
    'Written by `npm run bench`, which measures this gateway and its peers in the same run. Ratios hold from machine to machine, times do not.',
    'Other benchmarks have reports of their own: [subscriptions](live/RESULTS.md), [replicas](replicas/RESULTS.md), [the watcher](watcher/RESULTS.md).',
    describeRuns(runs),
    [...new Set(runs.map(({ at, machine }) => `- ${at.slice(0, 10)}: ${machine}`))].join('\n'),
    '![Requests a second relative to a pass-through](chart.svg)',
    '## Requests a second, relative to the pass-through',
    'More is better. Two load generators were used; where they differ by more than 15 %, both figures are there.',
    perWork((server, work) => bothGenerators(runs, work, server, 'ofBaseline')),
    `## This gateway, relative to ${titleOf(STRONGEST)}`,
    table(
      ['Server', ...titles()],
      [[titleOf('ours'), ...WORKS.map((work) => bothGenerators(runs, work, 'ours', 'ofStrongest'))]],
    ),
    '## This gateway in each condition',
    `Requests a second relative to the pass-through / to ${titleOf(STRONGEST)} in the same condition.`,
    conditionTable(runs),
    '## Rows in ASCII alone, relative to the pass-through',
    'Requests a second, and CPU time a request in microseconds, with the same rows in English.',
    table(
      ['Server', ...titles()],
      ASCII_SERVERS.map(({ name, title }) => [
        title,
        ...WORKS.map((work) => {
          const [ratio, us] = (['ofBaseline', 'cpuUs'] as const).map((key) =>
            range(valuesOf(runs, reader('ascii', work, name, key))),
          );
          return `${ratio}; ${us}`;
        }),
      ]),
    ),
    '## Requests a second',
    perWork((server, work) => range(valuesOf(runs, reader('plain', work, server, 'perSecond')))),
    '## CPU time a request, in microseconds',
    'Of the server process, garbage collection and JIT threads included. It also holds when something else on the machine was the limit.',
    perWork((server, work) => range(valuesOf(runs, reader('plain', work, server, 'cpuUs')))),
    '## Upstream calls a request',
    perWork((server, work) => range(valuesOf(runs, reader('plain', work, server, 'callsPerAnswer')))),
    '## Memory and start',
    'Resident memory: the most at the end of any window of load, and after the first answer. Start: from the spawn of the process to the first right answer.',
    memoryTable(runs),
    `## Latency with an upstream that takes ${LATENCY_MS} ms`,
    'p50 / p99 in ms, 50 connections, each asking again at once: who uses up its core waits for that too. Newest run.',
    perWork((server, work) => latencyOf(newest, work, server)),
    '## Fields',
    fieldsOf(newest),
    '## Floors',
    'Figures of this gateway that must hold. The last column is of the newest run.',
    floorTable(runs, newest),
    '## How it was measured',
    howItWasMeasured(newest),
    '## Share of a core that the server used',
    'Where it is well below 1, load, upstream or other programs were the limit and the ratio of CPU times is the better measure. Newest run.',
    perWork((server, work) => figure(reader('plain', work, server, 'busy')(newest))),
    '## Versions',
    versions(),
    '',
  ].join('\n\n');
}

const titles = (): string[] => WORKS.map((work) => WORK_TITLES[work]);

const perWork = (write: (server: ServerName, work: WorkName) => string): string =>
  table(
    ['Server', ...titles()],
    SERVERS.map(({ name, title }) => [title, ...WORKS.map((work) => write(name, work))]),
  );

const CONDITION_TITLES: Readonly<Record<ConditionName, string>> = {
  plain: 'fifty users',
  autocannon: 'fifty users, autocannon',
  'one-user': 'one user on fifty connections',
  ascii: 'fifty users, rows in ASCII alone',
  'keys-2024': 'fifty users, rows of a Waldur of 2024',
  slow: `fifty users, an upstream that takes ${LATENCY_MS} ms`,
};

const conditionTable = (runs: readonly RunRecord[]): string =>
  table(
    ['Condition', ...titles()],
    CONDITIONS.map(({ name }) => [
      CONDITION_TITLES[name],
      ...WORKS.map((work) => {
        const ofBaseline = range(valuesOf(runs, reader(name, work, 'ours', 'ofBaseline')));
        const ofStrongest = range(valuesOf(runs, reader(name, work, 'ours', 'ofStrongest')));
        return `${ofBaseline} / ${ofStrongest}`;
      }),
    ]),
  );

const memoryTable = (runs: readonly RunRecord[]): string =>
  table(
    ['Server', 'under load, MiB', 'after start, MiB', 'first answer, ms'],
    SERVERS.map(({ name, title }) => [
      title,
      range(valuesOf(runs, ({ peakMib }) => peakMib[name])),
      range(valuesOf(runs, ({ starts }) => starts[name]?.residentMib)),
      range(valuesOf(runs, ({ starts }) => starts[name]?.firstAnswerMs)),
    ]),
  );

function latencyOf(run: RunRecord, work: WorkName, server: ServerName): string {
  const typical = run.conditions.slow?.[work]?.[server];
  return typical === undefined ? '-' : `${figure(typical.p50Ms)} / ${figure(typical.p99Ms)}`;
}

function fieldsOf({ fields: { baseUs, fields } }: RunRecord): string {
  if (fields.length === 0) return 'Not measured in this run.';
  const slowest = fields.toSorted((a, b) => b.cpuUs - a.cpuUs);
  const middle = median(fields.map(({ cpuUs }) => cpuUs));
  return [
    `Each of the ${fields.length} fields below a list of snapshots was added alone to a list of 100 with \`uuid\`, which takes ${figure(baseUs)} us of CPU; the middle one of the lists takes ${figure(middle)} us. All are in \`bench/results\`. The slowest, in the newest run:`,
    table(
      ['Field', 'CPU time a request, us', 'upstream calls a request'],
      slowest
        .slice(0, SLOWEST)
        .map(({ name, cpuUs, callsPerAnswer }) => [`\`${name}\``, figure(cpuUs), figure(callsPerAnswer)]),
    ),
  ].join('\n\n');
}

const floorTable = (runs: readonly RunRecord[], newest: RunRecord): string =>
  table(
    ['What', 'floor', 'measured', 'holds'],
    FLOORS.map((floor) => {
      const held = isHeld(floor, newest);
      return [
        floor.what,
        `${floor.isLeast ? '>=' : '<='} ${floor.bound}${floor.unit}`,
        range(valuesOf(runs, floor.measure), floor.unit),
        held === undefined ? 'not measured' : held ? 'yes' : '**no**',
      ];
    }),
  );

const howItWasMeasured = ({ rounds, seconds }: RunRecord): string =>
  [
    `- ${rounds} rounds; in each one every server had ${seconds} s of every work, in rotated order, after each had been verified (whole answers compared with what the world holds) and warmed up. Medians of the rounds; ratios are made in each round. The other conditions had half as many rounds.`,
    '- 50 connections. Fifty users: each connection has the token of another user. One user: all have the same token, and the gateway sends at most `UPSTREAM_CALLER_CONCURRENCY` calls of a user at the same time (4, the default). Servers that answer less than 100 requests/s get 8 connections. No cache, except where it says so: `CACHE_TTL_MS=0`.',
    '- No two connections ask for the same rows: requests differ by uuid, filter or offset.',
    '- Load comes from our own generator on bare sockets, which costs little and so keeps fast servers busy, and from [autocannon](https://github.com/mcollina/autocannon), which others use. Load and upstream share a core; with autocannon they are sooner the limit.',
    '- The upstream is a stand-in on bare sockets with answers made beforehand: 5,000 snapshots of 500 volumes in 25 projects, each restored 0 to 3 times, with metadata, nulls, tracebacks and names in several scripts. It honours `field`, pages and the filters that name a parent. Rows have the keys of 2026, except where it says 2024. "Rows in ASCII alone" are the same rows with English names: one character outside Latin-1 makes V8 hold a whole answer in two bytes a character, which slows down `JSON.parse` and `JSON.stringify` in every server but the pass-through.',
    '- The pass-through is `node:http` and an undici `Pool` that relay the REST answer of the same work byte by byte, with the `field` list that the work needs. For the list with volumes it relays the list alone.',
    '- "Written by hand" is what a program without GraphQL needs at least: `node:http`, an undici `Pool`, `JSON.parse`, one function that makes the object of a row, `JSON.stringify`. It checks nothing. It is a bound for every gateway that reads JSON and writes JSON.',
    '- Peers are in the strongest form that we know. They have the schema that a competent team writes, in our names, and answer the same documents. They keep connections to the upstream open, ask for hand-written `field` lists, and turn rows into objects of the schema in one go, so that fields are read as properties and no resolver runs for them; values of leaves are checked, as ours are. Joins go through DataLoader as parallel GETs, for Waldur has no fetch by many uuids. "By its guide" is the same Mercurius with a resolver for each renamed field and whole rows.',
    '- Hive Gateway serves `openapi/waldur.yaml`, less its error answers, so that its types are plain; it is asked for the same data in the names of REST. The join of a snapshot with its volume is the one resolver written by hand.',
  ].join('\n');

function versions(): string {
  const own = versionsIn(path.join(import.meta.dirname, '../../package.json'));
  const peers = versionsIn(path.join(import.meta.dirname, '../package.json'));
  const all = Object.entries({ ...own, ...peers }).sort(([a], [b]) => a.localeCompare(b));
  return all.map(([name, version]) => `\`${name}\` ${version}`).join(', ');
}
