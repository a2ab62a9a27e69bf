import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FAULT_TABLE, faultTable, provenCases } from '../../tools/fault-table.ts';
import { CASES } from './cases.ts';

it('every implemented case has a test, and every test has a case', () => {
  const built = CASES.filter(({ notBuilt }) => notBuilt === undefined).map(({ number }) => number);
  expect([...provenCases().keys()].sort((a, b) => a - b)).toEqual(built);
});

it('the table in the documentation is up to date; `npm run generate` writes it', () => {
  const written = readFileSync(path.resolve(import.meta.dirname, '../..', FAULT_TABLE), 'utf8');
  expect(written).toBe(faultTable());
});
