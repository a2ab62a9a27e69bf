import { type Check, Mismatch, Skip } from './check.ts';
import { NoAnswer } from './client.ts';
import { linkTo, type Section } from './contract.ts';

export type Verdict = 'pass' | 'FAIL' | 'skip';

export interface Result {
  readonly id: string;
  readonly statement: string;
  readonly section: Section;
  /** Where the contract says so, from the root of the repository. */
  readonly link: string;
  readonly verdict: Verdict;
  /** Why it failed or was skipped. */
  readonly reason?: string;
  readonly ms: number;
}

export interface Running {
  /** How often a check that fails is made at most: between two questions of one check the world may have moved. */
  readonly attempts: number;
  readonly signal: AbortSignal;
  readonly onResult: (result: Result) => void;
}

/** Makes the checks one after another. A run that was broken off skips the rest. */
export async function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  { attempts, signal, onResult }: Running,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const check of checks) {
    const began = performance.now();
    const outcome = signal.aborted ? BROKEN_OFF : await judge(check, subject, attempts);
    const { id, statement, section } = check;
    const result: Result = {
      ...{ id, statement, section, link: linkTo(section) },
      ...outcome,
      ms: Math.round(performance.now() - began),
    };
    results.push(result);
    onResult(result);
  }
  return results;
}

type Outcome = Pick<Result, 'verdict' | 'reason'>;

const BROKEN_OFF: Outcome = { verdict: 'skip', reason: 'the run was stopped' };

async function judge<Subject>(check: Check<Subject>, subject: Subject, attempts: number): Promise<Outcome> {
  try {
    await check.run(subject);
    return { verdict: 'pass' };
  } catch (error) {
    if (error instanceof Skip) return { verdict: 'skip', reason: error.message };
    if (!(error instanceof Mismatch || error instanceof NoAnswer)) throw error;
    return attempts > 1 && error instanceof Mismatch
      ? judge(check, subject, attempts - 1)
      : { verdict: 'FAIL', reason: error.message };
  }
}
