/**
 * Installs and runs Apollo's suite for integrations against our HTTP handler: `node bin/run.mjs tools/integration-suite.ts`. It needs
 * Jest, so it lives in a folder of its own with its own lock file and is no part of `npm test`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXCEPTIONS } from '../test/integration-suite/exceptions.ts';
import { ROOT, run } from './run.ts';

interface TestResult {
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'todo' | 'skipped';
  readonly failureMessages?: readonly string[];
}

interface Results {
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly TestResult[] }[];
}

const FOLDER = path.join(ROOT, 'test/integration-suite');
const PREFIX = 'integration tests ';

/** @returns false when something failed that is no named exception, or an exception is out of date. */
function judge({ testResults }: Results): boolean {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: TestResult['status']) =>
    new Set(tests.filter((test) => test.status === status).map(({ fullName }) => fullName.replace(PREFIX, '')));
  const passed = named('passed');
  const failed = named('failed');
  const excepted = new Set(EXCEPTIONS.flatMap(({ tests: names }) => names));
  const unexpected = [...failed].filter((name) => !excepted.has(name));
  const outOfDate = [...excepted].filter((name) => !failed.has(name));
  for (const { reason, tests: names } of EXCEPTIONS)
    console.log(`${String(names.length).padStart(4)} excepted: ${reason}`);
  for (const name of unexpected) {
    const message = tests.find(({ fullName }) => fullName === PREFIX + name)?.failureMessages?.[0] ?? '';
    console.error(`FAILED: ${name}\n${message}`);
  }
  for (const name of outOfDate) console.error(`FAILED: the exception is out of date, the test does not fail: ${name}`);
  if (passed.size === 0) console.error('FAILED: no tests ran', ...testResults.map(({ message }) => message));
  console.log(
    `${passed.size} passed, ${unexpected.length} failed, ${failed.size - unexpected.length} excepted by name, ${named('pending').size} skipped by the suite itself`,
  );
  return passed.size > 0 && unexpected.length === 0 && outOfDate.length === 0;
}

if (!run('npm', 'ci', '--prefix', FOLDER)) {
  console.error('FAILED: could not install the suite');
  process.exitCode = 1;
} else {
  const results = path.join(mkdtempSync(path.join(tmpdir(), 'suite-')), 'results.json');
  const jest = [
    'node_modules/jest/bin/jest.js',
    '--ci',
    '--silent',
    '--forceExit',
    '--json',
    `--outputFile=${results}`,
  ];
  // The suite's own report lists the exceptions as failures.
  const { error } = spawnSync(process.execPath, ['--experimental-vm-modules', ...jest], {
    cwd: FOLDER,
    stdio: 'ignore',
  });
  if (error) throw error;
  process.exitCode = judge(JSON.parse(readFileSync(results, 'utf8'))) ? 0 : 1;
}
