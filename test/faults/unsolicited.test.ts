import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/waldur/exchange.ts';
import { Transport } from '../../src/waldur/transport.ts';

/**
 * An upstream in a thread of its own, so that it can write while the event loop of the gateway is busy. It answers each request with the
 * number of its connection and with its path. A path begins with what the upstream does besides:
 * `/glued`: a second response, in the same write; `/garbage`: bytes that are not HTTP, in the same write; `/both`: a response of
 * another request before the right one. On a message it writes a second response to the last connection.
 */
const UPSTREAM = `
  const { createServer } = require('node:net');
  const { parentPort, workerData: written } = require('node:worker_threads');
  const response = (body) =>
    'HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n' + body;
  let count = 0;
  let last;
  const server = createServer((socket) => {
    const number = ++count;
    last = socket;
    socket.on('error', () => {});
    socket.on('close', () => parentPort.postMessage({ closed: number }));
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\\r\\n\\r\\n')) return;
      const path = head.split(' ')[1];
      head = '';
      const answer = response(JSON.stringify({ connection: number, path }));
      if (path.startsWith('/glued')) socket.write(answer + response('"stray"'));
      else if (path.startsWith('/garbage')) socket.write(answer + 'more than promised');
      else if (path.startsWith('/both')) socket.write(response('"stray"') + answer);
      else socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }));
  parentPort.on('message', (bytes) => {
    last.write(bytes === '' ? response('"stray"') : bytes, () => {
      Atomics.store(written, 0, Atomics.load(written, 0) + 1);
      Atomics.notify(written, 0);
    });
  });
`;

interface Reply {
  readonly connection: number;
  readonly path: string;
}

describe('case 75: an upstream sends more than was requested on a connection that stays open', () => {
  const written = new Int32Array(new SharedArrayBuffer(4));
  const closed = new Set<number>();
  let upstream: Worker;
  let origin: string;

  beforeAll(async () => {
    upstream = new Worker(UPSTREAM, { eval: true, workerData: written });
    const [message]: { port: number }[] = await once(upstream, 'message');
    origin = `http://127.0.0.1:${message?.port}`;
    upstream.on('message', (message: { closed: number }) => closed.add(message.closed));
  });
  afterAll(() => upstream.terminate());

  /** A transport with a single connection, so that each request has the connection of the one before. */
  const use = async (run: (transport: Transport) => Promise<void>): Promise<void> => {
    const transport = new Transport({
      origin,
      connections: 1,
      maxBodyBytes: 1_000_000,
      maxBodiesBytes: 1_000_000,
      connectTimeoutMs: 5_000,
      onNoConnection: undefined,
    });
    try {
      await run(transport);
    } finally {
      await transport.close();
    }
  };

  const send = (transport: Transport, path: string): Promise<Outcome> =>
    transport.send({ method: 'GET', path, headers: [], body: null, signal: undefined }, 10_000);

  const replyOf = (outcome: Outcome): Reply => {
    if (outcome.kind !== 'answer') throw new Error(`the outcome is ${outcome.kind}`);
    return JSON.parse(outcome.body);
  };

  /** Makes the upstream write; returns when the bytes have arrived, before the event loop could read them. */
  const writeNow = (bytes: string): void => {
    const before = Atomics.load(written, 0);
    upstream.postMessage(bytes);
    if (Atomics.wait(written, 0, before, 5_000) === 'timed-out') throw new Error('the upstream did not write');
  };

  it('control: without it the connection is used again', () =>
    use(async (transport) => {
      const first = replyOf(await send(transport, '/first'));
      const second = replyOf(await send(transport, '/second'));
      expect(second).toEqual({ connection: first.connection, path: '/second' });
    }));

  it.each(['/glued', '/garbage'])(
    '%s to a response: the connection is closed, the next request has its own answer',
    (path) =>
      use(async (transport) => {
        const first = replyOf(await send(transport, path));
        expect(first.path).toBe(path);
        expect(replyOf(await send(transport, '/next'))).toEqual({ connection: first.connection + 1, path: '/next' });
        await expect.poll(() => closed.has(first.connection)).toBe(true);
      }),
  );

  it.each(['/glued', '/garbage'])('%s to a response while requests wait: each has its own answer', (path) =>
    use(async (transport) => {
      const paths = [path, '/second', `${path}/third`, '/fourth'];
      const replies = (await Promise.all(paths.map((each) => send(transport, each)))).map(replyOf);
      expect(replies.map((reply) => reply.path)).toEqual(paths);
    }),
  );

  it.each([
    ['a response', ''],
    ['other bytes', 'HTTP/1.1'],
  ])('%s while no request runs: the connection is closed', (_name, bytes) =>
    use(async (transport) => {
      const first = replyOf(await send(transport, '/first'));
      writeNow(bytes);
      if (bytes === '') await expect.poll(() => closed.has(first.connection)).toBe(true);
      expect(replyOf(await send(transport, '/next'))).toEqual({ connection: first.connection + 1, path: '/next' });
    }),
  );

  it.each([
    ['a response', ''],
    ['other bytes', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ])('%s that arrives just before the next request is written is not its answer', (_name, bytes) =>
    use(async (transport) => {
      const first = replyOf(await send(transport, '/first'));
      // No turn of the event loop in between.
      writeNow(bytes);
      expect(replyOf(await send(transport, '/next'))).toEqual({ connection: first.connection + 1, path: '/next' });
    }),
  );

  it('a response that arrives just before a waiting request is written is not its answer', () =>
    use(async (transport) => {
      const first = send(transport, '/first');
      const waiting = send(transport, '/waiting');
      // In the turn in which the first one is answered.
      const { connection } = replyOf(await first);
      writeNow('');
      const reply = replyOf(await waiting);
      expect(reply.path).toBe('/waiting');
      expect(reply.connection).toBeGreaterThanOrEqual(connection);
    }));

  it('a stray response that crosses a request ends the connection, so that no further request is affected', () =>
    use(async (transport) => {
      const first = replyOf(await send(transport, '/first'));
      await send(transport, '/both');
      const next = replyOf(await send(transport, '/next'));
      expect(next).toEqual({ connection: first.connection + 1, path: '/next' });
    }));
});
