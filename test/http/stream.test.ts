import { describe, expect, it, vi } from 'vitest';
import { BOMBS } from '../support/bombs.ts';
import { type EventReader, openEvents, type ServerEvent } from '../support/events.ts';
import { at, type JsonValue, startGateway, tokenOf, uuidOf } from '../support/gateway.ts';
import { FAST, operation, useLive } from '../support/live.ts';

const live = useLive({}, { streams: { keepAliveMs: 50 } });
const gateway = live.running;
const { outside } = live;
const tenant = uuidOf.tenant('genome-tenant');

interface Asking {
  readonly variables?: object;
  readonly operationName?: string | undefined;
  readonly as?: string | null;
  readonly headers?: Record<string, string>;
}

const headersOf = ({ as = 'admin1', headers = {} }: Asking) => ({
  ...(as !== null && { authorization: `Token ${tokenOf(as)}` }),
  ...headers,
});

function post(query: string, { variables, operationName, ...asking }: Asking = {}, url = gateway().url) {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...headersOf(asking) };
  return openEvents(`${url}/graphql/stream`, { headers, body: JSON.stringify({ query, operationName, variables }) });
}

function get(query: string, asking: Asking = {}) {
  const search = new URLSearchParams({
    query,
    ...(asking.variables && { variables: JSON.stringify(asking.variables) }),
  });
  const headers = { accept: 'text/event-stream', ...headersOf(asking) };
  return openEvents(`${gateway().url}/graphql/stream?${search}`, { method: 'GET', headers });
}

const watch = (filter: object, asking: Asking = {}) => {
  const { query, operationName } = operation('SnapshotChanges');
  return post(query, { operationName, variables: { filter }, ...asking });
};

const change = ({ data }: ServerEvent) => Object.values(Object(at(data, 'data')))[0] as { kind: string; state: string };
const isKind = (kind: string) => (event: ServerEvent) => change(event)?.kind === kind;
const codes = (events: readonly ServerEvent[]) =>
  events.flatMap(({ data }) => {
    const errors = at(data, 'errors');
    return Array.isArray(errors) ? errors.map((error) => at(error, 'extensions', 'code')) : [];
  });
const allOf = async (reader: EventReader) => (await reader.ended).rest;

