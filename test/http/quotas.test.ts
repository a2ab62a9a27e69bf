import { describe, expect, it, vi } from 'vitest';
import { NO_METRICS } from '../../src/observability/metrics.ts';
import { Quotas } from '../../src/transports/quotas.ts';
import { openEvents } from '../support/events.ts';
import { at, type JsonValue, tokenOf, useGateway } from '../support/gateway.ts';
import { operation, useLive } from '../support/live.ts';
import { openSocket } from '../support/socket.ts';

/** What one caller may do, over all transports together. */

const series = async (url: string, name: string) =>
  Number((await (await fetch(`${url}/metrics`)).text()).match(new RegExp(`^${name} (.+)$`, 'm'))?.[1] ?? 0);

describe('requests per second', () => {
  let now = performance.now();
  const gateway = useGateway({ maxRequestsPerSecond: 3 }, { now: () => now });
  const ask = (as: string | null = 'staff') => gateway().query('{ __typename }', { as });
  const rest = () => {
    now += 60_000;
  };

  it('up to the limit at once; one more is 429 with Retry-After, and is not executed', async () => {
    rest();
    for (let i = 0; i < 3; i += 1) expect((await ask()).status).toBe(200);
    const { status, headers, errors } = await gateway().query('{ viewer { uuid } }');
    expect([status, headers.get('retry-after')]).toEqual([429, '1']);
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1 } }]);
    expect(gateway().calls()).toBe(0);
  });

  it('the quota is refilled over time, up to that of one second', async () => {
    rest();
    for (let i = 0; i < 4; i += 1) await ask();
    now += 334;
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429]);
    rest();
    const statuses = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await ask()).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  it('applies to each caller separately', async () => {
    rest();
    for (let i = 0; i < 4; i += 1) await ask();
    expect([(await ask()).status, (await ask('admin1')).status, (await ask(null)).status]).toEqual([429, 200, 200]);
  });

  it('applies to all transports together; on a socket it is an error for that id, and the socket stays open', async () => {
    rest();
    const authorization = `Token ${tokenOf('staff')}`;
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: authorization });
    const send = (id: string) => socket.send({ id, type: 'subscribe', payload: { query: '{ __typename }' } });
    await ask();
    await ask();
    send('1');
    expect((await socket.until(({ type }) => type === 'complete')).map(({ type }) => type)).toEqual([
      'next',
      'complete',
    ]);
    send('2');
    expect(await socket.next()).toMatchObject({
      id: '2',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1 } }],
    });
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', authorization };
    const body = '{"query": "{ __typename }"}';
    const stream = await openEvents(`${gateway().url}/graphql/stream`, { headers, body });
    expect([stream.status, stream.headers['retry-after']]).toEqual([429, '1']);
    rest();
    send('3');
    expect((await socket.next()).type).toBe('next');
    socket.close();
    expect(
      await series(gateway().url, 'waldur_graph_refusals_total{limit="requestsPerSecond"}'),
    ).toBeGreaterThanOrEqual(2);
  });

  it('many callers are tracked in bounded memory, and forgotten ones have their full quota', () => {
    const quotas = new Quotas({ requestsPerSecond: 1, subscriptions: 1, metrics: NO_METRICS, now: () => 0 });
    expect([quotas.request('first'), quotas.request('first')?.code]).toEqual([undefined, 'RATE_LIMITED']);
    for (let i = 0; i < 10_000; i += 1) quotas.request(String(i));
    expect([quotas.request('first'), quotas.request('9999')?.code]).toEqual([undefined, 'RATE_LIMITED']);
  });
});

describe('off by default', () => {
  const gateway = useGateway();
  it('a hundred concurrent requests are answered', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => gateway().query('{ __typename }')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('subscriptions of one caller', () => {
  const live = useLive({ maxCallerSubscriptions: 3 });
  const { query, operationName } = operation('SnapshotChanges');

  it('are counted over all its sockets and streams; one that ends makes room', async () => {
    const variables = { filter: { name: live.name() } };
    const [one, other] = [await live.client(), await live.client()];
    const { url } = live.running();
    const stream = (as: string) =>
      openEvents(`${url}/graphql/stream`, {
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: `Token ${tokenOf(as)}`,
        },
        body: JSON.stringify({ query, operationName, variables }),
      });
    const streams = [one.subscribe({ query, operationName: 'SnapshotChanges' }, variables)];
    streams.push(other.subscribe({ query, operationName: 'SnapshotChanges' }, variables));
    await Promise.all(streams.map((each) => each.until('BOOKMARK')));
    const third = await stream('admin1');
    expect(third.status).toBe(200);

    const refused = { type: 'error', codes: ['RATE_LIMITED'] };
    expect(await other.subscribe({ query, operationName: 'SnapshotChanges' }, variables).end()).toEqual(refused);
    const fifth = await stream('admin1');
    expect(fifth.status).toBe(429);
    expect(at(await fifth.body(), 'errors', 0, 'extensions', 'code')).toBe('RATE_LIMITED');
    // Queries are not counted, nor is another caller.
    await other.subscribe({ query: '{ __typename }' }).end();
    const foreign = await stream('staff');
    expect(foreign.status).toBe(200);
    foreign.leave();

    third.leave();
    streams[0]?.leave();
    await vi.waitFor(async () => expect(await series(url, 'waldur_graph_subscribers')).toBe(1));
    const more = [1, 2].map(() => other.subscribe({ query, operationName: 'SnapshotChanges' }, variables));
    await Promise.all(more.map((each) => each.until('BOOKMARK')));
  });

  it('are no longer counted, however they end', async () => {
    const { url, simulator } = live.running();
    const volumeUuid = '0'.repeat(32);
    const client = await live.client();
    for (let i = 0; i < 5; i += 1) {
      const missing = client.subscribe(operation('RestoreProgress'), { volumeUuid });
      expect(await missing.end()).toMatchObject({ codes: ['NOT_FOUND'] });
    }
    const lost = await live.client();
    for (let i = 0; i < 3; i += 1) lost.subscribe({ query, operationName: 'SnapshotChanges' });
    simulator.faults.add({ path: '/api/openstack-snapshots/', latencyMs: 60_000, times: 1 });
    lost.socket.close();
    await vi.waitFor(async () => expect(await series(url, 'waldur_graph_subscribers')).toBe(0));
    const variables: Record<string, JsonValue> = { filter: { name: live.name() } };
    const all = [1, 2, 3].map(() => client.subscribe({ query, operationName: 'SnapshotChanges' }, variables));
    await Promise.all(all.map((each) => each.until('BOOKMARK')));
  });
});
