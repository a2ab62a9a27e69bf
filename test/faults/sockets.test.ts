import http from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { BOMBS } from '../support/bombs.ts';
import { openEvents } from '../support/events.ts';
import { at, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { operation, useLive } from '../support/live.ts';
import { openSocket } from '../support/socket.ts';
import { ask } from './support/transports.ts';

/** Sockets and streams, and who opens, floods or leaves them. */

const INIT_MS = 200;
const live = useLive({}, { sockets: { initMs: INIT_MS } });
const { outside } = live;
const url = () => live.running().url;
const authorization = `Token ${tokenOf('admin1')}`;
const DOCUMENT = operation('SnapshotChanges');
const tenant = uuidOf.tenant('genome-tenant');

/** A client that watches one snapshot of its own. */
async function watching(bench = live) {
  const name = bench.name();
  const uuid = await bench.outside.add('snapshots', { tenant, name });
  const client = await bench.client();
  const stream = client.subscribe(DOCUMENT, { filter: { name } });
  await stream.until('BOOKMARK');
  return { name, uuid, client, stream };
}

describe('case 11: a WebSocket with a foreign Origin is refused at the upgrade', () => {
  const strict = useGateway({ allowedOrigins: ['https://ui.example.org'] });
  const own = () => strict().url;
  it.each([
    ['another site', () => 'https://evil.example'],
    ['a sandboxed page', () => 'null'],
    ['the same name by another scheme', () => 'http://ui.example.org'],
    ['a name that begins alike', () => 'https://ui.example.org.evil.example'],
    ['a name that ends alike', () => 'https://evil-ui.example.org'],
    ['another port', () => 'https://ui.example.org:8443'],
    ['the gateway in front of another', () => own().replace(/:\d+$/, '.evil.example')],
    ['nonsense', () => 'nonsense'],
  ])('%s', async (_name, origin) => {
    await expect(openSocket(own(), { headers: { origin: origin() } })).rejects.toThrow('403');
    expect(strict().calls()).toBe(0);
  });

  it('its own pages, allowed pages and programs are accepted', async () => {
    for (const headers of [{ origin: own() }, { origin: 'https://ui.example.org' }, {}]) {
      const socket = await openSocket(own(), { headers });
      await socket.init();
      expect(socket.open).toBe(true);
      socket.close();
    }
  });
});

describe('case 12: every invalid document gets the same error over WebSocket and SSE as over HTTP', () => {
  const BAD: readonly (readonly [name: string, query: string, variables?: object])[] = [
    ['nothing', ''],
    ['a syntax error', '{'],
    ['a comment', '# nothing'],
    ['an unknown field', '{ nothing }'],
    ['an unknown argument', '{ snapshots(nothing: 1) { totalCount } }'],
    ['no selection', '{ snapshots }'],
    ['an unknown type', 'query ($x: Nothing) { __typename }'],
    ['an unknown directive', '{ __typename @nothing }'],
    ['a fragment in a circle', '{ ...a } fragment a on Query { ...a }'],
    ['an unused fragment', '{ __typename } fragment a on Query { __typename }'],
    ['an unused variable', 'query ($x: Int) { __typename }'],
    ['two operations and no name', 'query a { __typename } query b { __typename }'],
    ['a fragment alone', 'fragment a on Query { __typename }'],
    ['a definition of a type', 'type Query { a: Int }'],
    ['two fields that conflict', '{ a: viewer { uuid } a: snapshots { totalCount } }'],
    ['a missing variable', 'query ($u: UUID!) { snapshot(uuid: $u) { uuid } }'],
    ['a wrong variable', 'query ($u: UUID!) { snapshot(uuid: $u) { uuid } }', { u: '..' }],
    ['a wrong enum', '{ snapshots(filter: { state: [MELTING] }) { totalCount } }'],
    ['two roots of a subscription', 'subscription { a: snapshotChanges { kind } b: snapshotChanges { kind } }'],
    ['a page of no size', '{ snapshots(first: -1) { totalCount } }'],
    ...BOMBS.map(([name, document]) => [name, document] as const),
  ];

  it('the socket stays open, with its other subscriptions', async () => {
    const { uuid, client, stream } = await watching();
    live.running().simulator.resetStats();
    for (const [name, query, variables] of BAD) {
      const verdict = (await ask(url(), 'HTTP', { query, variables }, { authorization })).codes;
      expect([name, verdict.length > 0]).toEqual([name, true]);
      // Without an operation there is nothing to look at: over HTTP that is a malformed request.
      const expected = name === 'nothing' ? ['GRAPHQL_PARSE_FAILED'] : verdict;
      const overSse = (await ask(url(), 'SSE', { query, variables }, { authorization })).codes;
      const bad = client.subscribe({ query }, { ...variables });
      await bad.end();
      const overSocket =
        bad.ended?.type === 'error' ? bad.ended.codes : bad.errors.map((e) => at(e, 'extensions', 'code'));
      expect([name, overSse, overSocket]).toEqual([name, verdict, expected]);
    }
    expect(client.socket.open).toBe(true);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED' });
  });
});

describe('case 26: the upstream calls of a client that disconnects are aborted', () => {
  const query = '{ viewer { uuid } snapshots { totalCount } volumes(first: 5) { nodes { uuid } } }';
  const body = JSON.stringify({ query });
  const headers = { authorization, 'content-type': 'application/json', accept: '*/*' };
  const LEAVES: readonly [name: string, begin: () => Promise<() => void>][] = [
    [
      'HTTP, connection reset',
      async () => {
        const request = http.request(`${url()}/graphql`, { method: 'POST', headers }).on('error', () => {});
        request.end(body);
        return () => request.destroy();
      },
    ],
    [
      'HTTP, by GET',
      async () => {
        const request = http
          .get(`${url()}/graphql?${new URLSearchParams({ query })}`, { headers })
          .on('error', () => {});
        return () => request.destroy();
      },
    ],
    [
      'SSE',
      async () => {
        const reader = await openEvents(`${url()}/graphql/stream`, {
          headers: { ...headers, accept: 'text/event-stream' },
          body,
        });
        return reader.leave;
      },
    ],
    [
      'WebSocket, closed',
      async () => {
        const client = await live.client();
        client.subscribe({ query });
        return () => client.socket.close();
      },
    ],
    [
      'WebSocket, operation left',
      async () => {
        const client = await live.client();
        const left = client.subscribe({ query });
        return () => left.leave();
      },
    ],
    [
      'WebSocket, subscription left',
      async () => {
        const client = await live.client();
        const left = client.subscribe(DOCUMENT, { filter: { name: live.name() } });
        return () => left.leave();
      },
    ],
  ];
  it.each(LEAVES)('%s', async (_name, begin) => {
    const { faults, stats } = live.running().simulator;
    faults.add({ latencyMs: 60_000 });
    const leave = await begin();
    await vi.waitFor(() => expect(stats().inFlight).toBeGreaterThan(0), { timeout: 5_000, interval: 1 });
    leave();
    // Sooner than their own time-out would end them.
    await vi.waitFor(() => expect(stats().inFlight).toBe(0), { timeout: 5_000, interval: 1 });
  });

  it('the same caller elsewhere still gets the answer that both waited for', async () => {
    const { simulator } = live.running();
    simulator.faults.add({ latencyMs: 1_000, times: 1 });
    const document = '{ viewer { username } }';
    const leaving = http.request(`${url()}/graphql`, { method: 'POST', headers }).on('error', () => {});
    leaving.end(JSON.stringify({ query: document }));
    await vi.waitFor(() => expect(simulator.stats().inFlight).toBe(1), { timeout: 5_000, interval: 1 });
    const staying = ask(url(), 'HTTP', { query: document }, { authorization });
    leaving.destroy();
    expect((await staying).data).toEqual({ viewer: { username: 'admin1' } });
  });
});

it('case 34: of 5,000 subscriptions on one socket, those above the limit are refused, the others continue', {
  timeout: 600_000,
}, async () => {
  const { name, uuid, client } = await watching();
  const streams = Array.from({ length: 5_000 }, () => client.subscribe(DOCUMENT, { filter: { name } }));
  // One is running already.
  await Promise.all(streams.slice(0, 99).map((stream) => stream.until('BOOKMARK')));
  for (const refused of streams.slice(99)) {
    expect(await refused.end()).toEqual({ type: 'error', codes: ['RATE_LIMITED'] });
  }
  await outside.change('snapshots', uuid, { state: 'ERRED' });
  for (const stream of streams.slice(0, 99)) expect(await stream.next()).toMatchObject({ state: 'ERRED' });
  expect(client.socket.open).toBe(true);
});

describe('case 35: a socket that does not or cannot start is closed after a timeout', () => {
  it('no connection_init: 4408', async () => {
    const from = performance.now();
    const socket = await openSocket(url());
    expect((await socket.closed).code).toBe(4408);
    expect(performance.now() - from).toBeGreaterThanOrEqual(INIT_MS - 5);
  });

  it('pings do not replace it', async () => {
    const socket = await openSocket(url());
    socket.send({ type: 'ping' });
    expect((await socket.closed).code).toBe(4408);
  });

  const hasty = useLive({ upstreamAttemptTimeoutMs: 300, upstreamTimeoutMs: 600 });
  it('authentication by Waldur hangs: a query times out, a stream is STALE, others are not delayed', async () => {
    const { uuid, stream } = await watching(hasty);
    hasty.running().simulator.faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
    const client = await hasty.client('admin3');
    const query = client.subscribe({ query: '{ volumes { totalCount } }' });
    await client.subscribe(operation('VolumeChanges'), {}).until('STALE');
    await query.end();
    expect(query.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_TIMEOUT' } }]);
    await hasty.outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ state: 'ERRED' });
  });
});
