import { describe, expect, it, vi } from 'vitest';
import { startGateway, tokenOf, uuidOf } from '../support/gateway.ts';
import { operation, useLive } from '../support/live.ts';
import { openSocket } from '../support/socket.ts';

const live = useLive();
const gateway = live.running;

/** Series by name and labels: `waldur_graph_sockets` or `waldur_graph_operations_total{transport="http",...}`. */
async function scrape(url = gateway().url): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** By how much series grew, of those that did. */
async function growth(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await scrape();
  await work();
  const after = await scrape();
  return Object.fromEntries(
    [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const).filter(([, by]) => by > 0),
  );
}

describe('over HTTP', () => {
  it('a query: its request, operation, cost and calls', async () => {
    expect(await growth(() => gateway().query('{ snapshots(first: 7) { nodes { uuid } } }'))).toMatchObject({
      'waldur_graph_http_request_duration_seconds_count{method="POST",route="/graphql",status="200"}': 1,
      'waldur_graph_operations_total{transport="http",kind="query",outcome="ok"}': 1,
      waldur_graph_operation_rows_count: 1,
      waldur_graph_operation_rows_sum: 7,
      'waldur_graph_upstream_call_duration_seconds_count{method="GET",route="/api/openstack-snapshots/",status="200",kind="ok",retry="false"}': 1,
    });
  });

  it('the same for every way of execution: the first time, compiled, cached', async () => {
    const ask = () => gateway().query('query Often { snapshots(first: 3) { nodes { uuid } } }');
    const grown = await growth(async () => [await ask(), await ask(), await ask()]);
    expect(grown).toMatchObject({
      'waldur_graph_operations_total{transport="http",kind="query",outcome="ok"}': 3,
      waldur_graph_operation_rows_sum: 9,
    });
  });

  it.each([
    ['a syntax error', '{', 'unknown', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing }', 'unknown', 'GRAPHQL_VALIDATION_FAILED'],
    ['nobody', '{ viewer { uuid } }', 'query', 'UNAUTHENTICATED'],
    [
      'a mutation by nobody',
      'mutation { pullSnapshot(input: {uuid: "0123456789abcdef0123456789abcdef"}) { userErrors { code } } }',
      'mutation',
      'UNAUTHENTICATED',
    ],
  ])('%s: the code', async (_name, document, kind, code) => {
    const grown = await growth(() => gateway().query(document, { as: null }));
    expect(grown).toMatchObject({
      [`waldur_graph_operations_total{transport="http",kind="${kind}",outcome="${code}"}`]: 1,
      [`waldur_graph_errors_total{transport="http",code="${code}"}`]: 1,
    });
  });

  it.each([
    ['depth', `{ volumes { nodes { ${'sourceSnapshot { sourceVolume { '.repeat(10)} uuid ${'} }'.repeat(10)} } } }`],
    ['rows', '{ volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { uuid } } } } }'],
  ])('a refusal by %s, by name', async (limit, document) => {
    const socket = await openSocket(gateway().url);
    await socket.init();
    const grown = await growth(async () => {
      await gateway().query(document);
      socket.send({ id: '1', type: 'subscribe', payload: { query: document } });
      await socket.next();
    });
    expect(grown).toMatchObject({ [`waldur_graph_refusals_total{limit="${limit}"}`]: 2 });
    socket.close();
  });

  it('refusals of the server, by name; unknown paths are counted without their URL', async () => {
    const grown = await growth(async () => {
      await fetch(`${gateway().url}/graphql?query=${'x'.repeat(9_000)}`);
      await fetch(`${gateway().url}/secret-place`);
      const headers = { 'content-type': 'application/json' };
      await fetch(`${gateway().url}/graphql`, { method: 'POST', headers, body: 'x'.repeat(1_100_000) });
    });
    expect(grown).toMatchObject({
      'waldur_graph_refusals_total{limit="url"}': 1,
      'waldur_graph_refusals_total{limit="body"}': 1,
      'waldur_graph_http_request_duration_seconds_count{method="GET",route="none",status="404"}': 1,
    });
  });

  it('a call that failed and was retried', async () => {
    gateway().simulator.faults.add({ path: '/api/users/me/', status: 503, times: 1 });
    const labels = (status: number, kind: string, retry: boolean) =>
      `waldur_graph_upstream_call_duration_seconds_count{method="GET",route="/api/users/me/",status="${status}",kind="${kind}",retry="${retry}"}`;
    expect(await growth(() => gateway().query('{ viewer { uuid } }'))).toMatchObject({
      [labels(503, 'unavailable', false)]: 1,
      [labels(200, 'ok', true)]: 1,
    });
  });
});

