import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createClient } from '@redis/client';
import { hasProgram } from './debian.ts';

/** Of Debian's packages; the first is installed where there is none. */
const SERVERS = ['/usr/bin/redis-server', '/usr/bin/valkey-server'] as const;
/** Another program of Redis or Valkey, from `REDIS_SERVER`. */
const NAMED = process.env.REDIS_SERVER;
const SERVER = NAMED ?? SERVERS.find((file) => existsSync(file)) ?? SERVERS[0];

/** Whether there is a Redis or a Valkey; see `hasProgram`. @param what is named in the warning when the tests are skipped. */
export function hasRedis(what: string): boolean {
  if (NAMED !== undefined && !existsSync(NAMED)) throw new Error(`REDIS_SERVER: there is no ${NAMED}`);
  return hasProgram(what, SERVER, 'redis-server');
}

export interface Redis {
  readonly url: string;
  readonly port: number;
  /** Kills it, as when its machine fails. */
  kill(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  restart(): Promise<void>;
  /** Suspends it: it accepts connections and never responds. */
  pause(): void;
  resume(): void;
}

/** A client of a Redis that fails and comes back: its errors are ignored. */
export async function connectTo({ url }: Redis) {
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Starts a Redis or Valkey for one test file: in memory, on loopback, at a free port. @param password that its clients need. */
export async function startRedis(password?: string): Promise<Redis> {
  const port = await freePort();
  let server = await start(port, password);
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    url: password === undefined ? `redis://127.0.0.1:${port}` : `redis://:${password}@127.0.0.1:${port}`,
    port,
    kill,
    async restart() {
      await kill();
      server = await start(port, password);
    },
    pause: () => server.kill('SIGSTOP'),
    resume: () => server.kill('SIGCONT'),
  };
}

async function start(port: number, password: string | undefined): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  if (password !== undefined) options.push('--requirepass', password);
  const server = spawn(SERVER, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of server.stdout ?? []) if (String(chunk).includes('Ready to accept connections')) break;
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
