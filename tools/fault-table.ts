import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CASES } from '../test/faults/cases.ts';
import { ROOT } from './run.ts';

/** Where the table stands in the documentation, from the repository's root. */
export const FAULT_TABLE = 'docs/faults.md';

const TESTS = 'test/faults';
const NAME = /\bcase (\d+): /g;
const AS_A_NAME = /^\s*(?:describe|it)?[^'"`\n]*['"`]case \d+: /;

/** Files of test/faults by the numbers of the cases that their tests' names begin with. */
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

/** The page docs/faults.md: what is promised for each case, and which tests prove it. */
export function faultTable(): string {
  const proven = provenCases();
  const rows = CASES.map(({ number, title, promise, notBuilt }) => {
    const files = proven.get(number) ?? [];
    const links = files.map((file) => `[${path.basename(file, '.test.ts')}](../${file})`).join(', ');
    return `| ${number} | ${title} | ${promise} | ${links || (notBuilt ?? 'nothing')} |`;
  });
  return [
    '# Hostile and unlucky cases',
    '',
    'What is promised when clients are hostile or the world is unlucky, and the tests that prove it through the front door. "0 calls": nothing',
    'reaches the upstream. Printed from `test/faults`; the long ones run with `npm run test:soak`.',
    '',
    '| # | Case | Promise | Proven by |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Writes docs/faults.md. */
export function writeFaultTable(): void {
  writeFileSync(path.join(ROOT, FAULT_TABLE), faultTable());
}
