/** What became of a check. A skipped one says what is missing on this machine. */
export interface Outcome {
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

/** A check of something in deploy/ or of the image. */
export interface Proof {
  readonly name: string;
  run(): Outcome | Promise<Outcome>;
}

export const passed = (detail: string): Outcome => ({ status: 'passed', detail });
export const failed = (detail: string): Outcome => ({ status: 'failed', detail });
export const skipped = (detail: string): Outcome => ({ status: 'skipped', detail });

/** Passed without problems, failed with the list of them. */
export const judge = (problems: readonly string[], detail: string): Outcome =>
  problems.length === 0 ? passed(detail) : failed(problems.join('\n'));
