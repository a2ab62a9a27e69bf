import { ApolloServer, HeaderMap } from '@apollo/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { negotiateContentType } from '../../../src/operations/graphql-over-http.ts';

/** Which content type a request is answered with: what Apollo Server says is the rule. */

const apollo = new ApolloServer({ typeDefs: 'type Query { a: Int }', csrfPrevention: false });
beforeAll(() => apollo.start());
afterAll(() => apollo.stop());

/** undefined: not acceptable. */
async function byApollo(accept: string | undefined): Promise<string | undefined> {
  const headers = new HeaderMap([
    ['content-type', 'application/json'],
    ...(accept === undefined ? [] : [['accept', accept] as const]),
  ]);
  const response = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers, search: '', body: { query: '{ a }' } },
    context: async () => ({}),
  });
  return response.status === 406 ? undefined : response.headers.get('content-type');
}

const RANGES = [
  '*/*',
  'application/*',
  'application/json',
  'application/graphql-response+json',
  'application/json; charset=utf-8',
  'application/graphql-response+json;charset=UTF-8',
  'application/json; charset=iso-8859-1',
  'text/html',
  'text/*',
  '*/json',
  'multipart/mixed; deferSpec=20220824',
];
const QUALITIES = ['', ';q=0', ';q=0.5', '; q=0.9', ';Q=1.0', ';q=0.001'];
const weighted = RANGES.flatMap((range) => QUALITIES.map((quality) => range + quality));
const pairs = weighted.flatMap((first, i) =>
  weighted.filter((_, j) => (i + j) % 7 === 0).map((second) => `${first},${second}`),
);

describe('the content type of a response', () => {
  it.each([
    undefined,
    '',
    'Application/JSON',
    'APPLICATION/graphql-response+json ; q=0.3 , application/json;q=0.2',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
    'application/graphql-response+json, application/json;q=0.9',
    'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
    'application/json;charset=*',
    'application/json;charset=utf-8;profile=x',
  ])('is that of Apollo Server for %j', async (accept) => {
    expect(negotiateContentType(accept)).toBe(await byApollo(accept));
  });

  it(`is that of Apollo Server for ${weighted.length + pairs.length} headers of one and two ranges`, async () => {
    for (const accept of [...weighted, ...pairs]) {
      expect([accept, negotiateContentType(accept)]).toEqual([accept, await byApollo(accept)]);
    }
  });

  it('is that of Apollo Server for three ranges, the most specific of which decides', async () => {
    for (const q of [0, 0.4, 1]) {
      const accept = `*/*;q=0.5, application/*;q=${q}, application/json;q=${1 - q}`;
      expect([accept, negotiateContentType(accept)]).toEqual([accept, await byApollo(accept)]);
    }
  });

  it.each([
    'text/html',
    'application/json;q=0',
    'application/json;charset="utf-8"',
    'application/json; callbackSpec=1.0',
    'application/json;q=2',
    'application/json;q=0.5;q=1',
    'application/json,',
    'json',
    ';',
    'a/b/c',
  ])('is left to Apollo Server for %j', (accept) => {
    expect(negotiateContentType(accept)).toBeUndefined();
  });
});
