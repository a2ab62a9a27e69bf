/** `npm run bench -- live`: what subscriptions cost, against plain graphql-ws where there is something to compare. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeMachine } from '../lib/machine.ts';
import { pinThisProcess } from '../lib/processes.ts';
import { measureFanout } from './fanout.ts';
import type { Figure } from './figures.ts';
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
const rows = figures.map(
  ({ what, figure, target, reached }) => `| ${what} | ${figure} | ${target} | ${reached ? 'yes' : '**no**'} |`,
);
const table = ['| What | Figure | Target | Reached |', '|---|---|---|---|', ...rows].join('\n');
console.log(`\n${table}`);
if (asked.length === 0) {
  const head = `# Live engine\n\n\`npm run bench -- live\` on ${describeMachine()}\n\n`;
  writeFileSync(path.join(import.meta.dirname, 'RESULTS.md'), `${head}${table}\n`);
}
process.exit(figures.every(({ reached }) => reached) ? 0 : 1);
