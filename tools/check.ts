/** Everything that can be checked without running the product: `npm run check`. */
import { existsSync, readFileSync } from 'node:fs';
import { checkBreakingChanges } from './breaking-changes.ts';
import { GENERATED, generate } from './generated-files.ts';
import { checkListPaths } from './list-paths.ts';
import { ROOT, run } from './run.ts';

const STEPS: readonly [name: string, step: () => boolean | Promise<boolean>][] = [
  ['types', () => run('tsc')],
  ['types of the explorer', () => run('tsc', '-p', 'pages')],
  ['types of the dashboard', () => run('tsc', '-p', 'pages/live')],
  ['format and lint', () => run('biome', 'ci', '--colors=off', '--error-on-warnings', '.')],
  ['schema rules', () => run('eslint', '--max-warnings', '0', 'schema')],
  ['every list is batched', checkListPaths],
  ['generated files are up to date', upToDate],
  ['no breaking change of the schema since the last release', () => checkBreakingChanges()],
];

/** Generates again and compares. What differs is left as generated, ready to be looked at and committed. */
function upToDate(): boolean {
  const read = () => GENERATED.map((file) => (existsSync(ROOT + file) ? readFileSync(ROOT + file, 'utf8') : ''));
  const before = read();
  if (!generate()) return false;
  const after = read();
  const stale = GENERATED.filter((_, i) => before[i] !== after[i]);
  for (const file of stale) console.error(`${file} was out of date; it has been generated again.`);
  return stale.length === 0;
}

let failed = 0;
for (const [name, step] of STEPS) {
  console.log(`\n--- ${name}`);
  const ok = await step();
  console.log(ok ? `ok: ${name}` : `FAILED: ${name}`);
  if (!ok) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
