import { buildSchema, getOperationAST, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readTypeDefs } from '../../src/graph/typedefs.ts';
import { EXAMPLES } from '../../src/server/explorer/examples.ts';
import { at, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';
import { demoAuthorization } from './support/demo.ts';

const gateway = useGateway({}, {}, 'made-up');
const schema = buildSchema(readTypeDefs());

const examples = EXAMPLES.map(({ query, variables = {} }) => {
  const operation = getOperationAST(parse(query));
  return { name: operation?.name?.value ?? '', kind: operation?.operation, query, variables };
});
const ofKind = (kind: string) => examples.filter((example) => example.kind === kind);

describe('the examples', () => {
  it('are one named operation each, and cover every operation type', () => {
    expect(new Set(examples.map(({ name }) => name))).not.toContain('');
    expect(new Set(examples.map(({ kind }) => kind))).toEqual(new Set(['query', 'mutation', 'subscription']));
  });

  it.each(examples)('$name fits the schema', ({ query }) => expect(validate(schema, parse(query))).toEqual([]));

  it.each(examples)('$name fits into the editor', ({ query }) => {
    // So much is seen in the picture and on a small screen without scrolling.
    expect(query.split('\n').filter((line) => line.length > 51)).toEqual([]);
  });

  it.each([...ofKind('query'), ...ofKind('mutation')])('$name runs as the demo user', async ({ query, variables }) => {
    const headers = { authorization: demoAuthorization(gateway()) };
    const { data, errors } = await gateway().query(query, { as: null, headers, variables });
    expect(errors).toBeUndefined();
    for (const value of Object.values(data ?? { none: null })) expect(value).not.toBeNull();
    expect(at(data, 'restoreSnapshot', 'userErrors') ?? []).toEqual([]);
  });

  it.each(ofKind('subscription'))('$name sends an event immediately', async ({ query, variables }) => {
    const socket = await openSocket(gateway().url);
    try {
      await socket.init({ Authorization: demoAuthorization(gateway()) });
      socket.send({ type: 'subscribe', id: '1', payload: { query, variables } });
      const event = await socket.next();
      expect(event).toMatchObject({ type: 'next', id: '1' });
      expect(at(event.payload, 'errors')).toBeUndefined();
    } finally {
      socket.close();
    }
  });
});