describe('streams on /graphql', () => {
  const ask = (query: string, accept: string, asking: Asking = {}) =>
    openEvents(`${gateway().url}/graphql`, {
      headers: { 'content-type': 'application/json', accept, ...headersOf(asking) },
      body: JSON.stringify({ query, variables: asking.variables }),
    });
  const SUBSCRIPTION = 'subscription { snapshotChanges { kind } }';
  // As urql sends it for queries, and Hive Gateway for subscriptions.
  const BOTH = 'application/graphql-response+json, application/json, text/event-stream, multipart/mixed';

  it.each(['text/event-stream', 'text/event-stream, multipart/mixed', BOTH, 'text/event-stream, */*;q=0.1'])(
    'a subscription by POST with Accept: %s',
    async (accept) => {
      const reader = await ask(SUBSCRIPTION, accept);
      expect([reader.status, reader.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
      expect(await reader.until(isKind('BOOKMARK'))).toBeDefined();
      reader.leave();
    },
  );

  it('a subscription by GET, as EventSource sends it; a mutation is 405', async () => {
    const url = (query: string) => `${gateway().url}/graphql?${new URLSearchParams({ query })}`;
    const headers = { accept: 'text/event-stream', 'sec-fetch-mode': 'cors', ...headersOf({}) };
    const reader = await openEvents(url(SUBSCRIPTION), { method: 'GET', headers });
    expect(await reader.until(isKind('BOOKMARK'))).toBeDefined();
    reader.leave();
    const mutation = 'mutation { pullSnapshots(input: { uuids: [] }) { results { uuid } } }';
    expect((await openEvents(url(mutation), { method: 'GET', headers })).status).toBe(405);
  });

  it('a query is events where they alone are accepted, and JSON where both are', async () => {
    const query = '{ __typename }';
    expect(await allOf(await ask(query, 'text/event-stream'))).toEqual([
      { event: 'next', data: { data: { __typename: 'Query' } } },
      { event: 'complete', data: null },
    ]);
    const both = await ask(query, BOTH);
    expect(both.headers['content-type']).toBe('application/graphql-response+json; charset=utf-8');
    expect(await both.body()).toEqual({ data: { __typename: 'Query' } });
  });

  it.each(['application/json', '*/*', 'application/json, text/event-stream;q=0'])(
    'a subscription with Accept: %s is refused, and the message names what works',
    async (accept) => {
      const body = await (await ask(SUBSCRIPTION, accept)).body();
      expect(at(body, 'errors', 0, 'extensions', 'code')).toBe('BAD_USER_INPUT');
      expect(at(body, 'errors', 0, 'message')).toContain('text/event-stream');
    },
  );

  it('a refused document is the same JSON error with either', async () => {
    for (const accept of ['text/event-stream', BOTH]) {
      const reader = await ask('subscription { nothing }', accept);
      expect([reader.status, at(await reader.body(), 'errors', 0, 'extensions', 'code')]).toEqual([
        400,
        'GRAPHQL_VALIDATION_FAILED',
      ]);
    }
  });
});

describe('queries and mutations', () => {
  it.each([
    ['POST', post],
    ['GET', get],
  ])('a query by %s: its result, then the end', async (_method, send) => {
    const uuid = uuidOf.snapshot('rw-target');
    const query = 'query ($uuid: UUID!) { snapshot(uuid: $uuid) { name } }';
    const reader = await send(query, { variables: { uuid }, as: 'staff' });
    expect(reader.status).toBe(200);
    expect(await allOf(reader)).toEqual([
      { event: 'next', data: { data: { snapshot: { name: 'rw-target' } } } },
      { event: 'complete', data: null },
    ]);
    expect((await reader.ended).whole).toBe(true);
  });

  it('a mutation runs by POST, by GET it is 405', async () => {
    const mutation =
      'mutation ($uuid: UUID!) { pullSnapshot(input: {uuid: $uuid}) { snapshot { uuid } userErrors { code } } }';
    const variables = { uuid: await outside.add('snapshots', { tenant }) };
    const refused = await get(mutation, { variables, as: 'staff' });
    expect([refused.status, refused.headers.allow]).toEqual([405, 'POST']);
    expect(at(await refused.body(), 'errors', 0, 'extensions', 'code')).toBe('BAD_REQUEST');
    expect(gateway().callsByRoute()).toEqual({});
    const [result] = await allOf(await post(mutation, { variables, as: 'staff' }));
    expect(result?.data).toEqual({ data: { pullSnapshot: { snapshot: { uuid: variables.uuid }, userErrors: [] } } });
  });

  it('missing credentials are an error in the result', async () => {
    const events = await allOf(await post('{ viewer { uuid } }', { as: null }));
    expect(events.map(({ event }) => event)).toEqual(['next', 'complete']);
    expect(codes(events)).toEqual(['UNAUTHENTICATED']);
    expect(codes(await allOf(await watch({}, { as: null })))).toEqual(['UNAUTHENTICATED']);
  });
});

describe('subscriptions', () => {
  it('send the existing objects first, then each change', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const reader = await watch({ name });
    expect((await reader.until(isKind('BOOKMARK'))).map((event) => change(event).kind)).toEqual([
      'RESET',
      'INITIAL',
      'BOOKMARK',
    ]);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(change(await reader.next())).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED' });
    reader.leave();
    await live.silence();
  });

  it('restoreProgress completes when it has settled', async () => {
    const volumeUuid = await outside.add('volumes', { tenant, state: 'OK' });
    const { query, operationName } = operation('RestoreProgress');
    const events = await allOf(await post(query, { operationName, variables: { volumeUuid } }));
    expect(events.map(({ event }) => event)).toEqual(['next', 'complete']);
    expect(at(events[0]?.data, 'data', 'restoreProgress', 'isSettled')).toBe(true);
  });

  it('the reason for the end is sent: NOT_FOUND', async () => {
    const { query, operationName } = operation('RestoreProgress');
    const events = await allOf(await post(query, { operationName, variables: { volumeUuid: '0'.repeat(32) } }));
    expect(codes(events)).toEqual(['NOT_FOUND']);
    expect(events.at(-1)?.event).toBe('complete');
  });

  it('a token that is revoked meanwhile ends the stream', async () => {
    const reader = await watch({ name: live.name() });
    await reader.until(isKind('BOOKMARK'));
    await fetch(`${gateway().simulator.url}/__sim/tokens/${tokenOf('admin1')}/revoke`, { method: 'POST' });
    expect(codes(await reader.until(({ event }) => event === 'complete'))).toEqual(['UNAUTHENTICATED']);
  });

  it('share polls and executions with sockets for equal documents', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const stream = (await live.client()).subscribe(operation('SnapshotChanges'), { filter: { name } });
    const readers = [await watch({ name }), await watch({ name })];
    await Promise.all([stream.until('BOOKMARK'), ...readers.map((reader) => reader.until(isKind('BOOKMARK')))]);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    const expected = await stream.next();
    for (const reader of readers) {
      expect(change(await reader.next())).toEqual(expected);
      reader.leave();
    }
  });
});

