import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IdempotencyKeys } from '../../../src/graph/idempotency.ts';
import { contextFactory } from '../../../src/graph/operation-context.ts';
import { createSchema } from '../../../src/graph/schema.ts';
import { SharedReads } from '../../../src/loading/shared-reads.ts';
import { BusyCallers } from '../../../src/loading/single-flight.ts';
import { createGraphServer, type GraphServer } from '../../../src/operations/apollo.ts';
import { DEFAULT_LIMITS } from '../../../src/operations/limits/limits.ts';
import { OperationPipeline } from '../../../src/operations/pipeline.ts';
import { AbortTokenSource } from '../../../src/runtime/abort-token.ts';
import { Harness } from '../../live/support/harness.ts';
import { CALLER, clientOf } from '../../waldur/support/upstreams.ts';

/** Apollo Server neither parses nor validates nor executes: the pipeline has done so. */

const schema = createSchema();
const log = { error: () => {} };
const pipeline = new OperationPipeline({ schema, introspection: true, limits: DEFAULT_LIMITS, log });
const resolversBefore = resolversOf();
const called: string[] = [];
let server: GraphServer;

beforeAll(async () => {
  server = await createGraphServer({
    pipeline,
    log,
    plugins: [
      {
        async requestDidStart() {
          called.push('requestDidStart');
          return {
            async parsingDidStart() {
              called.push('parsingDidStart');
            },
            async validationDidStart() {
              called.push('validationDidStart');
            },
            async executionDidStart() {
              called.push('executionDidStart');
              return { willResolveField: () => void called.push('willResolveField') };
            },
          };
        },
      },
    ],
  });
});
afterAll(() => server.stop());

function resolversOf() {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    'getFields' in type
      ? Object.values(type.getFields()).map((field) => ('resolve' in field ? field.resolve : undefined))
      : [],
  );
}

/** Nothing here asks Waldur, so the address leads nowhere. */
function contextOf() {
  const now = () => 0;
  const busyCallers = new BusyCallers();
  const shared = { busyCallers, totals: new Map(), reads: new SharedReads({ cache: undefined, busyCallers, now }) };
  const createContext = contextFactory({
    client: clientOf('http://127.0.0.1:1'),
    shared,
    sharedByEvents: shared,
    live: new Harness().live,
    schema,
    viewers: new Map(),
    idempotency: new IdempotencyKeys(now),
    timeoutMs: 1_000,
    maxCalls: 0,
    now,
  });
  return createContext({ ...CALLER, authenticated: true }, 'request', new AbortTokenSource());
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

async function post(query: string, operationName: string | null = null): Promise<Answer & { status: number }> {
  const request = { method: 'POST', headers: [['content-type', 'application/json']] as const, search: '' };
  const { status, body } = await server.execute({ ...request, body: { query, operationName } }, contextOf());
  const answer: Answer = JSON.parse(body);
  return { status, ...answer };
}

describe('Apollo Server', () => {
  it.each([
    ['an operation', '{ __typename }', undefined],
    ['a syntax error', '{', 'GRAPHQL_PARSE_FAILED'],
    ['an invalid document', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a document that exceeds a limit', `{ ${'__typename '.repeat(5_001)} }`, 'QUERY_TOO_COMPLEX'],
    ['a document too long to be kept', `{ __typename } #${'x'.repeat(20_000)}`, undefined],
  ])('does nothing about %s', async (_name, query, code) => {
    called.length = 0;
    const answers = [await post(query), ...(await Promise.all([post(query), post(query)]))];
    for (const { errors } of answers) expect(errors?.[0]?.extensions.code).toBe(code);
    expect(called).toEqual(['requestDidStart', 'requestDidStart', 'requestDidStart']);
  });

  it('returns all errors of a document, even when the request names an operation', async () => {
    const { status, errors } = await post('query A { nothing nowhere }', 'A');
    expect([status, errors?.length]).toEqual([400, 2]);
  });

  it('does not change the resolvers of the schema', () => {
    expect(resolversOf()).toEqual(resolversBefore);
  });
});
