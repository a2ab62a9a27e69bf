import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { CallInfo, WaldurClient, WaldurClientOptions } from '../../../src/waldur/client.ts';
import { createWaldurClient } from '../../../src/waldur/client.ts';
import { UpstreamError } from '../../../src/waldur/errors.ts';
import type { UpstreamCaller } from '../../../src/waldur/types.ts';

/** Upstreams of one test; they end with it. */

export interface Seen {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface Upstream {
  url: string;
  seen: Seen[];
  /** Connections that have ended. */
  closed: number;
}

const listen = async (server: net.Server): Promise<Upstream> => {
  const sockets = new Set<Socket>();
  const upstream: Upstream = { url: '', seen: [], closed: 0 };
  server.on('connection', (socket) => {
    sockets.add(socket);
    // Clients that go away are what these servers are for.
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      upstream.closed++;
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return upstream;
};

/** Answers with HTTP; `n` counts the requests from 1. */
export async function httpUpstream(
  answer: (response: http.ServerResponse, request: Seen, n: number) => void,
): Promise<Upstream> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      upstream.seen.push(seen);
      answer(response, seen, upstream.seen.length);
    });
    request.on('error', () => {});
  });
  const upstream = await listen(server);
  return upstream;
}

/** Always the same JSON, as Waldur answers. */
export const jsonUpstream = (
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): Promise<Upstream> => httpUpstream((response) => sendJson(response, status, body, headers));

export function sendJson(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Does what it likes with the bytes of the connection, once a whole request has come; `n` counts the requests from 1. */
export async function rawUpstream(answer: (socket: Socket, n: number) => void): Promise<Upstream> {
  const server = net.createServer((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < head + 4 + length) return;
      const [method = '', url = ''] = text.split(' ');
      upstream.seen.push({ method, url, headers: {}, body: text.slice(head + 4) });
      text = '';
      answer(socket, upstream.seen.length);
    });
  });
  const upstream = await listen(server);
  return upstream;
}

/** An address where nobody listens. */
export async function closedPort(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

export const CALLER: UpstreamCaller = { key: 'caller', headers: { authorization: 'Token 0123456789' } };
export const UUID = '0123456789abcdef0123456789abcdef';
export const OTHER_UUID = 'fedcba9876543210fedcba9876543210';

/** Roomy bounds, so that only what a test sets plays a part. */
const OPTIONS = {
  attemptTimeoutMs: 10_000,
  overallTimeoutMs: 20_000,
  maxBodyBytes: 32 * 1_048_576,
  perCallerConcurrency: 4,
  totalConcurrency: 64,
  queueLimit: 1_000,
  random: () => 0,
};

export interface TestClient extends WaldurClient {
  calls: CallInfo[];
}

export function clientOf(url: string, options: Partial<WaldurClientOptions> = {}): TestClient {
  const calls: CallInfo[] = [];
  const client = createWaldurClient({ ...OPTIONS, url, onCall: (info) => calls.push(info), ...options });
  onTestFinished(() => client.close());
  return { ...client, calls };
}

/** The error that a call must end in. */
export async function failure(call: Promise<unknown>): Promise<UpstreamError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof UpstreamError) return error;
  throw new Error('the call should have failed with an UpstreamError', { cause: error });
}

/** A read and a write, for rules that tell them apart. */
export const READ = { name: 'read', send: (client: WaldurClient) => client.getSnapshot(CALLER, UUID) };
export const WRITE = { name: 'write', send: (client: WaldurClient) => client.pullSnapshot(CALLER, UUID) };
