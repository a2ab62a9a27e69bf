/** `npm run bench -- live`: what subscriptions cost, against plain graphql-ws where there is something to compare. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../lib/machine.ts';
import { table } from '../lib/markdown.ts';
import { pinThisProcess } from '../lib/processes.ts';
import { measureCallers } from './callers.ts';
import { measureFanout } from './fanout.ts';
import { type Figure, firstFigures, isAsBefore, saveFigures } from './figures.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { measurePaused } from './paused.ts';
import { measurePolls } from './polls.ts';
import { measurePromises } from './promises.ts';

const { values: flags } = parseArgs({
  args: process.argv.slice(3),
  options: {
    /** Parts to run, separated by commas; all by default. */
    only: { type: 'string', default: '' },
    /** Sizes of the scopes of `promises`, separated by commas; all by default. */
    rows: { type: 'string', default: '' },
    /** Changes of each kind in each scope of `promises`. */
    changes: { type: 'string', default: '40' },
    /** Requests that Waldur serves at the same time in `callers`; no limit by default. */
    workers: { type: 'string' },
  },
});
const listOf = (value: string): string[] => value.split(',').filter((each) => each !== '');
const only = listOf(flags.only);
const rowsOf = listOf(flags.rows).map(Number);
const workers = flags.workers === undefined ? null : Number(flags.workers);

const PARTS: Readonly<Record<string, () => Promise<Figure[]>>> = {
  promises: () => measurePromises({ rows: rowsOf, changes: Number(flags.changes) }),
  callers: () => measureCallers(workers),
  polls: measurePolls,
  latency: measureLatency,
  fanout: measureFanout,
  memory: measureMemory,
  paused: measurePaused,
};

const unknown = only.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) throw new Error(`There is no part ${unknown.join()}. There are: ${Object.keys(PARTS).join()}`);
const figures: Figure[] = [];
pinThisProcess();
for (const [name, measure] of Object.entries(PARTS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  console.log(`${name} ...`);
  figures.push(...(await measure()));
}
const before = firstFigures();
const verdict = (held: boolean | undefined): string => (held === undefined ? '-' : held ? 'yes' : '**no**');
const rows = figures.map((each) => [
  each.what,
  each.figure,
  each.target,
  verdict(each.reached),
  String(before[each.what] ?? '-'),
  verdict(isAsBefore(each, before[each.what])),
]);
const text = table(['What', 'figure', 'target', 'reached', 'first run', 'within 10 % of it'], rows);
console.log(`\n${text}`);
if (only.length === 0) {
  const machine = describeMachine();
  saveFigures(figures, machine);
  const head = `# Live engine\n\nWritten by \`npm run bench -- live\` on ${machine} The first run is the oldest in \`bench/results\`.\n\n`;
  writeFileSync(path.join(import.meta.dirname, 'RESULTS.md'), `${head}${text}\n`);
}
process.exit(figures.every((each) => each.reached && isAsBefore(each, before[each.what]) !== false) ? 0 : 1);
