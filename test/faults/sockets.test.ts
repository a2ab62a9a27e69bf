import http from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it, vi } from 'vitest';
import { outermostStrings } from '../../src/server/json-size-guard.ts';
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
      const overSse = (await ask(url(), 'SSE', { query, variables }, { authorization })).codes;
      const bad = client.subscribe({ query }, { ...variables });
      await bad.end();
      const overSocket =
        bad.ended?.type === 'error' ? bad.ended.codes : bad.errors.map((e) => at(e, 'extensions', 'code'));
      expect([name, overSse, overSocket]).toEqual([name, verdict, verdict]);
    }
    expect(client.socket.open).toBe(true);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED' });
  });
});

describe('case 69: a Subscribe message that HTTP would refuse is an Error for its id in bounded time; the socket lives', () => {
  const MIB = 1_048_576;
  const members = `{${Array.from({ length: 100_000 }, (_, i) => `"${i.toString(36)}":0`).join()}}`;
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const message = (
    rest: string,
    query = 'query ($s: [State!]) { snapshots(filter: { state: $s }) { totalCount } }',
  ): string => `{"id":"bad","type":"subscribe","payload":{"query":${JSON.stringify(query)}${rest}}}`;
  const forged = '"payload":{"query":"{__typename}","id":"forged","type":"ping","variables":';
  const BAD: readonly (readonly [name: string, text: string, code: string])[] = [
    ['100,000 members', message(`,"variables":{"x":${members}}`), 'BAD_REQUEST'],
    ['members in extensions', message(`,"extensions":${members}`), 'BAD_REQUEST'],
    ['members before the id', `{"a":${members},"id":"bad","type":"subscribe"}`, 'BAD_REQUEST'],
    ['a forged id within', `{"id":"bad",${forged}${members}},"type":"subscribe"}`, 'BAD_REQUEST'],
    ['an id that is given twice', `{"id":"forged","a":${members},"type":"subscribe","id":"bad"}`, 'BAD_REQUEST'],
    ['3,000 brackets as variables', message(`,"variables":${nested(3_000)}`), 'BAD_REQUEST'],
    ['3,000 brackets in variables', message(`,"variables":{"s":${nested(3_000)}}`), 'BAD_USER_INPUT'],
    ['3,000 objects in variables', message(`,"variables":{"s":${objects(3_000)}}`), 'BAD_USER_INPUT'],
    ['500,000 brackets in variables', message(`,"variables":{"s":${nested(500_000)}}`), 'BAD_REQUEST'],
    ['variables that are a list', message(',"variables":[]'), 'BAD_REQUEST'],
    ['variables that are a string', message(',"variables":"x"'), 'BAD_REQUEST'],
    ['extensions that are a number', message(',"extensions":1'), 'BAD_REQUEST'],
    ['a name that is a number', message(',"operationName":1'), 'BAD_REQUEST'],
  ];

  /** The longest time for which the process did nothing else, in ms. */
  async function stall(work: () => Promise<void>): Promise<number> {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await work();
    delay.disable();
    return delay.max / 1e6;
  }

  it.each(BAD)('%s', async (_name, text, code) => {
    expect(text.length).toBeLessThanOrEqual(MIB);
    const socket = await openSocket(url());
    await socket.init({ Authorization: authorization });
    // The control: one look for the id in the text. It is as slow as the machine is, and with coverage several times as slow as without.
    const control: number[] = [];
    const stalls: number[] = [];
    const isInTime = (): boolean => Math.min(...stalls) < 3 * Math.max(...control) + 50;
    // A busy machine makes single ones late: one of several has to be in time.
    do {
      const from = performance.now();
      outermostStrings(text, new Set(['id', 'type']));
      control.push(performance.now() - from);
      stalls.push(
        await stall(async () => {
          socket.send(text);
          expect(await socket.next()).toMatchObject({
            id: 'bad',
            type: 'error',
            payload: [{ extensions: { code } }],
          });
        }),
      );
    } while (!isInTime() && stalls.length < 10);
    expect([isInTime(), stalls, control]).toEqual([true, stalls, control]);
    socket.send({ id: 'bad', type: 'subscribe', payload: { query: '{ __typename }' } });
    expect(await socket.next()).toMatchObject({ id: 'bad', type: 'next', payload: { data: { __typename: 'Query' } } });
    socket.close();
  });

  // Those of connection_init are bounded by its length.
  it.each(['ping', 'pong', 'complete'])(
    '%s with 100,000 members: the socket is closed, because the protocol has no error for such a message',
    async (type) => {
      const socket = await openSocket(url());
      await socket.init({ Authorization: authorization });
      socket.send(`{"type":"${type}","id":"1","payload":${members}}`);
      expect((await socket.closed).code).toBe(4400);
    },
  );

  it('is refused like any other before the acknowledgement, and when its id is in use', async () => {
    const socket = await openSocket(url());
    socket.send(message(',"variables":[]'));
    expect((await socket.closed).code).toBe(4401);
    const other = await openSocket(url());
    await other.init({ Authorization: authorization });
    other.send({ id: 'bad', type: 'subscribe', payload: { query: 'subscription { snapshotChanges { kind } }' } });
    other.send(message(`,"variables":${members}`));
    expect((await other.closed).code).toBe(4409);
  });
});

describe('case 26: a client that goes away has its upstream calls aborted', () => {
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
