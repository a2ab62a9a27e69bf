import { describe, expect, it } from 'vitest';
import { snapshotId } from '../../src/graph/ids.ts';
import { tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { operationsOf } from '../support/operations.ts';

/**
 * A document that comes again is not validated again and runs from a compiled plan, without Apollo Server. Nobody who asks may notice: the
 * bytes are the same, and so is everything that is promised of them.
 */
const target = uuidOf.snapshot('rw-target');

const gateway = useGateway();

interface Sent {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string | null;
  readonly extensions?: Record<string, unknown>;
}

async function send(body: Sent, headers: Record<string, string> = {}, running = gateway()) {
  const response = await fetch(`${running.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${tokenOf('staff')}`, ...headers },
    body: JSON.stringify(body),
  });
  const { status } = response;
  const contentType = response.headers.get('content-type');
  // An id of an unexpected error is another one each time.
  return { status, contentType, body: (await response.text()).replaceAll(/[0-9a-f-]{36}/g, 'ID') };
}

/** Sends the same three times: the first goes through Apollo Server, the third from a plan if the document has one. */
async function thrice(body: Sent, headers?: Record<string, string>): Promise<void> {
  const first = await send(body, headers);
  expect(first.body).not.toContain('INTERNAL_SERVER_ERROR');
  expect(await send(body, headers)).toEqual(first);
  expect(await send(body, headers)).toEqual(first);
}

const QUERIES = [...operationsOf('snapshots'), ...operationsOf('volumes'), ...operationsOf('choices')];

describe('the response is the same, byte for byte', () => {
  it.each(QUERIES)('$operationName', ({ query, operationName, variables }) =>
    thrice({ query, operationName, variables }),
  );

  it.each<[what: string, body: Sent]>([
    ['an object that is not there', { query: '{ snapshot(uuid: "00000000000000000000000000000000") { name } }' }],
    ['an argument that a resolver refuses', { query: '{ snapshots(first: 5000) { nodes { name } } }' }],
    [
      'a variable of a wrong type',
      { query: 'query ($n: Int) { snapshots(first: $n) { totalCount } }', variables: { n: 'x' } },
    ],
    ['a variable that is missing', { query: 'query ($u: UUID!) { snapshot(uuid: $u) { name } }' }],
    [
      'variables with which it costs too much',
      {
        query: 'query ($n: Int) { volumes(first: $n) { nodes { snapshots(first: $n) { nodes { name } } } } }',
        variables: { n: 1000 },
      },
    ],
    [
      'too many uuids',
      {
        query: 'query ($u: [UUID!]!) { snapshotsByUuid(uuids: $u) { name } }',
        variables: { u: new Array(101).fill(target) },
      },
    ],
    ['a syntax error', { query: '{ snapshots {' }],
    ['an unknown field', { query: '{ nothing }' }],
    ['two operations and no name', { query: 'query A { __typename } query B { __typename }' }],
    ['two operations and a name', { query: 'query A { __typename } query B { a: __typename }', operationName: 'B' }],
    ['a name that is not there', { query: 'query A { __typename }', operationName: 'B' }],
    ['an empty name', { query: 'query A { __typename }', operationName: '' }],
    ['null in the place of a name', { query: 'query A { __typename }', operationName: null }],
    ['introspection', { query: '{ __schema { queryType { name } } __type(name: "State") { enumValues { name } } }' }],
    ['what Apollo Client adds', { query: '{ __typename }', extensions: { clientLibrary: { name: '@apollo/client' } } }],
    ['a persisted query', { query: '{ __typename }', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }],
  ])('%s', (_what, body) => thrice(body));

  it('a name and a string are never confused with a longer string', async () => {
    await send({ query: 'query\n{ __typename }' });
    await send({ query: 'query\n{ __typename }' });
    expect((await send({ query: '{ __typename }', operationName: 'query' })).body).toContain('Unknown operation');
  });

  it.each([
    undefined,
    '*/*',
    'application/json',
    'application/graphql-response+json',
    'application/graphql-response+json, application/json;q=0.9',
    'text/html',
  ])('with Accept: %s', (accept) =>
    thrice({ query: '{ snapshots(first: 1) { nodes { name } } }' }, accept ? { accept } : {}),
  );

  it('explanations on request', () =>
    thrice({ query: '{ snapshots(first: 3) { nodes { sourceVolume { size } } } }' }, { 'x-explain': 'cost' }));

  it('upstream failures', async () => {
    const query = '{ a: snapshots(first: 2) { nodes { name } } b: volumes(first: 2) { nodes { name } } }';
    await send({ query });
    gateway().simulator.faults.add({ path: '/api/openstack-volumes/', status: 500 });
    await thrice({ query: `${query} ` });
    await thrice({ query });
  });
});

