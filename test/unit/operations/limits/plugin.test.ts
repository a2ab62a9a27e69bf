import { ApolloServer, HeaderMap } from '@apollo/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationNotes } from '../../../../src/graph/context.ts';
import { createSchema } from '../../../../src/graph/schema.ts';
import { formatError } from '../../../../src/operations/format-error.ts';
import { DEFAULT_LIMITS } from '../../../../src/operations/limits/limits.ts';
import { limitsPlugin } from '../../../../src/operations/limits/plugin.ts';
import { doubling, repeat } from './support/documents.ts';

/** Of the last request. */
let notes: OperationNotes = {};
const unexpected: unknown[] = [];
const executed: string[] = [];
let validated = 0;

const server = new ApolloServer<{ notes: OperationNotes }>({
  schema: createSchema(),
  formatError: (_formatted, error) => formatError(error, { error: (details) => unexpected.push(details.err) }),
  plugins: [
    limitsPlugin({
      limits: DEFAULT_LIMITS,
      explains: ({ http }) => http?.headers.get('x-explain') === 'cost',
    }),
    {
      async requestDidStart() {
        return {
          async validationDidStart() {
            validated++;
          },
          // Nothing stands behind the resolvers here: what gets this far may run.
          async responseForOperation({ request, response }) {
            executed.push(request.query ?? '');
            return { ...response, body: { kind: 'single', singleResult: { data: { ran: true } } } };
          },
        };
      },
    },
  ],
});

beforeAll(() => server.start());
afterAll(() => server.stop());

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { message: string; extensions: Record<string, unknown>; locations?: unknown }[];
  readonly extensions?: unknown;
}

async function send(query: string, variables: Record<string, unknown> = {}, explain = true): Promise<Answer> {
  const headers = new HeaderMap([
    ['content-type', 'application/json'],
    ['accept', 'application/graphql-response+json'],
    ...(explain ? [['x-explain', 'cost'] as const] : []),
  ]);
  notes = {};
  const response = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers, search: '', body: { query, variables } },
    context: () => Promise.resolve({ notes }),
  });
  if (response.body.kind !== 'complete') throw new Error('not complete');
  return JSON.parse(response.body.string) as Answer;
}

const uuids = (count: number) => Array.from({ length: count }, (_, i) => i.toString(16).padStart(32, '0'));
const UUIDS = 'query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { uuid } }';

