import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CASES } from '../test/faults/cases.ts';
import { ROOT } from './run.ts';

/** Path of the generated page. */
export const FAULT_TABLE = 'docs/faults.md';

const TESTS = 'test/faults';
const NAME = /\bcase (\d+): /g;
const AS_A_NAME = /^\s*(?:describe|it)?[^'"`\n]*['"`]case \d+: /;

/** Test files by the numbers of the cases in the names of their tests. */
export function provenCases(): ReadonlyMap<number, readonly string[]> {
  const proven = new Map<number, string[]>();
  for (const file of globSync(`${TESTS}/*.test.ts`, { cwd: ROOT }).sort()) {
    const names = readFileSync(path.join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => AS_A_NAME.test(line));
    const numbers = new Set(names.flatMap((line) => [...line.matchAll(NAME)].map(([, number]) => Number(number))));
    for (const number of numbers) proven.set(number, [...(proven.get(number) ?? []), file]);
  }
  return proven;
}

/** The page docs/faults.md: the guarantee of each case, and its tests. */
export function faultTable(): string {
  const proven = provenCases();
  const rows = CASES.map(({ number, title, promise, notBuilt }) => {
    const files = proven.get(number) ?? [];
    const links = files.map((file) => `[${path.basename(file, '.test.ts')}](../${file})`).join(', ');
    return `| ${number} | ${title} | ${promise} | ${links || (notBuilt ?? 'nothing')} |`;
  });
  return [
    '# Tested attacks and failures',
    '',
    'The behaviour of the gateway under attacks and failures, and the tests that check it through the public interfaces. "0 requests" means that',
    'nothing is sent to Waldur (the upstream). Generated from `test/faults`. Long versions of some tests run with `npm run test:soak`.',
    '',
    '| # | Case | Guarantee | Test |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Writes docs/faults.md. */
export function writeFaultTable(): void {
  writeFileSync(path.join(ROOT, FAULT_TABLE), faultTable());
}
