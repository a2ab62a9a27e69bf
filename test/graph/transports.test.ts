import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/operations/limits/limits.ts';
import { type Answer, ask, type Question } from '../faults/support/transports.ts';
import { documents } from '../fuzz/support/documents.ts';
import { BOMBS } from '../support/bombs.ts';
import { openEvents } from '../support/events.ts';
import { at, dataset, type JsonValue, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';
import { operationsOf } from '../support/operations.ts';
import { openSocket } from '../support/socket.ts';

/**
 * The same operation is answered the same on every transport: its verdict, and the code, message, locations and path of each error, and its
 * data. Where a protocol forces a difference, the last part of this file names it.
 */

const gateway = useGateway();
const authorization = `Token ${tokenOf('staff')}`;
const target = uuidOf.snapshot('rw-target');

/** HTTP twice: a document goes through Apollo Server the first time, and straight through the pipeline from then on. */
const WAYS = ['HTTP', 'HTTP', 'SSE', 'WebSocket'] as const;

const KNOWN = new Set(
  [...dataset.snapshots, ...dataset.volumes, ...dataset.restorations].map(({ uuid }) => String(uuid)),
);

/** Global ids in their readable form, one name for uuids that Waldur makes up anew each time, and one for ids of requests. */
const readable = (text: string): string =>
  text
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'REQUEST')
    .replaceAll(/(?<=")[\w-]{50,60}(?=")/g, (id) => {
      const [global] = /^(?:Snapshot|Volume):[0-9a-f]{32}$/.exec(Buffer.from(id, 'base64url').toString()) ?? [];
      return global ?? id;
    })
    .replaceAll(/\b[0-9a-f]{32}\b/g, (uuid) =>
      KNOWN.has(uuid) || !text.includes('CREATION_SCHEDULED') ? uuid : 'NEW',
    );

/** What must be the same on every transport. */
const essence = ({ data, errors }: Answer): JsonValue =>
  JSON.parse(readable(JSON.stringify({ data: data === undefined ? 'no data' : data, errors })));

async function askAll(question: Question, asking: { authorization?: string } = { authorization }): Promise<Answer> {
  const answers: Answer[] = [];
  for (const way of WAYS) {
    gateway().simulator.reset();
    answers.push(await ask(gateway().url, way, question, asking));
  }
  const [first, ...others] = answers;
  if (first === undefined) throw new Error('nothing was asked');
  expect(first.codes).not.toContain('INTERNAL_SERVER_ERROR');
  for (const [i, other] of others.entries()) {
    expect([WAYS[i + 1], question, essence(other)]).toEqual([WAYS[i + 1], question, essence(first)]);
  }
  return first;
}

describe('operations as clients send them', () => {
  const all = (['snapshots', 'volumes', 'choices', 'mutations'] as const).flatMap(operationsOf);

  it.each(all)('$operationName: the same data', async ({ query, operationName, variables }) => {
    const { errors, data } = await askAll({ query, operationName, variables });
    expect(errors).toEqual([]);
    expect(Object.keys(Object(data)).length).toBeGreaterThan(0);
  });

  it.each([
    ['nobody is nobody', '{ snapshots { totalCount } }', ['UNAUTHENTICATED']],
    ['what asks for nothing of Waldur is answered to nobody, too', '{ __typename }', []],
  ])('%s', async (_name, query, codes) => {
    expect((await askAll({ query }, {})).codes).toEqual(codes);
  });

  it.each([
    ['an argument that a resolver refuses, beside data', '{ snapshots(first: 5000) { nodes { name } } a: __typename }'],
    ['an object that is not there', '{ snapshot(uuid: "00000000000000000000000000000000") { name } }'],
    ['introspection', '{ __schema { queryType { name } } __type(name: "State") { enumValues { name } } }'],
  ])('%s', async (_name, query) => {
    expect((await askAll({ query })).data).toBeDefined();
  });

  it('Waldur failures have the same errors', async () => {
    const query = '{ a: snapshots(first: 2) { nodes { name } } b: volumes(first: 2) { nodes { name } } }';
    gateway().simulator.faults.add({ path: '/api/openstack-volumes/', status: 500 });
    const { codes, errors } = await askAll({ query });
    expect(codes).toEqual(['UPSTREAM_ERROR']);
    expect(at(errors[0], 'path')).toEqual(['b', 'nodes']);
  });
});

