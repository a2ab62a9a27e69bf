import { describe, expect, it } from 'vitest';
import { createSchema } from '../../../src/graph/schema.ts';
import { formatError } from '../../../src/operations/format-error.ts';
import { DEFAULT_LIMITS, limitOf } from '../../../src/operations/limits/limits.ts';
import { OperationPipeline } from '../../../src/operations/pipeline.ts';
import { doubling, repeat } from './limits/support/documents.ts';

const unexpected: unknown[] = [];
const log = { error: ({ err }: { err: unknown }) => unexpected.push(err) };
const pipeline = new OperationPipeline({ schema: createSchema(), introspection: true, limits: DEFAULT_LIMITS, log });

/** What is decided about an operation before it runs, as a client would be told. */
function check(query: string, variables: Record<string, unknown> = {}, operationName?: string) {
  const checked = pipeline.check({ query, variables, operationName });
  if (checked.ok) return { rows: checked.rows, errors: [], limit: undefined };
  const errors = checked.errors.map((error) => formatError(error, log));
  return { rows: undefined, errors, limit: checked.errors.map(limitOf)[0]?.limit };
}

const uuids = (count: number) => Array.from({ length: count }, (_, i) => i.toString(16).padStart(32, '0'));
const UUIDS = 'query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { uuid } }';

