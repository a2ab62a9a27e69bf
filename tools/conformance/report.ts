import { linkTo } from './contract.ts';
import type { Facts, Outcome } from './run.ts';
import type { Result } from './runner.ts';

/** The output of a run. It never contains tokens. */

const SPELLINGS = { upper: 'UPDATE_SCHEDULED, as since March 2025', words: 'Update Scheduled, as before March 2025' };

const ID_WIDTH = 38;
/** Indentation of the reason below a check. */
const INDENT = 26;

export const heading = ({ base, caller, spelling }: Facts): string =>
  [
    `Waldur at ${base}`,
    `User: ${caller.username}${caller.isStaff ? ' (staff)' : ''}. Spelling of states: ${SPELLINGS[spelling]}`,
    '',
    line('result', 'ms', 'contract', 'check', 'statement'),
  ].join('\n');

const line = (result: string, ms: string, section: string, id: string, statement: string): string =>
  `${result.padEnd(6)}  ${ms.padStart(6)}  ${section.padEnd(8)}  ${id.padEnd(ID_WIDTH)}  ${statement}`;

/** A line of the table, with a second line if the check did not pass. */
export function row({ verdict, ms, id, statement, reason, section }: Result): string {
  const first = line(verdict, String(ms), section, id, statement);
  if (reason === undefined) return first;
  const where = verdict === 'FAIL' ? ` (${linkTo(section)})` : '';
  return `${first}\n${' '.repeat(INDENT)}${reason}${where}`;
}

interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

function summaryOf({ results }: Outcome): Summary {
  const count = (verdict: Result['verdict']): number => results.filter((result) => result.verdict === verdict).length;
  return { passed: count('pass'), failed: count('FAIL'), skipped: count('skip') };
}

export const isClean = (outcome: Outcome): boolean => summaryOf(outcome).failed === 0;

export function ending(outcome: Outcome): string {
  const { passed, failed, skipped } = summaryOf(outcome);
  const { notMade, left } = outcome;
  return [
    '',
    ...left.map((thing) => `not removed: ${thing}`),
    `${passed} passed, ${failed} failed, ${skipped} skipped${notMade === 0 ? '' : `; ${notMade} writing checks did not run (--destructive)`}`,
  ].join('\n');
}

/** The outcome as a JSON document. */
export const asJson = (outcome: Outcome): string => {
  const { facts, results, notMade, left } = outcome;
  const { base, caller, spelling } = facts;
  return JSON.stringify(
    {
      url: base,
      caller: caller.username,
      spelling,
      summary: { ...summaryOf(outcome), notMade },
      left,
      checks: results,
    },
    null,
    2,
  );
};
