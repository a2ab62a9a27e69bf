import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { formatError } from '../../../src/operations/format-error.ts';

function format(error: unknown) {
  const logged: { details: { correlationId: string; err: unknown }; message: string }[] = [];
  const formatted = formatError(error, { error: (details, message) => logged.push({ details, message }) });
  return { formatted, logged };
}
const located = (originalError: Error) => new GraphQLError(originalError.message, { originalError, path: ['a', 0] });

describe('errors as clients see them', () => {
  it('an unexpected error is masked, and logged with the id of the response', () => {
    const { formatted, logged } = format(located(new Error('secret: hunter2')));
    expect(formatted.path).toEqual(['a', 0]);
    expect(formatted.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
    expect(JSON.stringify(formatted)).not.toContain('hunter2');
    expect(logged[0]?.details.correlationId).toBe(formatted.extensions?.correlationId);
    expect(String(logged[0]?.details.err)).toContain('hunter2');
  });

  it.each([undefined, null, 'text', 5, {}])('a thrown %j is masked like any other error', (thrown) => {
    expect(format(thrown).formatted.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
  });

  it('a gateway error is returned unchanged, however deep it is wrapped', () => {
    const own = new GatewayError('RATE_LIMITED', 'Slower.', { retryAfterSeconds: 3 });
    const { formatted, logged } = format(located(located(own)));
    expect(formatted).toMatchObject({ message: 'Slower.', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 3 } });
    expect(logged).toEqual([]);
  });

  it('an error of graphql-js about the document is returned; one about a value is not, because it quotes the value', () => {
    expect(format(new GraphQLError('Cannot query field "x".')).formatted.extensions?.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    const value = new GraphQLError('Expected Int, got "hunter2"', { path: ['a'] });
    expect(JSON.stringify(format(value).formatted)).not.toContain('hunter2');
  });

  it('a code that is not in the list is not returned', () => {
    const error = new GraphQLError('x', { path: ['a'], extensions: { code: 'SOMETHING' } });
    expect(format(error).formatted.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
  });
});
