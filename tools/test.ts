/** The test suite: `npm test`. Arguments go to vitest. `COVERAGE=1` also judges coverage, as `.ci/run` does. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './run.ts';

const args = process.argv.slice(2);
// vitest.config.ts leaves out what has a command of its own.
if (args.length === 0) process.env.WHOLE_SUITE = '1';
const results = path.join(mkdtempSync(path.join(tmpdir(), 'vitest-')), 'results.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const coverage = process.env.COVERAGE === '1' ? ['--coverage'] : [];
const ok = run('vitest', 'run', ...coverage, ...args, ...reporters);
if (existsSync(results)) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, 'utf8'));
  // One line that any CI understands, whatever the runner; a file that failed outside its tests, or low coverage, counts as one.
  console.log(`${numPassedTests} passed, ${Math.max(numFailedTests, ok ? 0 : 1)} failed`);
}
process.exitCode = ok ? 0 : 1;
