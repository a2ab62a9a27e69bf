/**
 * The test suites: `npm test`, whose files need Node alone, `npm run test:browser` and `npm run test:cluster`. Other arguments go to vitest; a
 * file that is named runs whatever it needs. `COVERAGE=1` also judges coverage, as `.ci/run` does.
 */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './run.ts';

const [first, ...others] = process.argv.slice(2);
const isSuite = first?.startsWith('--suite=') === true;
const args = first === undefined || isSuite ? others : [first, ...others];
// vitest.config.ts says which files a suite has.
if (isSuite) process.env.SUITE = first.slice('--suite='.length);
else if (args.length === 0) process.env.SUITE = 'node';
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
