import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ConnectionQueues } from '../../../src/server/connection-queue.ts';

/** A plain server whose requests are answered by the test. */
async function serve({ restMs = 60_000, headersTimeout = 60_000 } = {}) {
  const begun: { request: IncomingMessage; response: ServerResponse }[] = [];
  const ended: string[] = [];
  const queues = new ConnectionQueues(restMs);
  const server = http.createServer({ headersTimeout, connectionsCheckingInterval: 20 });
  queues.attach(server, (request, response) => void begun.push({ request, response }));
  const excused: boolean[] = [];
  server.on('clientError', (_error, socket) => {
    const end = (): void => {
      ended.push('late');
      socket.destroy();
    };
    excused.push(queues.excuses(socket, end));
    if (excused.at(-1) === false) end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const dial = (): { socket: Socket; text: () => string } => {
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    return { socket, text: () => text };
  };
  return { server, begun, ended, excused, dial };
}

const get = (path: string | number): string => `GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const paths = (begun: readonly { request: IncomingMessage }[]) => begun.map(({ request }) => request.url);

it('runs one request of a connection at a time, and another connection does not wait for it', async () => {
  const { begun, dial } = await serve();
  const many = dial();
  many.socket.write([0, 1, 2, 3].map(get).join(''));
  await vi.waitFor(() => expect(paths(begun)).toEqual(['/0']));
  dial().socket.write(get('other'));
  await vi.waitFor(() => expect(paths(begun)).toEqual(['/0', '/other']));
  begun[0]?.response.end('first');
  await vi.waitFor(() => expect(paths(begun)).toEqual(['/0', '/other', '/1']));
});

it('answers thousands in order, with bodies that are read as streams', async () => {
  const { server, begun, dial } = await serve();
  const many = dial();
  const count = 3_000;
  const body = 'x'.repeat(50);
  for (let n = 0; n < count; n += 1)
    many.socket.write(`POST /${n} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  let most = 0;
  let arrived = 0;
  server.on('request', () => {
    arrived += 1;
    most = Math.max(most, arrived - begun.length);
  });
  for (let n = 0; n < count; n += 1) {
    const { request, response } = await vi.waitFor(() => begun[n] ?? Promise.reject(new Error('not begun')), {
      interval: 1,
    });
    let read = '';
    for await (const chunk of request) read += String(chunk);
    response.end(`[${request.url} ${read.length}]`);
  }
  await vi.waitFor(() => expect(many.text().match(/\[.*?\]/g)).toHaveLength(count));
  expect(many.text().match(/\[.*?\]/g)).toEqual(Array.from({ length: count }, (_, n) => `[/${n} ${body.length}]`));
  // What one read of the socket brings, not all that was sent.
  expect(most).toBeLessThan(count / 2);
});

it('starts no more requests of a client that has left', async () => {
  const { server, begun, dial } = await serve();
  const many = dial();
  many.socket.write(Array.from({ length: 10 }, (_, n) => get(n)).join(''));
  await vi.waitFor(() => expect(begun).toHaveLength(1));
  const closed = new Promise((resolve) => begun[0]?.response.once('close', resolve));
  many.socket.destroy();
  await closed;
  await vi.waitFor(async () => {
    const count = await new Promise<number>((resolve) => server.getConnections((_error, open) => resolve(open)));
    expect(count).toBe(0);
  });
  dial().socket.write(get('next'));
  await vi.waitFor(() => expect(begun).toHaveLength(2));
  expect(paths(begun)).toEqual(['/0', '/next']);
});

it('starts no more requests after a response that closes the connection', async () => {
  const { begun, dial } = await serve();
  const many = dial();
  const closed = new Promise((resolve) => many.socket.once('close', resolve));
  many.socket.write([0, 1, 2].map(get).join(''));
  await vi.waitFor(() => expect(begun).toHaveLength(1));
  begun[0]?.response.setHeader('connection', 'close').end();
  await closed;
  expect(begun).toHaveLength(1);
});

/** So many wait that reading pauses, and the last of what was read is cut in its headers. */
async function cutByPause(restMs: number) {
  const served = await serve({ restMs, headersTimeout: 100 });
  const many = served.dial();
  many.socket.write(`${Array.from({ length: 30 }, (_, n) => get(n)).join('')}GET /cut HTTP/1.1\r\nHo`);
  await vi.waitFor(() => expect(served.excused).toEqual([true]), { timeout: 5_000 });
  const answerAll = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const { response } = await vi.waitFor(() => served.begun[n] ?? Promise.reject(new Error('not begun')));
      response.end();
    }
  };
  return { ...served, many, answerAll };
}

it('does not time out a request that was late because the server did not read', async () => {
  const { many, answerAll, begun, ended } = await cutByPause(60_000);
  await answerAll(30);
  many.socket.write('st: x\r\n\r\n');
  await answerAll(31);
  expect([paths(begun).at(-1), ended]).toEqual(['/cut', []]);
});

it('times out a request whose rest is late', async () => {
  const { many, answerAll, ended } = await cutByPause(50);
  const closed = new Promise((resolve) => many.socket.once('close', resolve));
  await answerAll(30);
  await closed;
  expect(ended).toEqual(['late']);
});
