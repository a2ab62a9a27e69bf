import { once } from 'node:events';
import http from 'node:http';
import { connect, createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { at, type JsonValue } from '../support/gateway.ts';
import { Client, operation } from '../support/live.ts';
import { useProcesses } from './support/process.ts';

/** The process as an orchestrator and a person at a terminal see it. */

const start = useProcesses();
const startNpm = useProcesses('npm');
const QUERY = '{ snapshots(first: 5) { nodes { uuid name } } }';

const ask = async (url: string, token: string, query = QUERY) => {
  const headers = { 'content-type': 'application/json', authorization: `Token ${token}` };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return { status: response.status, answer: (await response.json()) as JsonValue };
};

const portOf = async (): Promise<{ port: number; close: () => void }> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, close: () => void server.close() };
};

describe('case 37: SIGTERM under load', () => {
  const SPREAD_MS = 1_500;
  /** Longer than any machine needs for what is asked here. */
  const PATIENCE_MS = 300_000;

  it('not ready first, HTTP requests finish, sockets close with 1012 over a period, exit code 0', async () => {
    const { child, ended, printed } = start({
      SOCKET_DRAIN_MS: String(SPREAD_MS),
      SHUTDOWN_TIMEOUT_MS: String(PATIENCE_MS),
    });
    const url = await printed(/GraphQL\s+(http:\S+)\/graphql/);
    const simulator = await printed(/Waldur\s+(http:\S+)\/api\//);
    const token = await printed(/staff\s+\S+\s+([0-9a-f]{40})/);
    const clients = await Promise.all(Array.from({ length: 30 }, () => Client.open(url, token)));
    const streams = clients.map((client) =>
      client.subscribe(operation('SnapshotChanges'), { filter: { state: ['ERRED'] } }),
    );
    await Promise.all(streams.map((stream) => stream.until('BOOKMARK')));
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    // Answers that are still to come when the signal does.
    const slow = { method: 'GET', path: '/api/openstack-volumes/', latencyMs: 1_500 };
    await fetch(`${simulator}/__sim/faults`, { method: 'POST', body: JSON.stringify(slow) });
    const pending = Array.from({ length: 3 }, (_, i) =>
      ask(url, token, `{ volumes(first: ${i + 1}) { nodes { uuid } } }`),
    );
    const inFlight = async () => at((await (await fetch(`${simulator}/__sim/stats`)).json()) as JsonValue, 'inFlight');
    await vi.waitFor(async () => expect(await inFlight()).toBeGreaterThan(0), { timeout: 30_000, interval: 5 });
    const closed: number[] = [];
    const from = performance.now();
    const codes = clients.map(async ({ socket }) => {
      const { code } = await socket.closed;
      closed.push(performance.now() - from);
      return code;
    });
    child.kill('SIGTERM');
    // While sockets and answers are still under way, balancers are told already.
    await vi.waitFor(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(503), {
      timeout: 30_000,
      interval: 5,
    });
    expect((await fetch(`${url}/health/ready`)).headers.get('retry-after')).toBe('1');
    expect(closed.length).toBeLessThan(clients.length);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    for (const { status, answer } of await Promise.all(pending)) {
      expect([status, at(answer, 'errors')]).toEqual([200, undefined]);
    }
    expect(new Set(await Promise.all(codes))).toEqual(new Set([1012]));
    const { code, signal, err } = await ended;
    expect([code, signal, err]).toEqual([0, null, '']);
    // Not at the end of its patience: who has its answer holds nothing up by keeping the connection.
    expect(performance.now() - from).toBeLessThan(PATIENCE_MS);
    closed.sort((a, b) => a - b);
    expect((closed.at(-1) ?? 0) - (closed[0] ?? 0)).toBeGreaterThan(SPREAD_MS / 2);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it('a Waldur that never responds does not delay the shutdown', async () => {
    const { child, ended, printed } = start({ SOCKET_DRAIN_MS: '100', SHUTDOWN_TIMEOUT_MS: '500' });
    const url = await printed(/GraphQL\s+(http:\S+)\/graphql/);
    const simulator = await printed(/Waldur\s+(http:\S+)\/api\//);
    const token = await printed(/staff\s+\S+\s+([0-9a-f]{40})/);
    await fetch(`${simulator}/__sim/faults`, { method: 'POST', body: '{"path": "/api/", "latencyMs": 600000}' });
    const hanging = ask(url, token).catch(() => 'cut off');
    await vi.waitFor(
      async () => expect(await (await fetch(`${simulator}/__sim/stats`)).text()).toContain('"inFlight":1'),
      { timeout: 30_000 },
    );
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(await hanging).toBe('cut off');
  });
});

/** Sends queries over one connection each, one after another, until the gateway ends their connections. */
function keepAlive(url: string, token: string, clients: number) {
  const failures: string[] = [];
  let last = 0;
  let answers = 0;
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ query: QUERY });
  const one = (): Promise<void> => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    return new Promise((resolve) => {
      const send = (): void => {
        const headers = { 'content-type': 'application/json', authorization: `Token ${token}` };
        const request = http.request(
          { agent, hostname, port, path: '/graphql', method: 'POST', headers },
          (response) => {
            response.resume().once('end', () => {
              answers += 1;
              if (response.statusCode !== 200) failures.push(`status ${response.statusCode}`);
              if (response.headers.connection !== 'close') return send();
              last += 1;
              agent.destroy();
              resolve();
            });
          },
        );
        request.once('error', (error) => {
          failures.push(String(error));
          resolve();
        });
        request.end(body);
      };
      send();
    });
  };
  const ended = Promise.all(Array.from({ length: clients }, one));
  return { failures, ended, answers: () => answers, last: () => last };
}

/** Sends queries, each over a connection of its own, one after another, until the port refuses a connection. */
function connectEachTime(url: string, clients: number) {
  const failures: string[] = [];
  let answers = 0;
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ query: '{ __typename }' });
  const lines = ['POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Connection: close'];
  const request = `${[...lines, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`;
  /** @returns whether the client was connected. */
  const send = (): Promise<boolean> =>
    new Promise((resolve) => {
      let isConnected = false;
      let answer = '';
      const socket = connect(Number(port), hostname, () => {
        isConnected = true;
        socket.write(request);
      });
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.once('error', (error) => isConnected && failures.push(String(error)));
      socket.once('close', () => {
        if (isConnected) answers += 1;
        if (isConnected && !answer.includes('"Query"')) failures.push(`no response: ${answer}`);
        resolve(isConnected);
      });
    });
  const one = async (): Promise<void> => {
    while (await send());
  };
  const ended = Promise.all(Array.from({ length: clients }, one));
  return { failures, ended, answers: () => answers };
}