describe('case 12: operations refused before execution', () => {
  const refusals: readonly [name: string, query: unknown, rest?: object][] = [
    ...BOMBS.filter(([, , code]) => code !== 'BAD_USER_INPUT').map(([name, document]): [string, string] => [
      name,
      document,
    ]),
    ['a syntax error', '{'],
    ['an unknown field', '{ nothing }'],
    ['a wrong variable', 'query ($u: UUID!) { snapshot(uuid: $u) { uuid } }', { variables: { u: '..' } }],
    ['a variable left out', 'query ($u: UUID!) { snapshot(uuid: $u) { uuid } }'],
    ['two operations, none named', 'query A { __typename } query B { __typename }'],
    ['an operation that is not there', '{ __typename }', { operationName: 'B' }],
    [
      'a list of 100,000',
      'query ($u: [UUID!]!) { snapshotsByUuid(uuids: $u) { uuid } }',
      { variables: { u: Array.from({ length: 100_000 }, () => 'a') } },
    ],
    ['no document', ''],
    ['a document that is none', 7],
    ['variables that are none', '{ __typename }', { variables: [1] }],
    ['a persisted query', '{ __typename }', { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } }],
  ];

  it.each(refusals)('%s: the same error as over HTTP', async (_name, query, rest) => {
    const body = JSON.stringify({ query, ...rest });
    const headers = { 'content-type': 'application/json', authorization: `Token ${tokenOf('staff')}` };
    const accept = 'application/graphql-response+json';
    const over = await fetch(`${gateway().url}/graphql`, { method: 'POST', headers: { ...headers, accept }, body });
    const expected = codes([{ event: 'next', data: (await over.json()) as JsonValue }]);
    const reader = await openEvents(`${gateway().url}/graphql/stream`, {
      headers: { ...headers, accept: 'text/event-stream' },
      body,
    });
    expect(expected).not.toEqual([]);
    expect(reader.headers['content-type']).toBe('application/json; charset=utf-8');
    expect([reader.status, codes([{ event: 'next', data: await reader.body() }])]).toEqual([over.status, expected]);
    expect(gateway().calls()).toBe(0);
  });

  it('a refusal by a resolver is an error in the result, as over HTTP', async () => {
    const [, document] = BOMBS.find(([, , code]) => code === 'BAD_USER_INPUT') ?? [];
    expect(codes(await allOf(await post(document ?? '')))).toEqual(['BAD_USER_INPUT']);
    expect(gateway().calls()).toBe(0);
  });
});

