import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Running, tokenOf, useGateway } from '../support/gateway.ts';
import { frame, INIT, text, UPGRADE } from './support/frames.ts';

/** Who sends and does not read, who does not come to an end, and who does not go. */

const STALL_MS = 300;
const gateway = useGateway(
  { maxRows: 10_000_000, maxTokens: 10_000, maxUpstreamCalls: 10_000, maxRootFields: 100, maxAliases: 100 },
  { sockets: { stallMs: STALL_MS, messageMs: STALL_MS, initMs: 60_000 }, stallMs: STALL_MS },
);
/** The flooding client is in the same process; `npm run test:soak` measures the gateway alone. */
const MOST_GROWTH = 300 * 1_048_576;
const IN_TIME = { timeout: 60_000, interval: 20 };

/** A connection that reads nothing. */
function dial(first: string | Buffer, { url }: Running = gateway()): { socket: Socket; gone: () => boolean } {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').pause();
  onTestFinished(() => void socket.destroy());
  let gone = false;
  // The gateway resets what it ends while something is unread.
  socket.on('error', () => {
    gone = true;
  });
  socket.on('close', () => {
    gone = true;
  });
  socket.write(first);
  return { socket, gone: () => gone };
}

/** Writes as fast as the gateway reads, until it ends the connection. */
function flood({ socket, gone }: ReturnType<typeof dial>, piece: Buffer): void {
  const more = (): void => {
    while (!gone() && socket.write(piece)) {}
  };
  socket.on('drain', more);
  more();
}

/** The longest that one of so many queries takes, one after another, in ms. */
async function slowestOf(count: number): Promise<number> {
  let slowest = 0;
  for (let sent = 0; sent < count; sent += 1) {
    const from = performance.now();
    expect((await gateway().query('{ __typename }')).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - from);
  }
  return slowest;
}

const many = (one: (n: number) => object): Buffer =>
  Buffer.concat(Array.from({ length: 1_000 }, (_, n) => text(one(n))));

const figures = async ({ url }: Running = gateway()) => (await fetch(`${url}/metrics`)).text();
const sockets = async (of?: Running) => Number((await figures(of)).match(/^\S*sockets (\d+)$/m)?.[1]);
const refusals = async (limit: string) =>
  Number((await figures()).match(new RegExp(`limit="${limit}"} (\\d+)`))?.[1] ?? 0);

describe('case 47: a WebSocket without credentials that sends and never reads is closed; memory is constant; others are served', () => {
  const asking = (query: string) => (n: number) => ({ id: String(n), type: 'subscribe', payload: { query } });
  it.each([
    ['ping messages', many(() => ({ type: 'ping' }))],
    ['ping messages with 60 KB', text({ type: 'ping', payload: { pad: 'x'.repeat(60_000) } })],
    ['refused documents', many(asking('{ nothing }'))],
    ['introspection', many(asking('{ __schema { types { name fields { name } } } }'))],
  ])('%s', async (_name, piece) => {
    const alone = await slowestOf(20);
    const before = process.memoryUsage().rss;
    const client = dial(Buffer.concat([Buffer.from(UPGRADE), INIT]));
    flood(client, piece);
    let most = 0;
    let slowest = 0;
    await vi.waitFor(async () => {
      most = Math.max(most, process.memoryUsage().rss - before);
      slowest = Math.max(slowest, await slowestOf(1));
      expect(await sockets()).toBe(0);
    }, IN_TIME);
    expect(most).toBeLessThan(MOST_GROWTH);
    expect(slowest).toBeLessThan(1_000 + 20 * alone);
  });
});

describe('case 47: a client that sends after the gateway has closed the socket', () => {
  it('is disconnected after 1 MiB, not read until the close times out', async () => {
    const client = dial(Buffer.concat([Buffer.from(UPGRADE), INIT]));
    let came = '';
    client.socket.on('data', (chunk) => {
      came += String(chunk);
    });
    client.socket.resume();
    await vi.waitFor(() => expect(came).toContain('connection_ack'), IN_TIME);
    client.socket.pause();
    // A second initialisation is a mistake, which closes the socket.
    client.socket.write(INIT);
    flood(
      client,
      many((n) => ({ id: '1', type: 'subscribe', payload: { query: `{ nothing${n} }` } })),
    );
    await vi.waitFor(() => expect(client.gone()).toBe(true), IN_TIME);
    // What the kernel holds on both sides counts as well.
    expect(client.socket.bytesWritten).toBeLessThan(32 * 1_048_576);
  });
});

describe('case 48: a deadline ends exchanges that do not progress', () => {
  it.each([
    ['one frame, before connection_init', [frame(1, 'x'.repeat(30_000), 1_000_000)]],
    ['one frame, after it', [INIT, frame(1, 'x'.repeat(900_000), 1_000_000)]],
    ['a fragment', [INIT, frame(1, 'x'.repeat(900_000), 900_000, false)]],
    ['more than a stranger may send', [frame(1, 'x'.repeat(900_000), 1_000_000)]],
  ])('a message: %s', async (_name, frames) => {
    dial(Buffer.concat([Buffer.from(UPGRADE), ...frames]));
    await vi.waitFor(async () => expect(await sockets()).toBe(1), IN_TIME);
    await vi.waitFor(async () => expect(await sockets()).toBe(0), IN_TIME);
  });

  it('an HTTP response that is not read, and the next request on its connection', async () => {
    const rows = 'nodes { uuid name description state size created modified sourceVolume { uuid name } }';
    const roots = Array.from({ length: 100 }, (_, n) => `a${n}: snapshots(first: 1000) { ${rows} }`);
    const body = JSON.stringify({ query: `{ ${roots.join(' ')} }` });
    const headers = { authorization: `Token ${tokenOf('staff')}`, 'content-type': 'application/json' };
    const whole = await (await fetch(`${gateway().url}/graphql`, { method: 'POST', headers, body })).text();
    // More than the network holds for a reader.
    expect(whole.length, whole.slice(0, 300)).toBeGreaterThan(8_000_000);
    const before = await refusals('unread');
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    dial(
      `POST /graphql HTTP/1.1\r\nHost: x\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n${body}GET /health`,
    );
    await vi.waitFor(async () => expect(await refusals('unread')).toBe(before + 1), IN_TIME);
  });

  describe('with little patience', () => {
    const impatient = useGateway({}, { sockets: { closeMs: STALL_MS } });
    it('a close that is never acknowledged', async () => {
      // Twice: the second initialisation closes the socket.
      dial(Buffer.concat([Buffer.from(UPGRADE), INIT, INIT]), impatient());
      await vi.waitFor(async () => expect(await sockets(impatient())).toBe(1), IN_TIME);
      await vi.waitFor(async () => expect(await sockets(impatient())).toBe(0), IN_TIME);
    });
  });
});
