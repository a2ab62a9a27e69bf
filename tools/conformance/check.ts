import type { Section } from './contract.ts';

/** A behaviour that the gateway depends on. The check passes if it returns. */
export interface Check<Subject> {
  /** A unique id, `area.name`. It never changes, so that results can be compared. */
  readonly id: string;
  /** The expected behaviour, in one line. */
  readonly statement: string;
  /** The section of docs/upstream-contract.md. */
  readonly section: Section;
  /** @throws Mismatch for other behaviour, Skip if the server or caller has no suitable object. */
  run(subject: Subject): Promise<void>;
}

/** The server behaves differently. The message says how. */
export class Mismatch extends Error {}

/** The check cannot run. The message says what is missing. */
export class Skip extends Error {}

export function skip(reason: string): never {
  throw new Skip(reason);
}