describe('guarantees of responses', () => {
  it('without credentials nothing is returned, whatever is cached', async () => {
    const query = '{ snapshots(first: 1) { nodes { name } } }';
    for (let i = 0; i < 3; i++) await send({ query });
    gateway().simulator.resetStats();
    const { body } = await send({ query }, { authorization: '' });
    expect(body).toContain('UNAUTHENTICATED');
    expect(gateway().calls()).toBe(0);
  });

  it('mutations run every time, exactly once', async () => {
    const query = `mutation { pullSnapshot(input: { uuid: "${target}" }) { snapshot { state } userErrors { code } } }`;
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(JSON.parse((await send({ query })).body).data.pullSnapshot.userErrors);
    expect(answers).toEqual([[], [{ code: 'INVALID_STATE' }], [{ code: 'INVALID_STATE' }]]);
    expect(gateway().callsByRoute()['POST /api/openstack-snapshots/{uuid}/pull/']).toBe(3);
  });

  const remembering = useGateway({ cacheTtlMs: 60_000 });

  it('cached responses cost no call, and end with a change', async () => {
    const query = `{ snapshot(uuid: "${target}") { name description } }`;
    const first = await send({ query }, {}, remembering());
    for (let i = 0; i < 4; i++) expect(await send({ query }, {}, remembering())).toEqual(first);
    expect(remembering().calls()).toBe(1);
    await send(
      { query: `mutation { updateSnapshot(input: { uuid: "${target}", description: "new" }) { snapshot { name } } }` },
      {},
      remembering(),
    );
    expect((await send({ query }, {}, remembering())).body).toContain('"description":"new"');
  });

  it('metrics count how each operation was executed', async () => {
    const before = await executions();
    const query = `{ node(id: "${snapshotId(target)}") { id } snapshots(first: 1) { nodes { description } } }`;
    for (let i = 0; i < 4; i++) await send({ query }, {}, remembering());
    const after = await executions();
    const more = Object.fromEntries(Object.entries(after).map(([by, count]) => [by, count - (before[by] ?? 0)]));
    expect(more).toMatchObject({ interpreter: 1, plan: 1, memory: 2 });
  });

  async function executions(): Promise<Record<string, number>> {
    const text = await (await fetch(`${remembering().url}/metrics`)).text();
    const found = [...text.matchAll(/^waldur_graph_executions_total\{transport="http",by="(\w+)"\} (\d+)$/gm)];
    return Object.fromEntries(found.map(([, by = '', count]) => [by, Number(count)]));
  }

  it('cached responses are never shared between callers', async () => {
    const query = '{ snapshots { totalCount } }';
    for (let i = 0; i < 4; i++) await send({ query }, {}, remembering());
    const other = await send({ query }, { authorization: `Token ${tokenOf('stranger')}` }, remembering());
    expect(other.body).toContain('"totalCount":0');
  });

  it('explanations on request work for cached responses too', async () => {
    const query = '{ volumes { totalCount } }';
    for (let i = 0; i < 4; i++) await send({ query }, {}, remembering());
    const { body } = await send({ query }, { 'x-explain': 'calls' }, remembering());
    expect(JSON.parse(body).extensions.calls).toEqual({ made: 0, saved: 1, decisions: [] });
  });

  it('each response has its own request id, and no proxy may store it', async () => {
    const ask = () =>
      fetch(`${remembering().url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Token ${tokenOf('staff')}` },
        body: '{"query":"{ volumes { totalCount } }"}',
      });
    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(4);
    for (const { headers } of answers) expect(headers.get('cache-control')).toBe('private, no-store');
  });
});