const readiness = async (url: string): Promise<number> => (await fetch(`${url}/health/ready`)).status;
const PROBE = { timeout: 30_000, interval: 10 };

describe('case 64: SIGTERM', () => {
  it('to npm start ends the gateway; not ready first; 24 keep-alive clients see no reset, sockets 1012', async () => {
    const { child, ended, printed } = startNpm({ DRAIN_DELAY_MS: '1500', SOCKET_DRAIN_MS: '500' });
    const url = await printed(/GraphQL\s+(http:\S+)\/graphql/);
    const token = await printed(/staff\s+\S+\s+([0-9a-f]{40})/);
    const [client, silent] = await Promise.all([Client.open(url, token), Client.open(url, token)]);
    const load = keepAlive(url, token, 24);
    await vi.waitFor(() => expect(load.answers()).toBeGreaterThan(48), PROBE);
    const before = load.answers();
    const from = performance.now();
    child.kill('SIGTERM');
    await vi.waitFor(async () => expect(await readiness(url)).toBe(503), PROBE);
    // While balancers learn that it is not ready, it serves everything as before.
    await vi.waitFor(() => expect(load.answers()).toBeGreaterThan(before + 48), PROBE);
    expect(load.last()).toBe(0);
    expect((await Client.open(url, token)).socket).toBeDefined();
    expect((await Promise.all([client.socket.closed, silent.socket.closed])).map(({ code }) => code)).toEqual([
      1012, 1012,
    ]);
    await load.ended;
    expect([load.failures, load.last()]).toEqual([[], 24]);
    const { code, signal } = await ended;
    expect([code, signal]).toEqual([0, null]);
    expect(performance.now() - from).toBeLessThan(15_000);
    // No orphan: nobody has the port any more.
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it('48 clients that connect for each request get a response whenever they could connect', async () => {
    const { child, ended, printed } = start({ DRAIN_DELAY_MS: '200' });
    const load = connectEachTime(await printed(/GraphQL\s+(http:\S+)\/graphql/), 48);
    await vi.waitFor(() => expect(load.answers()).toBeGreaterThan(200), PROBE);
    child.kill('SIGTERM');
    await load.ended;
    expect([load.failures, (await ended).code]).toEqual([[], 0]);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('a second %s exits at once, whatever the grace', async (name) => {
    const { child, ended, printed } = start({ DRAIN_DELAY_MS: '600000' });
    const url = await printed(/GraphQL\s+(http:\S+)\/graphql/);
    child.kill(name);
    await vi.waitFor(async () => expect(await readiness(url)).toBe(503), PROBE);
    child.kill('SIGTERM');
    const { code, signal } = await ended;
    expect([code, signal]).toEqual([0, null]);
  });
});

describe('case 65: production without the address of Waldur', () => {
  it('is refused with one line that names the variable that was meant; embedded is accepted', async () => {
    const [missing, misspelt] = await Promise.all([
      start({ NODE_ENV: 'production' }).ended,
      start({ NODE_ENV: 'production', WALDUR_URL: 'https://waldur.example.org' }).ended,
    ]);
    const line = /^WALDUR_API_URL must be set when NODE_ENV is production: .*embedded.*\n$/;
    expect(missing).toEqual({ code: 1, signal: null, out: '', err: expect.stringMatching(line) });
    expect(misspelt).toEqual({ code: 1, signal: null, out: '', err: expect.stringMatching(line) });
    expect(misspelt.err).toContain('WALDUR_URL is not a setting; WALDUR_API_URL may be meant.');
    const { printed } = start({ NODE_ENV: 'production', WALDUR_API_URL: 'embedded' });
    expect(await printed(/Waldur\s+http:\S+ \((embedded)/)).toBe('embedded');
  });

  it('otherwise the wrong name is one warning', async () => {
    const { child, ended, printed } = start({
      LOG_LEVEL: 'warn',
      WALDUR_URL: 'https://waldur.example.org',
      MAX_DEPHT: '3',
    });
    await printed(/GraphQL\s+(http:\S+)\/graphql/);
    child.kill('SIGTERM');
    const { err } = await ended;
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(err)).toMatchObject({
      level: 40,
      msg: 'Unknown variables look like settings: WALDUR_URL (WALDUR_API_URL may be meant), MAX_DEPHT (MAX_DEPTH may be meant)',
    });
  });
});

describe('case 41: a failed startup is one clear line and exit code 1', () => {
  it('invalid values, and ports in use', async () => {
    const { port, close } = await portOf();
    const rows: readonly [env: Readonly<Record<string, string>>, line: RegExp][] = [
      [{ PORT: 'eighty' }, /^PORT must be an integer from 0 to 65535, got "eighty"\.\n$/],
      [{ CURSOR_KEY: 'hunter2' }, /^CURSOR_KEY must be (?!.*hunter2).*\n$/],
      [{ PORT: String(port), DRAIN_DELAY_MS: '600000' }, new RegExp(`^Port ${port} is in use\\..*\\n$`)],
      [{ SIMULATOR_PORT: String(port) }, new RegExp(`^Port ${port} is in use\\..*\\n$`)],
    ];
    const ends = await Promise.all(rows.map(([env]) => start(env).ended));
    close();
    for (const [i, [env, line]] of rows.entries()) {
      expect([env, ends[i]]).toEqual([env, { code: 1, signal: null, out: '', err: expect.stringMatching(line) }]);
    }
  });

  it('with an unreachable upstream the gateway is "not ready", and does not exit', async () => {
    const { port, close } = await portOf();
    close();
    const { printed } = start({ WALDUR_API_URL: `http://127.0.0.1:${port}/api/` });
    const url = await printed(/GraphQL\s+(http:\S+)\/graphql/);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '5']);
    const { status, answer } = await ask(url, 'x');
    expect([status, at(answer, 'errors', 0, 'extensions', 'code')]).toEqual([200, 'UPSTREAM_UNAVAILABLE']);
  });
});