describe('an operation is checked before it runs', () => {
  it.each([
    // Each is invalid as well. Only the limit is told, so validation has not run.
    ['tokens', `{ nothing viewer { ${repeat(5_000, 'uuid')} } }`, 'more than 5000 tokens'],
    ['nesting', `{ nothing(uuids: ${'['.repeat(2_400)}${']'.repeat(2_400)}) { uuid } }`, 'more than 200 deep'],
    ['depth', `{ nothing ${'{ sourceSnapshot { sourceVolume '.repeat(8)}{ uuid }${'}}'.repeat(8)} }`, '18 fields deep'],
    ['rootFields', doubling(40, 'nothing { uuid }'), '1099511627776 fields at its root'],
    ['aliases', `{ nothing { ${repeat(51, (i) => `a${i}: uuid`)} } }`, '51 aliases; 50 is the most allowed'],
    ['directives', `{ nothing { ${repeat(51, 'uuid @include(if: true)')} } }`, '51 directives'],
    ['pairs', `{ nothing { ${repeat(4_000, 'uuid')} } }`, 'more than 20000 pairs'],
    ['fields', doubling(40, 'nothing', '__Schema', '{ __schema { ...F0 } }'), '1099511627777 fields'],
  ])('a document that exceeds %s is refused with one error, before validation, each time', (limit, query, message) => {
    for (let i = 0; i < 2; i += 1) {
      expect(check(query)).toEqual({
        rows: undefined,
        errors: [
          expect.objectContaining({
            message: expect.stringContaining(message),
            extensions: { code: 'QUERY_TOO_COMPLEX' },
          }),
        ],
        limit,
      });
    }
  });

  it('the operation that exceeds a limit is located', () => {
    const text = `query A { viewer { uuid } }\nquery B { viewer { ${repeat(51, (i) => `a${i}: uuid`)} } }`;
    expect(check(text).errors[0]?.locations).toEqual([{ line: 2, column: 1 }]);
  });

  it.each([
    ['{', 'GRAPHQL_PARSE_FAILED', 1],
    ['{ nothing nowhere }', 'GRAPHQL_VALIDATION_FAILED', 2],
    ['query A { viewer { uuid } } query B { viewer { uuid } } ', 'OPERATION_RESOLUTION_FAILURE', 1],
    ['query ($a: Int!, $b: Int!) { volumes(first: $a, last: $b) { totalCount } }', 'BAD_USER_INPUT', 2],
    // Variables are checked once there is an operation.
    ['query A($a: Int!) { volumes(first: $a) { totalCount } }', 'OPERATION_RESOLUTION_FAILURE', 1, 'B'],
  ])('%j is %s', (query, code, count, operationName?: string) => {
    const { errors } = check(query, {}, operationName);
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(Array.from({ length: count }, () => code));
  });

  it('an operation that costs too many rows is refused, with the limit and the cost', () => {
    const text = 'query ($n: Int) { volumes(first: $n) { nodes { snapshots(first: 100) { nodes { uuid } } } } }';
    expect(check(text, { n: 495 })).toMatchObject({ rows: 49_995, errors: [] });
    expect(check(text, { n: 496 })).toMatchObject({
      errors: [
        {
          message: expect.stringMatching(/may need 50096 rows; 50000 is the most allowed.*first, last/),
          extensions: { code: 'QUERY_TOO_COMPLEX' },
        },
      ],
      limit: 'rows',
    });
  });

  it('lists that name too many objects are refused, and the argument is named', () => {
    expect(check(UUIDS, { uuids: uuids(100) }).errors).toEqual([]);
    expect(check(UUIDS, { uuids: uuids(101) }).errors).toMatchObject([
      {
        message: expect.stringContaining('at most 100 objects, not 101'),
        extensions: { code: 'BAD_USER_INPUT', argument: 'uuids' },
      },
    ]);
    const bulk = 'mutation ($input: DeleteSnapshotsInput!) { deleteSnapshots(input: $input) { results { uuid } } }';
    expect(check(bulk, { input: { uuids: uuids(101) } }).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', argument: 'input.uuids' } },
    ]);
    const literal = `mutation { pullSnapshots(input: { uuids: ${JSON.stringify(uuids(101))} }) { results { uuid } } }`;
    expect(check(literal).errors).toMatchObject([{ extensions: { argument: 'input.uuids' } }]);
    const ids = `{ nodes(ids: ${JSON.stringify(uuids(101))}) { id } }`;
    expect(check(ids).errors).toMatchObject([{ extensions: { argument: 'ids' } }]);
  });

  it('huge lists in variables are refused before they are coerced', () => {
    const error = (argument: string) => [{ extensions: { code: 'BAD_USER_INPUT', argument } }];
    expect(check(UUIDS, { uuids: uuids(100_000) }).errors).toMatchObject(error('uuids'));
    expect(check('{ viewer { uuid } }', { unused: uuids(2_000) }).errors).toMatchObject(error('unused'));
  });

  it('a variable is refused with the same message when the operation has a plan', () => {
    const text = 'query ($n: Int!) { volumes(first: $n) { totalCount } }';
    const first = check(text, { n: 'x' });
    expect(first.errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' }, locations: [{ line: 1, column: 8 }] },
    ]);
    expect([check(text, { n: 'x' }), check(text, { n: 'x' })]).toEqual([first, first]);
  });

  it('wrong variables beyond the number that is listed have the same code', () => {
    const names = Array.from({ length: 60 }, (_, i) => `v${i}`);
    const defined = names.map((name) => `$${name}: ID!`).join(' ');
    const used = names.map((name) => `$${name}`).join(' ');
    const { errors } = check(`query (${defined}) { nodes(ids: [${used}]) { id } }`);
    expect(errors).toHaveLength(51);
    expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set(['BAD_USER_INPUT']));
  });

  it('a page that is too large is passed to the resolver, which names the argument', () => {
    expect(
      check('{ volumes(first: 1000000000) { nodes { snapshots(first: 1000000000) { nodes { uuid } } } } }').errors,
    ).toEqual([]);
  });

  it('a plan is compiled for an operation that comes a second time', () => {
    const checked = () => pipeline.check({ query: 'query Twice { viewer { uuid } }' });
    expect(checked()).toMatchObject({ ok: true, plan: undefined });
    expect(checked()).toMatchObject({ ok: true, plan: { operation: { name: { value: 'Twice' } } } });
  });

  it('no error is unexpected', () => expect(unexpected).toEqual([]));
});
