import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Which core runs what: with two or more, the server under test has one for itself. */
export type Place = 'tested' | 'load';

const CORES: Readonly<Record<Place, string>> = { tested: '1', load: '0' };
/** Of the kernel's clock ticks, in ms: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10;
const READY_TIMEOUT_MS = 120_000;

export const isPinned: boolean =
  process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

/** Moves this process, with all its threads, to the core of the load. */
export function pinThisProcess(): void {
  if (isPinned) spawnSync('taskset', ['-acp', CORES.load, String(process.pid)]);
}

export interface Program {
  /** What it is called in errors. */
  readonly name: string;
  /** Arguments for node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly place: Place;
}

/** A server in its own process. */
export interface Running {
  readonly port: number;
  /** From the spawn to the line that tells the port, in ms. */
  readonly readyMs: number;
  /** CPU time that it has used so far, in ms; rounded to 10 by the kernel. */
  cpuMs(): number;
  /** Resident memory now, in MiB. */
  residentMib(): number;
  /** Sends a message and waits for one back. */
  ask(message: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts a server that prints an address on 127.0.0.1 when it listens. @throws when it ends, or says nothing for two minutes. */
export async function start(program: Program): Promise<Running> {
  const { name, args, env, place } = program;
  const node = [process.execPath, ...args];
  const [command = '', ...rest] = isPinned ? ['taskset', '-c', CORES[place], ...node] : node;
  const began = performance.now();
  const child = spawn(command, rest, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', WALDUR_API_URL: 'embedded', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const port = await portOf(child, name);
  const readyMs = performance.now() - began;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} has no process`);
  return {
    port,
    readyMs,
    cpuMs: () => cpuTicks(pid) * TICK_MS,
    residentMib: () => residentKib(pid) / 1024,
    ask: (message) =>
      new Promise((resolve, reject) => {
        child.once('message', resolve);
        child.send(message as object, (error) => error && reject(error));
      }),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        // Draining sockets is no part of what is measured.
        child.kill('SIGKILL');
      }),
  };
}

function portOf(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`${name} ${why}:\n${said.slice(-2000)}`));
    };
    const late = setTimeout(() => fail('did not become ready'), READY_TIMEOUT_MS);
    const ended = (code: number | null): void => fail(`ended with ${code}`);
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const port = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(late);
      child.off('exit', ended);
      child.stdout?.off('data', listen).resume();
      // Not piped: each pipe leaves listeners with our own.
      child.stderr?.off('data', listen).on('data', (chunk: Buffer) => process.stderr.write(chunk));
      resolve(Number(port));
    };
    child.once('exit', ended);
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
  });
}

function cpuTicks(pid: number): number {
  // The name of the program, in brackets, may hold blanks: fields are counted from its end.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function residentKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
