import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Root of the repository, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Runs a program of node_modules/.bin in the repository's root, its output shown; true when it ended with 0. */
export function run(program: string, ...args: string[]): boolean {
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', env: withOwnPrograms() });
  return status === 0;
}

/** The programs that npm scripts find are found outside npm, too. */
const withOwnPrograms = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${ROOT}node_modules/.bin:${process.env.PATH ?? ''}`,
});
