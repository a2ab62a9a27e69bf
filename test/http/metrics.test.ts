import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { hasProgram } from '../support/debian.ts';
import { startGateway, tokenOf, uuidOf } from '../support/gateway.ts';
import { operation, useLive } from '../support/live.ts';
import { openSocket } from '../support/socket.ts';

const live = useLive();
const gateway = live.running;
const PROMTOOL = '/usr/bin/promtool';

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

describe('what operators watch', () => {
  it('promtool finds nothing to complain about', async ({ skip }) => {
    if (!hasProgram('promtool check metrics', PROMTOOL, 'prometheus')) return skip();
    const text = await (await fetch(`${gateway().url}/metrics`)).text();
    const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
    // Exemplars would contain ids of traces, and need another format.
    expect(text).not.toMatch(/ # \{/);
  });

  it('the build, the breaker, the cache and roles', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const values = await scrape();
    expect(values.get(`waldur_graph_build_info{version="${version}"}`)).toBe(1);
    expect(Object.fromEntries(values)).toMatchObject({
      waldur_graph_upstream_breaker_state: 0,
      waldur_graph_upstream_down: 0,
      waldur_graph_draining: 0,
      waldur_graph_cache_entries: expect.any(Number),
      'waldur_graph_informers_by_role{role="alone"}': expect.any(Number),
      waldur_graph_informers_hinted: 0,
      waldur_graph_live_selfcheck_drift_total: 0,
    });
    expect(values.has('waldur_graph_redis_up')).toBe(false);
    gateway().simulator.faults.add({ status: 503 });
    for (let n = 0; n < 20; n += 1) await gateway().query(`{ volumes(filter: { name: "b${n}" }) { totalCount } }`);
    expect((await scrape()).get('waldur_graph_upstream_breaker_state')).toBeGreaterThan(0);
  });

  it('reads of the cache: misses and hits', async () => {
    const caching = await startGateway({ cacheTtlMs: 60_000 });
    for (const alias of ['a', 'b', 'c']) await caching.query(`{ ${alias}: snapshots(first: 2) { nodes { uuid } } }`);
    const values = await scrape(caching.url);
    expect(values.get('waldur_graph_cache_reads_total{result="miss"}')).toBe(1);
    expect(values.get('waldur_graph_cache_reads_total{result="hit"}')).toBe(2);
    await caching.gateway.close();
  });

  it('subscriptions: RESETs by cause, and resumes', async () => {
    const name = live.name();
    const client = await live.client();
    const document = operation('SnapshotChanges');
    const grown = await growth(async () => {
      const stream = client.subscribe(document, { filter: { name } });
      const [bookmark] = (await stream.until('BOOKMARK')).slice(-1);
      const resumed = client.subscribe(document, { filter: { name }, after: bookmark?.cursor });
      await resumed.until('BOOKMARK');
      const forged = client.subscribe(document, { filter: { name }, after: 'forged' });
      await forged.until('BOOKMARK');
      for (const one of [stream, resumed, forged]) one.leave();
    });
    expect(grown).toMatchObject({
      'waldur_graph_live_opened_total{how="start"}': 1,
      'waldur_graph_live_opened_total{how="resumed"}': 1,
      'waldur_graph_live_opened_total{how="cursor"}': 1,
    });
  });

  it('the time from a change to its event, for each subscriber', async () => {
    const name = live.name();
    const uuid = await live.outside.add('snapshots', { name });
    const streams = await Promise.all(
      [1, 2].map(async () => (await live.client()).subscribe(operation('SnapshotChanges'), { filter: { name } })),
    );
    for (const stream of streams) await stream.until('BOOKMARK');
    const grown = await growth(async () => {
      await live.outside.change('snapshots', uuid, { runtime_state: 'changed', modified: new Date().toISOString() });
      for (const stream of streams) await stream.until('UPDATED');
    });
    expect(grown.waldur_graph_live_seen_to_sent_seconds_count).toBe(2);
    expect(grown.waldur_graph_live_changed_to_sent_seconds_count).toBe(2);
  });
});
