import { getIntrospectionQuery } from 'graphql';
import { request } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { at, tokenOf, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';
import { getText, type Pipeline, pipeline, postText } from './support/pipeline.ts';

/** What one connection may take from the others. `npm run test:soak` sends more. */

const COUNT = Number(process.env.PIPELINED_REQUESTS ?? 200);
const WAIT = { timeout: 60_000, interval: 5 };
/** On a machine that does other things too, any request may take this long, in ms. */
const FLOOR_MS = 150;

const gateway = useGateway();
const authorization = `Token ${tokenOf('staff')}`;
const open: Pipeline[] = [];
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.destroy();
});

const send = (requests: readonly string[]): Pipeline => {
  const sent = pipeline(gateway().url, requests);
  open.push(sent);
  return sent;
};

/** How long requests of another connection take, in ms, one after another until the condition holds. */
async function timesUntil(isOver: () => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isOver()) {
    const from = performance.now();
    const { body } = await request(`${gateway().url}/health/live`);
    await body.dump();
    times.push(performance.now() - from);
  }
  return times;
}

const p99 = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.POSITIVE_INFINITY;

/** The 99th percentile of another connection while nothing else is asked. */
async function control(): Promise<number> {
  let left = 100;
  return p99(await timesUntil(() => left-- === 0));
}

/** Expects that others are served meanwhile: many times, and about as fast as without. */
function expectServed(times: readonly number[], alone: number): void {
  expect(times.length).toBeGreaterThan(10);
  expect(p99(times)).toBeLessThan(alone + FLOOR_MS);
}

const list = (n: number) => ({
  query: `query ($first: Int) { snapshots(first: $first) { totalCount nodes { uuid name state size created modified } } }`,
  variables: { first: 100 + (n % 200) },
});
const bad = (n: number) => ({ query: `query R${n} { snapshots { nodes { ${'nothing '.repeat(20)} } } }` });
const legal = (n: number) => ({
  query: `query D${n} { ${Array.from({ length: 40 }, (_, i) => `a${n}_${i}: __typename`).join(' ')} }`,
});
const lost = (n: number) => ({
  query: `mutation { updateSnapshot(input: { uuid: "${'0'.repeat(32)}", name: "n${n}" }) { userErrors { code } } }`,
});
const numbers = Array.from({ length: COUNT }, (_, n) => n);

describe('case 53: pipelined requests of one connection are answered in order, and others are served meanwhile', () => {
  it.each<[string, (n: number) => string]>([
    ['lists', (n) => postText(list(n), authorization)],
    ['anonymous introspection', () => postText({ query: getIntrospectionQuery() })],
    ['documents that are refused', (n) => postText(bad(n), authorization)],
    ['distinct documents', (n) => postText(legal(n), authorization)],
    ['mutations', (n) => postText(lost(n), authorization)],
    ['metrics', () => getText('/metrics')],
    ['the schema', () => getText('/schema.graphql')],
  ])('%s', async (_name, requestOf) => {
    const alone = await control();
    const { count, socket } = send(numbers.map(requestOf));
    expectServed(await timesUntil(() => count() === COUNT || socket.destroyed), alone);
    expect(count()).toBe(COUNT);
  });

  it('each request gets its own response', async () => {
    const names = numbers.map((n) => `n${n}`);
    const { count, bodies } = send(
      names.map((name, n) => (n % 3 === 0 ? getText('/health/live') : postText({ query: `{ ${name}: __typename }` }))),
    );
    await vi.waitFor(() => expect(count()).toBe(COUNT), WAIT);
    const wrong = bodies().filter((body, n) => !body.includes(n % 3 === 0 ? 'live' : `"${names[n]}":`));
    expect(wrong).toEqual([]);
  });

  it('nothing remains of a client that leaves in between', async () => {
    const { count, socket } = send(numbers.map((n) => postText(list(n), authorization)));
    await vi.waitFor(() => expect(count()).toBeGreaterThan(2), WAIT);
    socket.destroy();
    await vi.waitFor(() => expect(gateway().simulator.stats().inFlight).toBe(0), WAIT);
    const after = send([postText(list(0), authorization)]);
    await vi.waitFor(() => expect(after.count()).toBe(1), WAIT);
    // One call for a list.
    expect(gateway().calls()).toBeLessThan(COUNT / 2);
  });
});

describe('case 53: messages that one socket sends at once', () => {
  it.each<[string, (n: number) => object]>([
    ['lists', list],
    ['introspection', () => ({ query: getIntrospectionQuery() })],
    ['documents that are refused', bad],
  ])('%s: all are answered, and other connections are served meanwhile', async (_name, payloadOf) => {
    const alone = await control();
    const socket = await openSocket(gateway().url);
    await socket.init({ Authorization: authorization });
    for (const n of numbers) socket.send({ id: `i${n}`, type: 'subscribe', payload: payloadOf(n) });
    const ended = new Set<string | undefined>();
    const all = socket.until(({ type, id }) => {
      if (type === 'complete' || type === 'error') ended.add(id);
      return ended.size === COUNT;
    });
    expectServed(await timesUntil(() => ended.size === COUNT || !socket.open), alone);
    await all;
    socket.close();
    await socket.closed;
  });
});

describe('case 53: introspection results are cached', () => {
  const query = '{ __schema { queryType { name } } __typename }';

  it('shared by all callers, by POST and GET, and nothing else is cached', async () => {
    const first = await gateway().query(query, { as: 'staff' });
    const second = await gateway().query(query, { as: null });
    expect([second.status, second.data]).toEqual([200, first.data]);
    const url = `${gateway().url}/graphql?${new URLSearchParams({ query })}`;
    for (let round = 0; round < 2; round += 1) {
      const { statusCode, body } = await request(url, { headers: { accept: 'application/json' } });
      expect([statusCode, await body.json()]).toEqual([200, { data: first.data }]);
    }
    const figures = await (await request(`${gateway().url}/metrics`)).body.text();
    expect(figures).toMatch(/by="memory"/);
    const mixed = '{ __typename viewer { username } }';
    const staff = await gateway().query(mixed, { as: 'staff' });
    const nobody = await gateway().query(mixed, { as: null });
    expect(at(staff.data, 'viewer', 'username')).toBe('staff');
    expect(nobody.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('by document, variables and operation', async () => {
    const document = 'query A($n: String!) { __type(name: $n) { name } } query B { __typename }';
    for (const name of ['Snapshot', 'Volume', 'Snapshot']) {
      const { data } = await gateway().query(document, { operationName: 'A', variables: { n: name } });
      expect(data).toEqual({ __type: { name } });
    }
    expect((await gateway().query(document, { operationName: 'B' })).data).toEqual({ __typename: 'Query' });
    const wrong = await gateway().query(document, { operationName: 'A', variables: {} });
    expect(wrong.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
