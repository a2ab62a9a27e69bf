import fc from 'fast-check';
import { GraphQLError, getIntrospectionQuery, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../../../src/operations/limits/admit.ts';
import { DEFAULT_LIMITS, LimitError } from '../../../../src/operations/limits/limits.ts';
import { scan } from '../../../../src/operations/limits/scan.ts';
import { documents, repeat } from './support/documents.ts';

const UNBOUNDED = { tokens: Infinity, comments: Infinity, nesting: Infinity };

/** Tokens as graphql-js counts them; the type of a document does not show it. */
const parsed = (text: string): unknown => Reflect.get(parse(text), 'tokenCount');

const BETWEEN = fc.constantFrom(' ', '\n', '\r\n', ',', '\t', '\uFEFF', '# a { comment "\n', '#\r');
const VALUES = fc.oneof(
  fc.constantFrom('1', '-1', '0', '1.5', '-0.25', '1e10', '1.5E-3', '2e+1', 'null', 'true', 'ENUM_1', '$v', '{}', '[]'),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc
    .string({ unit: fc.constantFrom('a', '"', '\\', '\n', '#', '{', ' ') })
    .map((text) => `"""${text.replaceAll('"""', '\\"""').replace(/["\\]+$/, '')}"""`),
  fc.array(fc.constantFrom('1', '"]"', '"\\""'), { maxLength: 3 }).map((items) => `[${items.join(' ')}]`),
  fc.constant('{a: {b: [{c: "}"}]}}'),
);

describe('scan', () => {
  it('counts tokens as the parser does, whatever strings and comments contain', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(VALUES, BETWEEN, BETWEEN), { minLength: 1 }), (items) => {
        const text = `query($v:Int=1@d){${items.map(([value, a, b]) => `a${b}(b:${a}${value}${b})...on T@d{c${a}}`).join('')}}`;
        expect(scan(text, UNBOUNDED).tokens).toBe(parsed(text));
      }),
    );
  });

  it('counts the tokens of documents as they are usually written', () => {
    fc.assert(
      fc.property(documents(5), (text) => {
        expect(scan(text, UNBOUNDED).tokens).toBe(parsed(text));
        expect(scan(print(parse(text)), UNBOUNDED).tokens).toBe(parsed(print(parse(text))));
      }),
    );
    expect(scan(getIntrospectionQuery(), UNBOUNDED).tokens).toBe(parsed(getIntrospectionQuery()));
  });

  it('counts comments and open brackets', () => {
    expect(scan('#a\n{a(b:[[1]])#b\r{c}}#', UNBOUNDED)).toMatchObject({ comments: 3, nesting: 4 });
    expect(scan('{a{b}}{a{b}}"{{{{" "}" """}"""', UNBOUNDED)).toMatchObject({ comments: 0, nesting: 2 });
  });

  it('terminates for any string', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '.', '-', '1', 'e', '#', '\n', 'a'), maxLength: 200 }),
        ),
        (text) => {
          expect(scan(text, UNBOUNDED).tokens).toBeLessThanOrEqual(text.length);
        },
      ),
    );
  });

  it('stops at the limit', () => {
    const allowed = { tokens: 5, comments: 5, nesting: 5 };
    expect(scan('a '.repeat(1000), allowed).tokens).toBe(6);
    expect(scan('#\n'.repeat(1000), allowed).comments).toBe(6);
    expect(scan('['.repeat(1000), allowed)).toMatchObject({ nesting: 6, tokens: 6 });
  });
});

describe('parseDocument', () => {
  const parseIt = (text: string) => parseDocument(text, DEFAULT_LIMITS);
  const field = (tokens: number) => `{${repeat(tokens - 2, 'a')}}`;

  it('parses documents within the limits, to the last token', () => {
    expect(parseIt(field(5_000)).definitions).toHaveLength(1);
    expect(parseIt(`${'#\n'.repeat(5_000)}{a}`).definitions).toHaveLength(1);
    expect(parseIt(`${'{a'.repeat(200)}${'}'.repeat(200)}`).definitions).toHaveLength(1);
  });

  it.each([
    ['one token too many', field(5_001), 'tokens', 'more than 5000 tokens; 5000 is the most allowed'],
    ['a million tokens', '{'.padEnd(1_000_000, 'a '), 'tokens', 'more than 5000 tokens'],
    ['comments', `${'#\n'.repeat(5_001)}{a}`, 'comments', 'more than 5000 comments'],
    ['a tower of fields', `${'{a'.repeat(1_600)}${'}'.repeat(1_600)}`, 'nesting', 'more than 200 deep'],
    ['a tower of lists', `{a(b:${'['.repeat(2_400)}${']'.repeat(2_400)})}`, 'nesting', 'more than 200 deep'],
    ['a tower of objects', `{a(b:${'{c:'.repeat(2_000)}`, 'nesting', 'more than 200 deep'],
  ])('refuses %s', (_name, text, limit, message) => {
    const error = errorOf(() => parseIt(text));
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ code: 'QUERY_TOO_COMPLEX', limit, message: expect.stringContaining(message) });
  });

  it.each(['{', '{a', '', '{a(b:"', '{a(b:"""', '{\u0000}', '"\\', '{a}}'])('says that %j is not GraphQL', (text) => {
    const error = errorOf(() => parseIt(text));
    expect(error).toBeInstanceOf(GraphQLError);
    expect(error).toMatchObject({ extensions: { code: 'GRAPHQL_PARSE_FAILED' }, locations: [expect.anything()] });
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('It did not throw.');
}
