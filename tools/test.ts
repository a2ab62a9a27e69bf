/** The whole test suite with its coverage: `npm test`. Arguments go to vitest, and then coverage is not judged. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './run.ts';

const args = process.argv.slice(2);
const results = path.join(mkdtempSync(path.join(tmpdir(), 'vitest-')), 'results.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const ok = run('vitest', 'run', ...(args.length > 0 ? args : ['--coverage']), ...reporters);
if (existsSync(results)) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(results, 'utf8'));
  // One line that any CI understands, whatever the runner; a file that failed outside its tests, or low coverage, counts as one.
  console.log(`${numPassedTests} passed, ${Math.max(numFailedTests, ok ? 0 : 1)} failed`);
}
process.exitCode = ok ? 0 : 1;
