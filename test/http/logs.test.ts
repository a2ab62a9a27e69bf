import { describe, expect, it, vi } from 'vitest';
import { tokenOf, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

/** The lines that a gateway writes about requests and operations. */

type Line = Readonly<Record<string, unknown>>;
const linesSince = (log: readonly string[], from: number): Line[] =>
  log.slice(from).map((line): Line => JSON.parse(line));

describe('a request', () => {
  const gateway = useGateway({ trustedProxies: ['loopback'], cacheTtlMs: 60_000 });

  it('has name, kind, outcome, caller, calls and their time; the id of a trusted proxy', async () => {
    const from = gateway().log.length;
    const ask = (document: string, id: string) => gateway().query(document, { headers: { 'x-request-id': id } });
    await ask('query Names { snapshots(first: 3) { nodes { name } } }', 'first');
    await ask('query Names { snapshots(first: 3) { nodes { name } } }', 'again');
    await ask('{ nothing }', 'refused');
    await vi.waitFor(() => expect(linesSince(gateway().log, from)).toHaveLength(3));
    const caller = expect.stringMatching(/^[\w-]{16}$/);
    const common = { level: 30, msg: 'request', method: 'POST', route: '/graphql', ms: expect.any(Number), caller };
    const named = { ...common, status: 200, operation: 'Names', kind: 'query', outcome: 'ok' };
    expect(linesSince(gateway().log, from)).toMatchObject([
      { ...named, requestId: 'first', upstreamCalls: 1, upstreamMs: expect.any(Number) },
      { ...named, requestId: 'again', upstreamCalls: 0 },
      { ...common, requestId: 'refused', outcome: 'GRAPHQL_VALIDATION_FAILED', upstreamCalls: 0 },
    ]);
    expect(gateway().log.slice(from).join('')).not.toContain(tokenOf('staff'));
  });

  it('a response from a moment ago still has the name', async () => {
    const from = gateway().log.length;
    for (let n = 0; n < 3; n += 1) await gateway().query('query Again { snapshots(first: 2) { nodes { name } } }');
    await vi.waitFor(() => expect(linesSince(gateway().log, from)).toHaveLength(3));
    for (const line of linesSince(gateway().log, from))
      expect(line).toMatchObject({ operation: 'Again', kind: 'query' });
  });
});

describe('health probes and scrapes', () => {
  const gateway = useGateway({ logLevel: 'debug' });

  it('are logged at debug level', async () => {
    const from = gateway().log.length;
    for (const path of ['/health/live', '/health/ready', '/metrics', '/schema.graphql'])
      await fetch(gateway().url + path);
    const levels = () => linesSince(gateway().log, from).map(({ route, level }) => [route, level]);
    await vi.waitFor(() => expect(levels()).toHaveLength(4));
    expect(levels()).toEqual([
      ['/health/live', 20],
      ['/health/ready', 20],
      ['/metrics', 20],
      ['/schema.graphql', 30],
    ]);
  });

  it('the id of a client that is no trusted proxy is not taken over', async () => {
    const { headers } = await gateway().query('{ __typename }', { headers: { 'x-request-id': 'mine' } });
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  });
});

describe('an operation on a socket', () => {
  const gateway = useGateway();

  it('has a line when it is over; a client that leaves causes no error', async () => {
    const from = gateway().log.length;
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: `Token ${tokenOf('staff')}` });
    socket.send({ id: '1', type: 'subscribe', payload: { query: 'query Me { viewer { username } }' } });
    await socket.until(({ type }) => type === 'complete');
    socket.send({ id: '2', type: 'subscribe', payload: { query: 'subscription Watch { snapshotChanges { kind } }' } });
    await socket.until(({ id }) => id === '2');
    socket.send({ id: '3', type: 'subscribe', payload: { query: '{ nothing }' } });
    await socket.until(({ id }) => id === '3');
    socket.terminate();
    await vi.waitFor(() => expect(linesSince(gateway().log, from)).toHaveLength(3));
    const common = { level: 30, msg: 'operation', transport: 'websocket' };
    const ok = {
      ...common,
      outcome: 'ok',
      caller: expect.any(String),
      requestId: expect.any(String),
      ms: expect.any(Number),
    };
    const lines = linesSince(gateway().log, from);
    expect(lines).toContainEqual(expect.objectContaining({ ...ok, operation: 'Me', kind: 'query', upstreamCalls: 1 }));
    expect(lines).toContainEqual(expect.objectContaining({ ...ok, operation: 'Watch', kind: 'subscription' }));
    expect(lines).toContainEqual(expect.objectContaining({ ...common, outcome: 'GRAPHQL_VALIDATION_FAILED' }));
  });
});

describe('a busy gateway', () => {
  const gateway = useGateway({ logRequestsPerSecond: 5 });

  it('leaves out lines without an error beyond the bound, and says how many', async () => {
    const from = gateway().log.length;
    for (let n = 0; n < 30; n += 1) await gateway().query('{ __typename }');
    for (let n = 0; n < 10; n += 1) await gateway().query('{ nothing }');
    const messages = () => linesSince(gateway().log, from);
    const isError = ({ outcome }: Line) => outcome !== undefined && outcome !== 'ok';
    await vi.waitFor(() => expect(messages().filter(isError)).toHaveLength(10));
    expect(messages().filter(({ outcome }) => outcome === 'ok').length).toBeLessThan(30);
    await vi.waitFor(
      async () => {
        await gateway().query('{ __typename }');
        expect(messages()).toContainEqual(
          expect.objectContaining({ lines: expect.any(Number), msg: expect.stringContaining('left out') }),
        );
      },
      { timeout: 5_000 },
    );
  });
});
