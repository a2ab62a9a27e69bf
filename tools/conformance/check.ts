import type { Section } from './contract.ts';

/** One thing that the gateway relies on. It passes by returning. */
export interface Check<Subject> {
  /** `area.what`, unique; it stays the same for ever, so that results can be compared. */
  readonly id: string;
  /** What holds, in one line. */
  readonly statement: string;
  /** Where docs/upstream-contract.md says so. */
  readonly section: Section;
  /** @throws Mismatch when it does not hold, Skip when this server or caller has nothing to show it with. */
  run(subject: Subject): Promise<void>;
}

/** The server does not behave as the check states; the message says what it did instead. */
export class Mismatch extends Error {}

/** The check cannot be made here; the message says what is missing. */
export class Skip extends Error {}

export function skip(reason: string): never {
  throw new Skip(reason);
}
