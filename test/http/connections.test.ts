import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useGateway } from '../support/gateway.ts';
import { openSocket, type RawSocket } from '../support/socket.ts';

/** What strangers may hold open. */

const open: Socket[] = [];
const sockets: RawSocket[] = [];
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  for (const socket of sockets) socket.close();
  await Promise.all(sockets.splice(0).map(({ closed }) => closed));
});

interface Connection {
  readonly socket: Socket;
  /** All that came, once it is closed. */
  readonly closed: Promise<string>;
}

/** A connection that sends what it is told, and nothing else. */
function dial(url: string, text = ''): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    open.push(socket);
    let received = '';
    socket.on('data', (chunk) => {
      received += String(chunk);
    });
    const closed = new Promise<string>((done) => socket.once('close', () => done(received)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.write(text);
      resolve({ socket, closed });
    });
  });
}

const refusals = async (url: string, limit: string) =>
  Number((await (await fetch(`${url}/metrics`)).text()).match(new RegExp(`limit="${limit}"} (\\d+)`))?.[1] ?? 0);

async function upgrade(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
  const socket = await openSocket(url, { headers });
  sockets.push(socket);
  return socket;
}

describe('a request that offers another protocol', () => {
  const gateway = useGateway();
  const body = '{"query":"{ __typename }"}';

  // As Java's own client sends its first one.
  it.each(['h2c', 'TLS/1.0, h2c'])('is answered like any other: %s', async (protocol) => {
    const { closed } = await dial(
      gateway().url,
      `POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(await closed).toMatch(/^HTTP\/1\.1 200 .*\{"data":\{"__typename":"Query"\}\}/s);
  });

  it('a WebSocket is opened, whatever the case of the protocol name', async () => {
    const { closed, socket } = await dial(
      gateway().url,
      'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    socket.once('data', () => socket.destroy());
    expect(await closed).toMatch(/^HTTP\/1\.1 101 /);
  });
});

describe('requests that are never complete', () => {
  const gateway = useGateway({ headersTimeoutMs: 200, maxHeaderBytes: 2_000, maxUrlBytes: 1_000 });

  it.each([
    ['nothing at all', ''],
    ['headers that never end', 'POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['half a request line', 'GET /gra'],
  ])('%s: closed in time', async (_name, text) => {
    const { closed } = await dial(gateway().url, text);
    expect(await closed).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
    expect((await gateway().query('{ __typename }')).status).toBe(200);
  });

  it('an occasional byte does not extend the time', async () => {
    const { socket, closed } = await dial(gateway().url, 'POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const drip = setInterval(() => socket.write('a'), 20);
    await expect(closed).resolves.toBeTypeOf('string');
    clearInterval(drip);
  });

  it('too large headers are 431', async () => {
    const { closed } = await dial(gateway().url, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(4_000)}\r\n\r\n`);
    const answer = await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"code":"BAD_REQUEST"');
  });

  it('bytes that are not HTTP are 400, in the format of other errors', async () => {
    const { closed } = await dial(gateway().url, 'HELO gateway\r\n\r\n');
    const [head, body] = (await closed).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });
});

describe('connections', () => {
  const gateway = useGateway({ maxConnections: 3 });

  it('one above the limit is closed immediately; the others stay open, and one that closes makes room', async () => {
    const first = await dial(gateway().url);
    await dial(gateway().url);
    await dial(gateway().url);
    const { closed } = await dial(gateway().url);
    await closed;
    first.socket.destroy();
    await vi.waitFor(async () => expect(await refusals(gateway().url, 'connections')).toBeGreaterThan(0));
  });
});

describe('sockets', () => {
  const gateway = useGateway({ maxSockets: 2 });

  it('one above the limit is 503 at the upgrade; HTTP requests continue', async () => {
    const first = await upgrade(gateway().url);
    await upgrade(gateway().url);
    await expect(upgrade(gateway().url)).rejects.toThrow('503');
    expect((await gateway().query('{ __typename }')).status).toBe(200);
    expect(await refusals(gateway().url, 'sockets')).toBe(1);
    first.close();
    await first.closed;
    await vi.waitFor(() => upgrade(gateway().url));
  });
});

describe('sockets of one address', () => {
  const gateway = useGateway({ maxSocketsPerAddress: 2, trustedProxies: ['127.0.0.1', '10.0.0.1'] });
  const from = (...chain: string[]) => upgrade(gateway().url, { 'x-forwarded-for': chain.join(', ') });

  it('one above the limit is 429 at the upgrade; another address is accepted', async () => {
    await from('198.51.100.7');
    const second = await from('198.51.100.7');
    await expect(from('198.51.100.7')).rejects.toThrow('429');
    await from('198.51.100.8');
    expect(await refusals(gateway().url, 'socketsOfAddress')).toBe(1);
    second.close();
    await second.closed;
    await vi.waitFor(() => from('198.51.100.7'));
  });

  it('forged header entries of a client do not change its address', async () => {
    await from('1.1.1.1', '203.0.113.5', '10.0.0.1');
    await from('2.2.2.2', '203.0.113.5', '10.0.0.1');
    await expect(from('3.3.3.3', '203.0.113.5', '10.0.0.1')).rejects.toThrow('429');
    await expect(from('not an address', '203.0.113.5')).rejects.toThrow('429');
  });
});

describe('without a trusted proxy', () => {
  const gateway = useGateway({ maxSocketsPerAddress: 1 });
  it('the header is ignored', async () => {
    await upgrade(gateway().url, { 'x-forwarded-for': '198.51.100.7' });
    await expect(upgrade(gateway().url, { 'x-forwarded-for': '198.51.100.8' })).rejects.toThrow('429');
  });
});

describe('an operation that hangs', () => {
  const gateway = useGateway({ upstreamTimeoutMs: 300 });
  it('ends in UPSTREAM_TIMEOUT over HTTP and over a socket', async () => {
    gateway().simulator.faults.add({ path: '/api/', latencyMs: 60_000 });
    const query = '{ viewer { uuid } snapshots { totalCount } }';
    const codes = {
      errors: [{ extensions: { code: 'UPSTREAM_TIMEOUT' } }, { extensions: { code: 'UPSTREAM_TIMEOUT' } }],
    };
    const socket = await upgrade(gateway().url);
    await socket.init({ Authorization: 'Token x' });
    socket.send({ id: '1', type: 'subscribe', payload: { query } });
    const [over, message] = await Promise.all([gateway().query(query), socket.next()]);
    expect(over).toMatchObject({ status: 200, ...codes });
    expect(message).toMatchObject({ type: 'next', payload: codes });
    await vi.waitFor(() => expect(gateway().simulator.stats().inFlight).toBe(0));
  });
});
