import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { pipeline, postText } from './support/pipeline.ts';
import { type Process, useProcesses } from './support/process.ts';

/** A log that cannot be written, by processes as they run in production. */

const start = useProcesses();
/** Longer than any machine needs: who ends in time ends by itself. */
const PATIENCE_MS = 300_000;
const ENV = {
  LOG_LEVEL: 'info',
  TRUSTED_PROXIES: 'loopback',
  SOCKET_DRAIN_MS: '0',
  SHUTDOWN_TIMEOUT_MS: String(PATIENCE_MS),
};
const folder = mkdtempSync(path.join(tmpdir(), 'log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const urlOf = ({ printed }: Process) => printed(/GraphQL\s+(http:\S+)\/graphql/);

/** A request id that makes lines of the log long. */
const REQUEST = postText({ query: '{ __typename }' }, undefined, { 'X-Request-Id': 'r'.repeat(100) });

/** Sends requests, each of which is a line of the log, and expects every one to be answered. */
async function ask(url: string, count: number): Promise<void> {
  const { socket, bodies } = pipeline(url, new Array<string>(count).fill(REQUEST));
  await vi.waitFor(() => expect(bodies()).toHaveLength(count), { timeout: 60_000, interval: 5 });
  socket.destroy();
  expect(new Set(bodies())).toEqual(new Set(['{"data":{"__typename":"Query"}}\n']));
}

const dropped = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^waldur_graph_log_lines_dropped_total (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
};

/** Sends requests until lines are dropped. */
async function fill(url: string): Promise<void> {
  for (let sent = 0; sent < 20_000 && (await dropped(url)) === 0; sent += 200) await ask(url, 200);
  expect(await dropped(url)).toBeGreaterThan(0);
}

async function end({ child, ended }: Process): Promise<void> {
  const from = performance.now();
  child.kill('SIGTERM');
  const { code, signal } = await ended;
  expect([code, signal]).toEqual([0, null]);
  // Not because its patience was over.
  expect(performance.now() - from).toBeLessThan(PATIENCE_MS);
}

describe('case 54: a log that cannot be written: requests continue, dropped lines are counted, the exit is clean', () => {
  it('a full disk', async () => {
    const running = start(ENV, '2>/dev/full');
    const url = await urlOf(running);
    await fill(url);
    await ask(url, 50);
    await end(running);
  });

  it('a closed descriptor', async () => {
    const running = start(ENV, '2>&-');
    const url = await urlOf(running);
    await ask(url, 50);
    await end(running);
  });

  it('a pipe without a reader', async () => {
    const running = start(ENV);
    running.child.stderr?.destroy();
    const url = await urlOf(running);
    await fill(url);
    await ask(url, 50);
    await end(running);
  });

  it('a pipe that is not read; waiting lines are written when it is read, and one line reports the dropped ones', async () => {
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const running = start(ENV, `3<>${fifo} 2>${fifo}`);
    const url = await urlOf(running);
    await fill(url);
    await ask(url, 50);
    let text = '';
    const reader = createReadStream('', { fd: openSync(fifo, 'r'), encoding: 'utf8' });
    reader.on('data', (chunk) => {
      text += String(chunk);
    });
    await vi.waitFor(() => expect(text).toContain('Log output works again'), { timeout: 60_000 });
    const missing = await dropped(url);
    await ask(url, 1);
    await end(running);
    await vi.waitFor(() => expect(reader.closed).toBe(true), { timeout: 60_000 });
    const lines = text
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(lines.filter(({ lines: count }) => count !== undefined)).toMatchObject([{ lines: missing, level: 50 }]);
    expect(lines.at(-1)).toMatchObject({ msg: 'request' });
  });

  it('a pipe that is not read does not delay the exit', async () => {
    const fifo = path.join(folder, 'unread');
    execFileSync('mkfifo', [fifo]);
    const running = start(ENV, `3<>${fifo} 2>${fifo}`);
    await fill(await urlOf(running));
    await end(running);
  });
});

describe('case 54: standard output that cannot be written', () => {
  it.each(['>/dev/full', '>&-'])('does not end the process: %s', async (redirection) => {
    // Nothing is printed that could be waited for, so the log tells where it listens.
    const running = start(ENV, redirection);
    let text = '';
    running.child.stderr?.on('data', (chunk) => {
      text += String(chunk);
    });
    await vi.waitFor(() => expect(text).toMatch(/Server listening at http:/), { timeout: 60_000 });
    await ask(/Server listening at (http:[^"]+)/.exec(text)?.[1] ?? '', 20);
    await end(running);
  });

  it('a pipe without a reader does not end the process', async () => {
    const running = start(ENV);
    running.child.stdout?.destroy();
    let text = '';
    running.child.stderr?.on('data', (chunk) => {
      text += String(chunk);
    });
    await vi.waitFor(() => expect(text).toMatch(/Server listening at http:/), { timeout: 60_000 });
    await ask(/Server listening at (http:[^"]+)/.exec(text)?.[1] ?? '', 20);
    await end(running);
  });
});

it('case 54: a writable log has every line when the process ends', async () => {
  const file = path.join(folder, 'log');
  const running = start(ENV, `2>${file}`);
  const url = await urlOf(running);
  await ask(url, 500);
  await end(running);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.filter((line) => line.includes('"msg":"request"'))).toHaveLength(500);
  expect(lines.map((line) => typeof JSON.parse(line))).not.toContain('string');
});