describe('which requests are accepted', () => {
  const TYPED = { 'content-type': 'application/json', accept: 'text/event-stream' };
  it.each([
    ['a form', 'POST', { ...TYPED, 'content-type': 'text/plain' }, 415],
    ['a client that wants JSON', 'POST', { ...TYPED, accept: 'application/json' }, 406],
    ['a reservation of a single connection', 'PUT', { accept: 'text/plain' }, 405],
    ['curl by POST', 'POST', { ...TYPED, accept: '*/*' }, 200],
    ['EventSource', 'GET', { accept: 'text/event-stream', 'sec-fetch-mode': 'cors' }, 200],
    ['a program', 'GET', { accept: 'text/event-stream' }, 200],
    ['a preflight header', 'GET', { accept: '*/*', 'apollo-require-preflight': '1' }, 200],
    ['a navigation', 'GET', { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }, 400],
    ['an image', 'GET', { accept: 'image/*,*/*;q=0.8', 'sec-fetch-mode': 'no-cors' }, 400],
    ['a script that names events', 'GET', { accept: 'text/event-stream', 'sec-fetch-mode': 'no-cors' }, 400],
    ['no Accept by GET', 'GET', {}, 400],
  ])('%s: %#', async (_name, method, headers, status) => {
    const url = `${gateway().url}/graphql/stream?query=%7B__typename%7D`;
    const body = method === 'GET' ? {} : { body: '{"query":"{__typename}"}' };
    const reader = await openEvents(url, { method, headers, ...body });
    expect(reader.status).toBe(status);
    reader.leave();
  });

  it.each([
    ['bad JSON', '{', 400],
    ['a batch', '[{"query":"{__typename}"}]', 400],
    ['a number', '7', 400],
    ['a large body', ' '.repeat(1_100_000), 413],
  ])('%s is refused', async (_name, body, status) => {
    const reader = await openEvents(`${gateway().url}/graphql/stream`, { headers: TYPED, body });
    expect(reader.status).toBe(status);
    expect(codes([{ event: 'next', data: await reader.body() }])).toEqual(['BAD_REQUEST']);
  });

  it('variables in a URL that are not JSON are refused', async () => {
    const url = `${gateway().url}/graphql/stream?query=%7B__typename%7D&variables=%7B`;
    expect((await openEvents(url, { method: 'GET', headers: { accept: 'text/event-stream' } })).status).toBe(400);
  });

  it('headers: no proxy may store or buffer the stream; pages of other origins cannot read it', async () => {
    const reader = await post('{ __typename }', { headers: { origin: 'http://localhost:5173' } });
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'private, no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
      'access-control-allow-origin': 'http://localhost:5173',
    });
    const foreign = await post('{ __typename }', { headers: { origin: 'https://evil.example' } });
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('the connection', () => {
  it('is kept alive by comments', async () => {
    const reader = await watch({ name: live.name() });
    const before = reader.comments();
    await vi.waitFor(() => expect(reader.comments()).toBeGreaterThan(before + 3));
    reader.leave();
  });

  it('case 26: the calls of a client that leaves during a query are aborted', async () => {
    const { faults, stats } = gateway().simulator;
    faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
    const reader = await post('{ volumes { totalCount } }');
    await vi.waitFor(() => expect(stats().inFlight).toBe(1));
    reader.leave();
    await vi.waitFor(() => expect(stats().inFlight).toBe(0));
  });

  it('nothing remains of a client that leaves before the first poll response', async () => {
    const { faults, stats } = gateway().simulator;
    faults.add({ path: '/api/openstack-snapshots/', latencyMs: 60_000 });
    const reader = await watch({ name: live.name() });
    await vi.waitFor(() => expect(stats().inFlight).toBe(1));
    reader.leave();
    await vi.waitFor(() => expect(stats().inFlight).toBe(0));
  });

  it('is counted while it is open', async () => {
    const metric = async () =>
      /^waldur_graph_event_streams (\d+)$/m.exec(await (await fetch(`${gateway().url}/metrics`)).text())?.[1];
    await vi.waitFor(async () => expect(await metric()).toBe('0'));
    const reader = await watch({ name: live.name() });
    await reader.until(isKind('BOOKMARK'));
    expect(await metric()).toBe('1');
    reader.leave();
    await vi.waitFor(async () => expect(await metric()).toBe('0'));
  });
});

describe('case 33: a subscriber that stops reading', () => {
  const SLOW_MS = 500;
  const slow = useLive({}, { live: { slowReaderMs: SLOW_MS, slowCheckMs: 50, hotMs: 10, idleMs: 10, warmMs: 10 } });

  it('is ended with RATE_LIMITED, and its queue stays bounded', async () => {
    const name = slow.name();
    const description = 'x'.repeat(2_000);
    const uuids = await Promise.all(
      Array.from({ length: 250 }, () => slow.outside.add('snapshots', { tenant, name, description })),
    );
    const query = `subscription ($filter: SnapshotFilter) {
      snapshotChanges(filter: $filter) { kind uuid state snapshot { description } } }`;
    const { url, simulator } = slow.running();
    const reader = await post(query, { variables: { filter: { name } } }, url);
    await reader.until(isKind('BOOKMARK'));
    reader.pause();
    let round = 0;
    const changeAll = () => {
      round += 1;
      const state = round % 2 === 0 ? 'ERRED' : 'OK';
      for (const uuid of uuids) {
        const row = simulator.world.tables.snapshots.get(uuid);
        if (row) simulator.world.update(row, { state });
      }
    };
    await vi.waitFor(
      async () => {
        changeAll();
        expect(await (await fetch(`${url}/metrics`)).text()).toContain('waldur_graph_subscribers 0\n');
      },
      { timeout: 30_000, interval: 50 },
    );
    reader.resume();
    const { rest, whole } = await reader.ended;
    expect(codes(rest)).toEqual(['RATE_LIMITED']);
    expect([rest.at(-1)?.event, whole]).toEqual(['complete', true]);
  });
});

describe('case 37: shutdown of the gateway', () => {
  it('streams are disconnected, so that clients reconnect; queries finish; new ones are refused', async () => {
    const { url, gateway: own, simulator } = await startGateway({ socketDrainMs: 600 }, { live: FAST });
    const { query, operationName } = operation('SnapshotChanges');
    const watching = () => post(query, { operationName, variables: { filter: {} }, as: 'staff' }, url);
    const streams = [await watching(), await watching()];
    for (const stream of streams) await stream.until(isKind('BOOKMARK'));
    simulator.faults.add({ path: '/api/users/me/', latencyMs: 300 });
    const running = await post('{ viewer { username } }', { as: 'staff' }, url);
    const closing = own.close();
    const late = await post('{ __typename }', {}, url);
    expect([late.status, late.headers['retry-after']]).toEqual([503, '1']);
    expect(await late.body()).toMatchObject({ errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] });
    for (const stream of streams) {
      expect((await stream.ended).rest.map(({ event }) => event)).not.toContain('complete');
    }
    expect(await allOf(running)).toEqual([
      { event: 'next', data: { data: { viewer: { username: 'staff' } } } },
      { event: 'complete', data: null },
    ]);
    await closing;
  });

  it('a client that does not read is disconnected after its timeout', async () => {
    const { url, gateway: own } = await startGateway({ socketDrainMs: 0, shutdownTimeoutMs: 100 }, { live: FAST });
    const { query, operationName } = operation('SnapshotChanges');
    const stream = await post(query, { operationName, variables: { filter: {} }, as: 'staff' }, url);
    stream.pause();
    await expect(own.close()).resolves.toBeUndefined();
    stream.leave();
  });
});
