import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly ended: Promise<Run>;
  /** Resolves when the output shows it; rejects when the run ends without. */
  shows(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the suite as a person does, without waiting for its end. */
export function start(...words: string[]): Running {
  const child = spawn(process.execPath, ['bin/run.mjs', 'tools/conformance/main.ts', ...words], { cwd: ROOT });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    err += chunk;
  });
  const ended = once(child, 'close').then(([code]): Run => ({ code, out, err }));
  return {
    ended,
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(out)) resolve();
        };
        child.stdout.on('data', look);
        void ended.then(() => reject(new Error(`ended without ${pattern}:\n${out}${err}`)));
        look();
      }),
    kill: (signal) => void child.kill(signal),
  };
}

export const run = (...words: string[]): Promise<Run> => start(...words).ended;

/** What `--json` prints, as far as tests look at it. */
export interface Report {
  readonly spelling: string;
  readonly summary: {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
    readonly notMade: number;
  };
  readonly left: readonly string[];
  readonly checks: readonly { readonly id: string; readonly verdict: string; readonly link: string }[];
}

export const reportOf = ({ out }: Run): Report => JSON.parse(out) as Report;

export const idsOf = ({ checks }: Pick<Report, 'checks'>, verdict: string): string[] =>
  checks.filter((check) => check.verdict === verdict).map(({ id }) => id);
