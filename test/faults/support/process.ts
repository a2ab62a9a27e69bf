import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach } from 'vitest';
import { ROOT, startArguments } from '../../../tools/run.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** The gateway as a process of its own. */
export interface Process {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What the first group of a pattern is in what it prints; waits for it. @throws when it ends without. */
  printed(pattern: RegExp): Promise<string>;
}

export interface StartOptions {
  /** A module, from the root, that runs before the gateway; it can talk to its parent. */
  readonly preload?: string;
  /** Those of a shell, such as `2>/dev/full`. */
  readonly redirections?: string;
  readonly byNpm?: boolean;
}

/**
 * @param by `npm`: by `npm start`. Otherwise what it runs is started directly.
 * @returns what starts a gateway; whatever still runs after a test is killed.
 */
export function useProcesses(
  by: 'node' | 'npm' = 'node',
): (env: Readonly<Record<string, string>>, redirections?: string) => Process {
  const running = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
  });
  return (env, redirections = '') => {
    const started = startProcess(env, { redirections, byNpm: by === 'npm' });
    running.add(started.child);
    return started;
  };
}

/** Starts a gateway as `npm start` does. Whoever starts it ends it. */
export function startProcess(
  env: Readonly<Record<string, string>>,
  { preload, redirections = '', byNpm = false }: StartOptions = {},
): Process {
  const before = preload === undefined ? '' : `--import ./${preload}`;
  const child = spawn(
    'sh',
    // npm puts the Node that runs it first, so that its script finds the same one.
    byNpm
      ? ['-c', `exec npm start --silent ${redirections}`]
      : ['-c', `exec "$0" ${before} ${startArguments().join(' ')} ${redirections}`, process.execPath],
    {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH ?? '',
        LOG_LEVEL: 'silent',
        PORT: '0',
        SIMULATOR_PORT: '0',
        SIMULATOR_ACTIVITY: 'false',
        DRAIN_DELAY_MS: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', ...(preload === undefined ? [] : (['ipc'] as const))],
    },
  );
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('it was started without its output');
  let out = '';
  let err = '';
  stdout.on('data', (chunk) => {
    out += chunk;
  });
  stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, out, err })),
  );
  const printed = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(out)?.[1];
        if (found !== undefined) resolve(found.trim());
      };
      stdout.on('data', look);
      child.once('close', () => reject(new Error(`ended without printing ${pattern}: ${out}${err}`)));
      look();
    });
  return { child, ended, printed };
}
