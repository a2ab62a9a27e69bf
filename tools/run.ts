import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Root of the repository, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * The arguments of `node` in `npm start`. The flags of V8 decide how much memory a process takes, so a measurement without them is one
 * of another process.
 */
export const startArguments = (): string[] => {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
  // `exec` replaces the shell of npm, so that signals reach the gateway.
  const [exec, program, ...rest] = String(scripts.start).split(' ');
  if (exec !== 'exec' || program !== 'node')
    throw new Error('The start script of package.json does not begin with exec node.');
  // A measurement does not depend on the settings of a developer.
  return rest.filter((word) => !word.startsWith('--settings-file='));
};

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