describe('over sockets', () => {
  it('subscriptions are counted when they end; gauges show the running ones', async () => {
    const name = live.name();
    const client = await live.client();
    const stream = client.subscribe(operation('SnapshotChanges'), { filter: { name } });
    await stream.until('BOOKMARK');
    expect(Object.fromEntries(await scrape())).toMatchObject({
      waldur_graph_sockets: 1,
      waldur_graph_subscribers: 1,
      waldur_graph_informers: 1,
    });
    const grown = await growth(async () => {
      stream.leave();
      await vi.waitFor(async () => expect((await scrape()).get('waldur_graph_subscribers')).toBe(0));
      await client.subscribe({ query: '{ viewer { uuid } }' }).end();
      const volumeUuid = '0'.repeat(32);
      await client.subscribe(operation('RestoreProgress'), { volumeUuid }).end();
    });
    const series = (kind: string, outcome: string) =>
      `waldur_graph_operations_total{transport="websocket",kind="${kind}",outcome="${outcome}"}`;
    expect(grown).toMatchObject({
      [series('subscription', 'ok')]: 1,
      [series('query', 'ok')]: 1,
      [series('subscription', 'NOT_FOUND')]: 1,
    });
  });
});

it('no label contains a value from a client', async () => {
  const uuid = uuidOf.snapshot('rw-target');
  const secrets = ['CanaryOperation', 'canaryAlias', 'canary-id', uuid, tokenOf('staff')];
  await gateway().query(`query CanaryOperation { canaryAlias: snapshot(uuid: "${uuid}") { uuid } }`, {
    operationName: 'CanaryOperation',
    headers: { 'x-request-id': 'canary-id' },
  });
  await fetch(`${gateway().url}/graphiql/canaryAlias?canary-id`);
  const text = await (await fetch(`${gateway().url}/metrics`)).text();
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).toContain('route="/api/openstack-snapshots/{uuid}/"');
});

it('names and types follow Prometheus: counters, and only counters, end in _total', async () => {
  const text = await (await fetch(`${gateway().url}/metrics`)).text();
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  expect(types.length).toBeGreaterThan(20);
  expect(types.filter(({ name, type }) => name.endsWith('_total') !== (type === 'counter'))).toEqual([]);
  const ours = types.filter(({ name }) => !/^(?:process|nodejs)_/.test(name));
  expect(ours.filter(({ name }) => !name.startsWith('waldur_graph_'))).toEqual([]);
});

it('includes metrics of the process', async () => {
  expect([...(await scrape()).keys()]).toEqual(
    expect.arrayContaining(['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']),
  );
});

it('each gateway has its own metrics; METRICS=false has none', async () => {
  await gateway().query('{ __typename }');
  const [other, none] = [await startGateway(), await startGateway({ metrics: false })];
  const operations = [...(await scrape(other.url)).keys()].filter((name) => name.startsWith('waldur_graph_operations'));
  expect(operations).toEqual([]);
  expect((await fetch(`${none.url}/metrics`)).status).toBe(404);
  expect((await none.query('{ __typename }')).data).toEqual({ __typename: 'Query' });
  await Promise.all([other.gateway.close(), none.gateway.close()]);
});
