import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeMachine, versionsIn } from '../lib/machine.ts';
import { pinThisProcess, type Running, start } from '../lib/processes.ts';
import { drawChart } from './chart.ts';
import { CONDITIONS } from './conditions.ts';
import { measureFields } from './fields.ts';
import { FLOORS, isHeld } from './floors.ts';
import { Generators } from './generators.ts';
import type { Started, Surroundings } from './measure.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { withFigures } from './readme.ts';
import { type Findings, type RunRecord, readRecords, saveRecord, toRecord } from './record.ts';
import { writeReport } from './report.ts';
import { Rounds } from './rounds.ts';
import { measureStarts } from './startup.ts';
import { startUpstream, type Upstream } from './upstream-process.ts';
import { worksOf } from './works.ts';

const FOLDER = path.join(import.meta.dirname, '..');

/** The peers are no dependency of the gateway, so they are installed when they are needed. @throws when npm cannot. */
function installPeers(): void {
  const names = Object.keys(versionsIn(path.join(FOLDER, 'package.json')));
  if (names.every((name) => existsSync(path.join(FOLDER, 'node_modules', name)))) return;
  say('installing the peers (npm ci --prefix bench)');
  const { status } = spawnSync('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci --prefix bench failed');
}

const NO_FIELDS: Findings['fields'] = { baseUs: Number.NaN, fields: [] };
const began = performance.now();

function say(line: string): void {
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
}

/** Everything that a run measures. */
async function measureAll(options: Options): Promise<RunRecord> {
  installPeers();
  pinThisProcess();
  const at = new Date().toISOString();
  const upstream = await startUpstream();
  const surroundings: Surroundings = { upstream, generators: new Generators() };
  const running: Running[] = [];
  try {
    const starts = await measureStarts(options.servers, worksOf('2026'), upstream, options.starts);
    say('starts measured');
    const all: Started[] = [];
    for (const server of options.servers) {
      const process = await start(server.program(upstream.url));
      running.push(process);
      all.push({ server, running: process });
    }
    const measured = await new Rounds(all, surroundings, options, say).run();
    const fields = options.isWhole ? await fieldsOf(all, surroundings, upstream, options) : NO_FIELDS;
    const { seconds, rounds } = options;
    return toRecord({ measured, starts, fields }, { at, machine: describeMachine(), seconds, rounds });
  } finally {
    surroundings.generators.stop();
    await Promise.all(running.map((each) => each.stop()));
    await upstream.stop();
  }
}

async function fieldsOf(
  all: readonly Started[],
  surroundings: Surroundings,
  upstream: Upstream,
  { seconds }: Options,
): Promise<Findings['fields']> {
  const gateway = all.find(({ server }) => server.name === 'ours');
  const pages = worksOf('2026').find(({ name }) => name === 'hundred');
  const [plain] = CONDITIONS;
  if (gateway === undefined || pages === undefined || plain === undefined) return NO_FIELDS;
  await upstream.set(plain);
  const costs = await measureFields(gateway, pages, surroundings, seconds);
  say('fields measured');
  return costs;
}

/** Writes whatever shows figures, of all runs kept. */
function publish(): void {
  const runs = readRecords();
  const readme = path.join(FOLDER, '../README.md');
  writeFileSync(path.join(FOLDER, 'RESULTS.md'), writeReport(runs));
  writeFileSync(path.join(FOLDER, 'chart.svg'), drawChart(runs));
  writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), runs));
  say('written: bench/RESULTS.md, bench/chart.svg, the figures of README.md');
}

/** Prints each floor. @returns whether none of those measured was missed. */
function checkFloors(run: RunRecord): boolean {
  const verdicts = FLOORS.map((floor) => ({ ...floor, held: isHeld(floor, run), measured: floor.measure(run) }));
  for (const { held, measured, isLeast, bound, unit, what } of verdicts) {
    const verdict = held === undefined ? '?' : held ? 'holds' : 'MISSED';
    say(
      `${verdict.padEnd(6)}  ${what}: ${measured?.toPrecision(3) ?? '-'}, floor ${isLeast ? '>=' : '<='} ${bound}${unit}`,
    );
  }
  return verdicts.every(({ held }) => held !== false);
}

const words = process.argv.slice(2);
const options = readOptions(words[0] === 'queries' ? words.slice(1) : words);
if (options === undefined) process.stdout.write(HELP);
else if (options.isReport) publish();
else {
  const run = await measureAll(options);
  if (options.isWhole) {
    saveRecord(run);
    publish();
  } else process.stdout.write(writeReport([run]));
  if (!checkFloors(run)) process.exitCode = 1;
}
