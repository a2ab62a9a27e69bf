/** `npm run bench -- live`: what subscriptions cost, against plain graphql-ws where there is something to compare. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeMachine } from '../lib/machine.ts';
import { table } from '../lib/markdown.ts';
import { pinThisProcess } from '../lib/processes.ts';
import { measureFanout } from './fanout.ts';
import { type Figure, firstFigures, isAsBefore, saveFigures } from './figures.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { measurePaused } from './paused.ts';
import { measurePolls } from './polls.ts';

const PARTS: Readonly<Record<string, () => Promise<Figure[]>>> = {
  polls: measurePolls,
  latency: measureLatency,
  fanout: measureFanout,
  memory: measureMemory,
  paused: measurePaused,
};

const asked = process.argv.slice(3);
const figures: Figure[] = [];
pinThisProcess();
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
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
if (asked.length === 0) {
  const machine = describeMachine();
  saveFigures(figures, machine);
  const head = `# Live engine\n\nWritten by \`npm run bench -- live\` on ${machine} The first run is the oldest in \`bench/results\`.\n\n`;
  writeFileSync(path.join(import.meta.dirname, 'RESULTS.md'), `${head}${text}\n`);
}
process.exit(figures.every((each) => each.reached && isAsBefore(each, before[each.what]) !== false) ? 0 : 1);