const repeat = (count: number, item: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(' ');
const nested = (levels: number, outer: string, inner: string): string =>
  `${outer} {`.repeat(levels) + inner + '}'.repeat(levels);

/** A document for each limit. */
const EXCEEDING: Readonly<Record<keyof typeof LIMITS, string>> = {
  tokens: `{ ${repeat(5_001, () => '__typename')} }`,
  comments: `{ __typename }${'#\n'.repeat(5_001)}`,
  nesting: `{ snapshots(filter: {state: ${'['.repeat(201)}${']'.repeat(201)}}) { totalCount } }`,
  characters: `{ __typename }${' '.repeat(200_000)}`,
  definitions: repeat(101, (i) => `query Q${i} { __typename }`),
  depth: `{ volumes { nodes { ${nested(7, 'sourceSnapshot { sourceVolume', 'uuid').replaceAll('}', '} }')} } } }`,
  introspectionDepth: `{ __schema { types { ${nested(31, 'ofType', 'name')} } } }`,
  selectionDepth: `{ ${nested(101, '...', '__typename')} }`,
  rootFields: `{ ${repeat(31, () => '__typename')} }`,
  aliases: `{ viewer { ${repeat(51, (i) => `a${i}: uuid`)} } }`,
  directives: `{ __typename ${repeat(51, () => '@include(if: true)')} }`,
  fields: `{ viewer { ${repeat(110, () => '...F')} } } fragment F on Viewer { ${repeat(100, () => 'uuid')} }`,
  pairs: `{ viewer { ${repeat(300, () => 'uuid')} } }`,
  rows: '{ volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { uuid } } } } }',
  calls: `{ ${repeat(3, (i) => `a${i}: snapshotsByUuid(uuids: [${repeat(100, () => JSON.stringify(target))}]) { name }`)} }`,
};

const UUIDS = 'query ($u: [UUID!]!) { snapshotsByUuid(uuids: $u) { name } }';
const COUNT = 'query ($n: Int) { snapshots(first: $n) { totalCount } }';
const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

const REFUSED: readonly [name: string, question: Question, code: string][] = [
  ...Object.entries(EXCEEDING).map(([limit, query]): [string, Question, string] => [
    `the limit ${limit}`,
    { query },
    'QUERY_TOO_COMPLEX',
  ]),
  ...BOMBS.filter(([, , code]) => code === 'QUERY_TOO_COMPLEX').map(
    ([name, query, code]): [string, Question, string] => [name, { query }, code],
  ),
  ['an unfinished document', { query: '{ snapshots {' }, 'GRAPHQL_PARSE_FAILED'],
  ['a text that is no document', { query: 'hello' }, 'GRAPHQL_PARSE_FAILED'],
  ['blanks', { query: ' \n ' }, 'BAD_REQUEST'],
  ['an unfinished string', { query: '{ snapshot(uuid: "a) { name } }' }, 'GRAPHQL_PARSE_FAILED'],
  ['a NUL', { query: '{ a\0 }' }, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['several unknown fields', { query: '{ nothing nowhere }', operationName: 'A' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a field nearly right', { query: '{ snapshot { nam } }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a literal of a wrong type', { query: '{ snapshots(first: "x") { totalCount } }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a literal that is no uuid', { query: '{ snapshot(uuid: "..") { name } }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['an unknown variable', { query: '{ snapshots(first: $n) { totalCount } }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['an unknown directive', { query: '{ __typename @nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a circle of fragments', { query: '{ ...F } fragment F on Query { ...F }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a fragment alone', { query: 'fragment F on Query { __typename }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['a type definition', { query: 'type A { b: Int }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['an unknown name', { query: 'query A { __typename }', operationName: 'B' }, 'OPERATION_RESOLUTION_FAILURE'],
  ['an empty name', { query: 'query A { __typename }', operationName: '' }, 'OPERATION_RESOLUTION_FAILURE'],
  ['a name with quotes', { query: 'query A { __typename }', operationName: '"<b>' }, 'OPERATION_RESOLUTION_FAILURE'],
  [
    'no name for two operations',
    { query: 'query A { __typename } query B { __typename }' },
    'OPERATION_RESOLUTION_FAILURE',
  ],
  [
    'an unknown name and wrong variables',
    { query: COUNT, operationName: 'B', variables: { n: 'x' } },
    'OPERATION_RESOLUTION_FAILURE',
  ],
  ['a missing variable', { query: 'query ($u: UUID!) { snapshot(uuid: $u) { name } }' }, 'BAD_USER_INPUT'],
  ['null for a variable', { query: UUIDS, variables: { u: null } }, 'BAD_USER_INPUT'],
  ['a variable of a wrong type', { query: COUNT, variables: { n: 'x' } }, 'BAD_USER_INPUT'],
  ['a number beyond Int', { query: COUNT, variables: { n: 2 ** 31 } }, 'BAD_USER_INPUT'],
  ['a variable that is no uuid', { query: UUIDS, variables: { u: ['..', 'x'] } }, 'BAD_USER_INPUT'],
  ['many wrong items', { query: UUIDS, variables: { u: Array.from({ length: 99 }, () => 1) } }, 'BAD_USER_INPUT'],
  ['too many uuids', { query: UUIDS, variables: { u: Array.from({ length: 101 }, () => target) } }, 'BAD_USER_INPUT'],
  [
    'a list too long',
    { query: UUIDS, variables: { u: Array.from({ length: 1_001 }, () => target) } },
    'BAD_USER_INPUT',
  ],
  ['a variable too deep', { query: COUNT, variables: { n: deep(60) } }, 'BAD_USER_INPUT'],
  [
    'too many values',
    { query: COUNT, variables: Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`v${i}`, i])) },
    'BAD_USER_INPUT',
  ],
  [
    'variables with which it costs too much',
    {
      query: 'query ($n: Int) { volumes(first: $n) { nodes { snapshots(first: $n) { nodes { name } } } } }',
      variables: { n: 1000 },
    },
    'QUERY_TOO_COMPLEX',
  ],
  ['a mutation without its input', { query: 'mutation { deleteSnapshot { scheduled } }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['an invalid subscription', { query: 'subscription { nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'a subscription with two roots',
    { query: 'subscription { snapshotChanges { kind } volumeChanges { kind } }' },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a subscription on a condition',
    { query: 'subscription ($a: Boolean!) { snapshotChanges @include(if: $a) { kind } }', variables: { a: false } },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a subscription with a wrong variable',
    { query: 'subscription ($u: UUID!) { restoreProgress(volumeUuid: $u) { kind } }', variables: { u: '..' } },
    'BAD_USER_INPUT',
  ],
];

describe('operations refused before execution', () => {
  it.each(REFUSED)('%s', async (_name, question, code) => {
    gateway().simulator.resetStats();
    const { codes, status, data } = await askAll(question);
    expect([...new Set(codes)]).toEqual([code]);
    expect([status, data]).toEqual([400, undefined]);
    expect(gateway().calls()).toBe(0);
  });

  it('each limit has a document that exceeds only that limit', async () => {
    for (const [limit, query] of Object.entries(EXCEEDING)) {
      const { errors } = await ask(gateway().url, 'HTTP', { query }, { authorization });
      const { states } = LIMITS[limit as keyof typeof LIMITS];
      const [before = '', after = ''] = states('#').split('#');
      expect(at(errors[0], 'message')).toContain(before);
      expect(at(errors[0], 'message')).toContain(after);
    }
  });
});

describe('generated documents, valid and invalid', () => {
  const sample = fc.sample(documents('query'), { numRuns: 60, seed: 20_260 });
  const codes = new Set<JsonValue>();

  it.each([0, 10, 20, 30, 40, 50])('from number %i', async (from) => {
    for (const query of sample.slice(from, from + 10)) {
      for (const code of (await askAll({ query })).codes) codes.add(code);
    }
  });

  it('contain both kinds', () => {
    expect([...codes]).toEqual(expect.arrayContaining(['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']));
  });
});

/** Differences that the protocols force. */
describe('differences between transports', () => {
  const subscription = 'subscription { snapshotChanges(filter: { name: "rw-target" }) { kind snapshot { uuid } } }';

  it('a subscription runs over WebSocket and SSE; over HTTP its error names their URLs', async () => {
    const [http, again, ...streams] = await Promise.all(
      WAYS.map((way) => ask(gateway().url, way, { query: subscription }, { authorization })),
    );
    expect([http?.codes, again?.codes]).toEqual([['BAD_USER_INPUT'], ['BAD_USER_INPUT']]);
    expect(at(http?.errors[0], 'message')).toMatch(/WebSocket.*server-sent events/);
    for (const { data } of streams) {
      expect(data).toEqual({ snapshotChanges: { kind: 'RESET', snapshot: null } });
    }
  });

  it.each(['/graphql', '/graphql/stream'])(
    'a mutation by GET of %s is 405 with Allow; a socket has no methods',
    async (path) => {
      const query = `mutation { pullSnapshot(input: { uuid: "${target}" }) { userErrors { code } } }`;
      const accept = path === '/graphql' ? 'application/json' : 'text/event-stream';
      const response = await fetch(`${gateway().url}${path}?${new URLSearchParams({ query })}`, {
        headers: { accept, authorization },
      });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    },
  );

  it.each([
    ['no query', {}],
    ['an empty query', { query: '' }],
    ['a query that is no text', { query: 5 }],
    ['variables that are no object', { query: '{ __typename }', variables: [] }],
  ])("%s is not an operation: a request gets 400 in its protocol's format, a socket is closed", async (_name, body) => {
    for (const path of ['/graphql', '/graphql/stream']) {
      const headers = { 'content-type': 'application/json', accept: path === '/graphql' ? '*/*' : 'text/event-stream' };
      const response = await fetch(gateway().url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    }
  });

  it('a socket that sends a message without a query is closed, as its protocol requires', async () => {
    const socket = await openSocket(gateway().url);
    await socket.init();
    socket.send({ id: '1', type: 'subscribe', payload: {} });
    expect((await socket.closed).code).toBe(4400);
  });

  it('persisted queries are refused over HTTP and SSE', async () => {
    const body = JSON.stringify({
      query: '{ __typename }',
      extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } },
    });
    for (const path of ['/graphql', '/graphql/stream']) {
      const headers = { 'content-type': 'application/json', accept: path === '/graphql' ? '*/*' : 'text/event-stream' };
      const response = await fetch(gateway().url + path, { method: 'POST', headers, body });
      expect(await response.json()).toMatchObject({
        errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
      });
    }
  });

  it('explanations can be requested only by an HTTP header', async () => {
    const headers = { 'x-explain': 'cost, calls' };
    const { extensions } = await gateway().query('{ snapshots { totalCount } }', { headers });
    expect(extensions).toMatchObject({ cost: { rows: 1, allowed: 50_000 }, calls: { made: 1 } });
    const refused = await gateway().query(EXCEEDING.rows, { headers });
    expect(refused.extensions).toMatchObject({ cost: { allowed: 50_000 }, calls: { made: 0 } });
    const reader = await openEvents(`${gateway().url}/graphql/stream`, {
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization, ...headers },
      body: JSON.stringify({ query: '{ snapshots { totalCount } }' }),
    });
    expect(Object.keys(Object((await reader.next()).data))).toEqual(['data']);
    reader.leave();
  });
});
