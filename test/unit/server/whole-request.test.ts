import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { WholeRequest } from '../../../src/server/whole-request.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const head = (path: string, length: number): string =>
  `POST ${path} HTTP/1.1\r\nhost: gateway.example\r\ncontent-length: ${length}\r\n\r\n`;

interface Served {
  readonly bodies: string[];
  /** Of the requests that came. */
  readonly requests: WeakRef<http.IncomingMessage>[];
  /** That ended before there was an answer. */
  readonly left: string[];
  /** Opens a connection; what was answered so far, in one text. */
  connect(): { socket: net.Socket; answered: () => string };
}

/** Takes requests for /whole as a whole, reads those for /stream as streams, and leaves the others unread. */
async function serve(): Promise<Served> {
  const bodies: string[] = [];
  const requests: WeakRef<http.IncomingMessage>[] = [];
  const left: string[] = [];
  const server = http.createServer({ IncomingMessage: WholeRequest }, (request, response) => {
    requests.push(new WeakRef(request));
    const { url = '' } = request;
    response.on('close', () => {
      if (!response.writableFinished) left.push(url);
    });
    const answer = (body: Buffer): void => {
      bodies.push(body.toString());
      response.end(`${url} ${body.length}\n`);
    };
    if (url === '/whole') request.whenWhole(answer);
    else if (url === '/stream') void request.toArray().then((pieces) => answer(Buffer.concat(pieces)));
    else answer(Buffer.of());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const connect = () => {
    const socket = net.connect(port, '127.0.0.1').setNoDelay();
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    return { socket, answered: () => [...text.matchAll(/^\/\w+ \d+$/gm)].join() };
  };
  return { bodies, requests, left, connect };
}

it('has a body whole however it comes', async () => {
  const { bodies, connect } = await serve();
  const { socket, answered } = connect();
  const pieces = ['one ', 'två ', 'x'.repeat(300_000), ' three'];
  socket.write(head('/whole', Buffer.byteLength(pieces.join(''))));
  for (const piece of pieces) {
    socket.write(piece);
    // So that they come one by one.
    await turn();
  }
  await expect.poll(answered).toBe(`/whole ${Buffer.byteLength(pieces.join(''))}`);
  expect(bodies).toEqual([pieces.join('')]);
});

it('requests of all kinds follow each other on one connection', async () => {
  const { connect } = await serve();
  const { socket, answered } = connect();
  const order = ['/whole', '/stream', '/unread', '/whole', '/whole', '/unread', '/stream', '/whole'];
  for (const [n, path] of order.entries()) {
    socket.write(`${head(path, 4)}body`);
    await expect.poll(() => answered().split(',').length).toBe(n + 1);
  }
  for (const path of order) socket.write(`${head(path, 4)}body`);
  await expect.poll(answered).toBe([...order, ...order].map((path) => `${path} ${path === '/unread' ? 0 : 4}`).join());
});

it('a client that leaves within the body is told of by the response, and the body never comes', async () => {
  const { bodies, left, requests, connect } = await serve();
  const { socket } = connect();
  socket.write(`${head('/whole', 10)}half`);
  await expect.poll(() => requests.length).toBe(1);
  socket.destroy();
  await expect.poll(() => left).toEqual(['/whole']);
  expect(bodies).toEqual([]);
});

it.each(['/whole', '/stream'])('a connection at rest holds no request that was answered: %s', async (path) => {
  const { requests, connect } = await serve();
  const { socket, answered } = connect();
  socket.write(`${head(path, 4)}body`);
  await expect.poll(answered).toBe(`${path} 4`);
  await expect
    .poll(() => {
      gc();
      return requests.map((request) => request.deref());
    })
    .toEqual([undefined]);
  expect(socket.readyState).toBe('open');
});

it('a request that is kept does not keep its body', async () => {
  const kept: http.IncomingMessage[] = [];
  const bodies: WeakRef<Buffer>[] = [];
  const server = http.createServer({ IncomingMessage: WholeRequest }, (request, response) => {
    kept.push(request);
    request.whenWhole((body) => {
      bodies.push(new WeakRef(body));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  expect((await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'body' })).status).toBe(200);
  await expect
    .poll(() => {
      gc();
      return bodies.map((body) => body.deref());
    })
    .toEqual([undefined]);
  expect(kept).toHaveLength(1);
});