describe('limitsPlugin', () => {
  it.each([
    ['tokens', `{ viewer { ${repeat(5_000, 'uuid')} } }`, 'more than 5000 tokens'],
    ['nesting', `{ snapshotsByUuid(uuids: ${'['.repeat(2_400)}${']'.repeat(2_400)}) { uuid } }`, 'more than 200 deep'],
    [
      'depth',
      `{ volume(uuid: "x") ${'{ sourceSnapshot { sourceVolume '.repeat(8)}{ uuid }${'}}'.repeat(8)} }`,
      '18 fields deep',
    ],
    ['rootFields', doubling(40, 'viewer { uuid }'), '1099511627776 fields at its root'],
    ['aliases', `{ viewer { ${repeat(51, (i) => `a${i}: uuid`)} } }`, '51 aliases; 50 is the most allowed'],
    ['directives', `{ viewer { ${repeat(51, 'uuid @include(if: true)')} } }`, '51 directives'],
    ['pairs', `{ viewer { ${repeat(4_000, 'uuid')} } }`, 'more than 20000 pairs'],
    ['fields', doubling(40, 'description', '__Schema', '{ __schema { ...F0 } }'), '1099511627777 fields'],
  ])('refuses by %s with one error, before validation', async (limit, query, message) => {
    const before = [validated, executed.length];
    const { data, errors } = await send(query, {}, false);
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining(message),
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    });
    expect(notes).toEqual({ limit });
    // Validated is only what was put in its place, and that once.
    expect(validated - (before[0] ?? 0)).toBeLessThanOrEqual(1);
    expect(executed).toHaveLength(before[1] ?? 0);
  });

  it('refuses the same text again', async () => {
    const text = `{ viewer { ${repeat(60, (i) => `a${i}: uuid`)} } }`;
    const answers = [await send(text), await send(text)];
    expect(answers.map(({ errors }) => errors?.[0]?.extensions)).toEqual([
      { code: 'QUERY_TOO_COMPLEX' },
      { code: 'QUERY_TOO_COMPLEX' },
    ]);
  });

  it('says where the operation stands that exceeds a limit', async () => {
    const { errors } = await send(
      `query A { viewer { uuid } }\nquery B { viewer { ${repeat(51, (i) => `a${i}: uuid`)} } }`,
    );
    expect(errors?.[0]?.locations).toEqual([{ line: 2, column: 1 }]);
  });

  it('leaves syntax, validation and coercion to say what they say', async () => {
    for (const [query, code] of [
      ['{', 'GRAPHQL_PARSE_FAILED'],
      ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
      ['query A { viewer { uuid } } query B { viewer { uuid } } ', undefined],
    ] as const) {
      const { errors } = await send(query);
      expect(errors?.[0]?.extensions.code).toBe(code);
    }
  });

  it('refuses what costs too many rows, and tells the cost when asked', async () => {
    const text = 'query ($n: Int) { volumes(first: $n) { nodes { snapshots(first: 100) { nodes { uuid } } } } }';
    expect(await send(text, { n: 495 })).toEqual({
      data: { ran: true },
      extensions: { cost: { rows: 49_995, allowed: 50_000 } },
    });
    expect(notes.rows).toBe(49_995);
    const { errors, extensions } = await send(text, { n: 496 });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/may need 50096 rows; 50000 is the most allowed.*first, last/),
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    });
    expect(extensions).toEqual({ cost: { rows: 50_096, allowed: 50_000 } });
    expect(notes.limit).toBe('rows');
  });

  it('tells no cost unasked', async () => {
    expect(await send('{ viewer { uuid } }', {}, false)).toEqual({ data: { ran: true } });
  });

  it('refuses lists that name too many objects, naming the argument', async () => {
    expect((await send(UUIDS, { uuids: uuids(100) })).data).toEqual({ ran: true });
    expect((await send(UUIDS, { uuids: uuids(101) })).errors).toMatchObject([
      {
        message: expect.stringContaining('at most 100 objects, not 101'),
        extensions: { code: 'BAD_USER_INPUT', argument: 'uuids' },
      },
    ]);
    const bulk = 'mutation ($input: DeleteSnapshotsInput!) { deleteSnapshots(input: $input) { results { uuid } } }';
    expect((await send(bulk, { input: { uuids: uuids(101) } })).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', argument: 'input.uuids' } },
    ]);
    const literal = `mutation { pullSnapshots(input: { uuids: ${JSON.stringify(uuids(101))} }) { results { uuid } } }`;
    expect((await send(literal)).errors).toMatchObject([{ extensions: { argument: 'input.uuids' } }]);
    const ids = `{ nodes(ids: ${JSON.stringify(uuids(101))}) { id } }`;
    expect((await send(ids)).errors).toMatchObject([{ extensions: { argument: 'ids' } }]);
  });

  it('refuses huge lists in variables before they are coerced', async () => {
    const { errors } = await send(UUIDS, { uuids: uuids(100_000) });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'uuids' } }]);
    expect((await send('{ viewer { uuid } }', { unused: uuids(2_000) })).errors).toMatchObject([
      { extensions: { argument: 'unused' } },
    ]);
  });

  it('lets a page that is too large through to the resolver, which names the argument', async () => {
    const nested = '{ volumes(first: 1000000000) { nodes { snapshots(first: 1000000000) { nodes { uuid } } } } }';
    expect((await send(nested)).data).toEqual({ ran: true });
  });

  it('meets nothing unexpected', () => {
    expect(unexpected).toEqual([]);
  });
});
