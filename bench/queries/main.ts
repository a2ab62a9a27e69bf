import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { versionsIn } from '../lib/machine.ts';
import { pinThisProcess, type Running, start } from '../lib/processes.ts';
import { drawChart } from './chart.ts';
import type { Started } from './measure.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { writeReport } from './report.ts';
import { runRounds } from './rounds.ts';
import { measureStarts } from './startup.ts';
import { startUpstream } from './upstream-process.ts';

const FOLDER = path.join(import.meta.dirname, '..');

/** The peers are no dependency of the gateway, so they are installed when they are needed. @throws when npm cannot. */
function installPeers(): void {
  const names = Object.keys(versionsIn(path.join(FOLDER, 'package.json')));
  if (names.every((name) => existsSync(path.join(FOLDER, 'node_modules', name)))) return;
  say('installing the peers (npm ci --prefix bench)');
  const { status } = spawnSync('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci --prefix bench failed');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function run(options: Options): Promise<void> {
  installPeers();
  pinThisProcess();
  const upstream = await startUpstream();
  const running: Running[] = [];
  try {
    const starts = await measureStarts(options.servers, upstream, options.starts);
    say('starts measured');
    const all: Started[] = [];
    for (const server of options.servers) {
      const process = await start(server.program(upstream.url));
      running.push(process);
      all.push({ server, running: process });
    }
    const measured = await runRounds(all, upstream, options, say);
    const report = writeReport({ measured, starts }, options, new Date().toISOString().slice(0, 10));
    if (!options.isWhole) return void process.stdout.write(report);
    writeFileSync(path.join(FOLDER, 'RESULTS.md'), report);
    writeFileSync(path.join(FOLDER, 'chart.svg'), drawChart(measured, options.servers));
    say('written: bench/RESULTS.md, bench/chart.svg');
  } finally {
    await Promise.all(running.map((each) => each.stop()));
    await upstream.stop();
  }
}

const words = process.argv.slice(2);
const options = readOptions(words[0] === 'queries' ? words.slice(1) : words);
if (options === undefined) process.stdout.write(HELP);
else await run(options);
