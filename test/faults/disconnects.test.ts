import { connect, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { requestText } from '../support/connection.ts';
import { tokenOf, useGateway } from '../support/gateway.ts';
import { text, UPGRADE } from './support/frames.ts';

/** Clients that disconnect without a word. */

const gateway = useGateway({ logLevel: 'debug' });
const CLIENTS = 300;
/** Of answers that take long to make. */
const FEW = 15;
/** At the same time. */
const TOGETHER = 15;
const IN_TIME = { timeout: 20_000, interval: 20 };
const [DEBUG, WARNING] = [20, 40];
const authorization = `Token ${tokenOf('admin1')}`;

/** An answer of 10 MB, more than the buffers of the network hold, without a call to Waldur. */
const NAME = 'n'.repeat(20_000);
const LONG = `{ __schema { types { ${NAME}: name fields { ${NAME}: name } } } }`;
const CALLING = '{ volumes { totalCount } }';
const STREAM = 'subscription { snapshotChanges { kind snapshot { name } } }';

/** Opens a connection and sends the query. */
type Begin = (query: string) => Socket;

const dial = (): Socket => connect(Number(new URL(gateway().url).port), '127.0.0.1').on('error', () => {});

const post =
  (path: string): Begin =>
  (query) => {
    const body = JSON.stringify({ query });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
    const client = dial();
    client.write(requestText('POST', path, { ...headers, Authorization: authorization, Accept: '*/*' }, body));
    return client;
  };

const socket: Begin = (query) => {
  const client = dial();
  client.write(
    Buffer.concat([Buffer.from(UPGRADE), text({ type: 'connection_init', payload: { Authorization: authorization } })]),
  );
  let came = '';
  const begin = (chunk: Buffer): void => {
    came += chunk.toString('latin1');
    if (!came.includes('connection_ack')) return;
    client.off('data', begin);
    for (const id of ['1', '2']) client.write(text({ id, type: 'subscribe', payload: { query } }));
  };
  return client.on('data', begin);
};

const inFlight = () =>
  vi.waitFor(() => expect(gateway().simulator.stats().inFlight).toBeGreaterThan(0), { interval: 2 });
/** Resolves when so much has arrived that the client is in the middle of its answer, and reads no further. */
const received = (bytes: number) => (client: Socket) =>
  new Promise<void>((resolve) => {
    let length = 0;
    client.on('data', (chunk) => {
      length += chunk.length;
      if (length < bytes) return;
      client.pause();
      resolve();
    });
  });

const metric = async (transport: string): Promise<number> => {
  const lines = await (await fetch(`${gateway().url}/metrics`)).text();
  return Number(new RegExp(`client_disconnects_total{transport="${transport}"} (\\d+)`).exec(lines)?.[1] ?? 0);
};

describe('case 71: 300 clients disconnect in the middle, which is no failure of the gateway', () => {
  it.each([
    ['http', 'of an HTTP response', post('/graphql'), LONG, received(10_000)],
    ['http', 'of an HTTP request that calls Waldur', post('/graphql'), CALLING, inFlight],
    ['http', 'of a long server-sent event', post('/graphql/stream'), LONG, received(10_000)],
    ['http', 'of an event stream', post('/graphql/stream'), STREAM, received(1_000)],
    ['websocket', 'of long WebSocket messages', socket, LONG, received(10_000)],
    ['websocket', 'of operations of a WebSocket that call Waldur', socket, CALLING, inFlight],
    ['websocket', 'of subscriptions of a WebSocket', socket, STREAM, received(1_000)],
  ] as const)('%s: %s', { timeout: 60_000 }, async (transport, _name, begin, query, middle) => {
    if (middle === inFlight) gateway().simulator.faults.add({ latencyMs: 60_000 });
    const from = gateway().log.length;
    const before = await metric(transport);
    const count = query === LONG ? FEW : CLIENTS;
    for (let left = 0; left < count; left += TOGETHER) {
      const clients = Array.from({ length: TOGETHER }, () => begin(query));
      await Promise.all(clients.map(middle));
      for (const client of clients) client.resetAndDestroy();
    }
    await vi.waitFor(async () => expect((await metric(transport)) - before).toBe(count), IN_TIME);
    await vi.waitFor(() => expect(gateway().simulator.stats().inFlight).toBe(0), IN_TIME);
    const lines = gateway()
      .log.slice(from)
      .map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(lines.filter(({ level }) => level >= WARNING)).toEqual([]);
    expect(lines.filter(({ level, msg }) => level === DEBUG && msg.includes('disconnected'))).toHaveLength(count);
  });
});
