import { connect, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { requestText } from '../support/connection.ts';
import { tokenOf, useGateway } from '../support/gateway.ts';
import { text, UPGRADE } from './support/frames.ts';

/** Clients that disconnect without a word. */

const gateway = useGateway({ logLevel: 'debug' });
const CLIENTS = 300;
/** At the same time: what is unsent on all connections is bounded. */
const TOGETHER = 50;
const authorization = `Token ${tokenOf('admin1')}`;

/** About 1 MB of an answer, more than the buffers of the network hold, without a call to Waldur. */
const TYPES = '{ name description fields { name description args { name description } } inputFields { name description } }';
const LONG = `{ ${['a', 'b', 'c', 'd', 'e', 'f'].map((alias) => `${alias}: __schema { types ${TYPES} }`).join(' ')} }`;
const CALLING = '{ volumes { totalCount } }';
const STREAM = 'subscription { snapshotChanges { kind snapshot { name } } }';

function post(path: string, query: string): string {
  const body = JSON.stringify({ query });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length), Authorization: authorization };
  return requestText('POST', path, { ...headers, Accept: '*/*' }, body);
}

function socketWith(query: string): Buffer {
  const init = text({ type: 'connection_init', payload: { Authorization: authorization } });
  const operations = ['1', '2', '3'].map((id) => text({ id, type: 'subscribe', payload: { query } }));
  return Buffer.concat([Buffer.from(UPGRADE), init, ...operations]);
}

const inFlight = () => vi.waitFor(() => expect(gateway().simulator.stats().inFlight).toBeGreaterThan(0), { interval: 2 });
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
    ['http', 'of an HTTP response', post('/graphql', LONG), received(10_000)],
    ['http', 'of an HTTP request that calls Waldur', post('/graphql', CALLING), inFlight],
    ['http', 'of a long server-sent event', post('/graphql/stream', LONG), received(10_000)],
    ['http', 'of an event stream', post('/graphql/stream', STREAM), received(1_000)],
    ['websocket', 'of long WebSocket messages', socketWith(LONG), received(10_000)],
    ['websocket', 'of operations of a WebSocket that call Waldur', socketWith(CALLING), inFlight],
    ['websocket', 'of subscriptions of a WebSocket', socketWith(STREAM), received(1_000)],
  ] as const)('%s: %s', { timeout: 120_000 }, async (transport, _name, bytes, middle) => {
    if (middle === inFlight) gateway().simulator.faults.add({ latencyMs: 60_000 });
    const from = gateway().log.length;
    const before = await metric(transport);
    for (let left = 0; left < CLIENTS; left += TOGETHER) {
      const clients = Array.from({ length: TOGETHER }, () => connect(Number(new URL(gateway().url).port), '127.0.0.1'));
      await Promise.all(
        clients.map((client) => {
          client.on('error', () => {}).write(bytes);
          return middle(client);
        }),
      );
      for (const client of clients) client.resetAndDestroy();
    }
    await vi.waitFor(async () => expect((await metric(transport)) - before).toBe(CLIENTS), { timeout: 60_000, interval: 20 });
    await vi.waitFor(() => expect(gateway().simulator.stats().inFlight).toBe(0), { timeout: 60_000, interval: 20 });
    const lines = gateway().log.slice(from).map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
    const told = lines.filter(({ level, msg }) => level === 20 && msg.includes('disconnected'));
    expect(told).toHaveLength(CLIENTS);
  });
});
