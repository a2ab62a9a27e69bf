import { GraphQLError, getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../../src/graph/schema.ts';
import { Documents, type ValidDocument } from '../../../src/operations/documents.ts';
import { DEFAULT_LIMITS } from '../../../src/operations/limits/limits.ts';

const documents = new Documents({ schema: createSchema(), introspection: true, limits: DEFAULT_LIMITS });

function valid(text: string): ValidDocument {
  const validated = documents.validate(text);
  if (!validated.ok) throw validated.errors[0];
  return validated.document;
}

function operationOf(text: string, name?: string) {
  const operation = valid(text).choose(name);
  if (operation instanceof GraphQLError) throw operation;
  return operation;
}

describe('validated documents', () => {
  it.each(['{ __typename }', '{', '{ nothing }'])('are not validated again: %s', (text) => {
    expect(documents.known(text)).toBeUndefined();
    const validated = documents.validate(text);
    expect(documents.known(text)).toBe(validated);
    expect(documents.validate(text)).toBe(validated);
  });

  it('are distinguished by every character', () => {
    expect(documents.validate('{ a: __typename }')).not.toBe(documents.validate('{ a:  __typename }'));
  });

  it('are forgotten when they are long, because validating them takes no longer than receiving them', () => {
    const text = `{ __typename } #${'x'.repeat(10_000)}`;
    expect(documents.validate(text).ok).toBe(true);
    expect(documents.known(text)).toBeUndefined();
  });
});

describe('the operation of a request', () => {
  it.each([
    ['the only one', '{ __typename }', undefined, undefined],
    ['the only one, whatever it is called', 'query A { __typename }', null, 'A'],
    ['the one that is named', 'query A { __typename } query B { __typename }', 'B', 'B'],
  ])('is %s', (_name, text, name, chosen) => {
    expect(valid(text).choose(name)).toMatchObject({ kind: 'query', node: { name: chosen && { value: chosen } } });
  });

  it.each([
    ['query A { __typename }', 'B', 'Unknown operation named "B".'],
    ['{ __typename }', '', 'Unknown operation named "".'],
    ['query A { __typename } query B { __typename }', undefined, /Must provide operation name/],
  ])('does not exist in %s for the name %j', (text, name, message) => {
    const error = valid(text).choose(name);
    expect(error).toMatchObject({
      message: expect.stringMatching(message),
      extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
    });
  });

  it('has its own id, the same as long as the document is cached', () => {
    const text = 'query First { __typename } query Second { __typename }';
    expect(operationOf(text, 'First').id).toBe(operationOf(text, 'First').id);
    expect(operationOf(text, 'First').id).not.toBe(operationOf(text, 'Second').id);
  });

  it.each([
    [getIntrospectionQuery(), true],
    ['{ __typename ...A } fragment A on Query { __schema { queryType { name } } }', true],
    ['{ __typename ...A } fragment A on Query { viewer { uuid } }', false],
    ['{ __schema { queryType { name } } ... { viewer { uuid } } }', false],
    ['mutation { __typename }', false],
  ])('%# is introspective or not', (text, introspective) => {
    expect(operationOf(text).introspective).toBe(introspective);
  });
});
