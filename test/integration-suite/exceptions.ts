/**
 * What Apollo's suite wants and our HTTP layer does otherwise, on purpose: the full names of tests, by reason. Every other test that the
 * suite does not skip by itself must pass; and one named here must fail, or its line is out of date.
 */
export interface Exception {
  readonly reason: string;
  readonly tests: readonly string[];
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    reason:
      "No landing page of Apollo's is served on the API's address: it loads scripts from a network of others. GraphiQL stands at /graphiql, without one.",
    tests: [
      'apolloServerTests.ts renderLandingPage defaults to LocalDefault',
      'apolloServerTests.ts renderLandingPage can specify version for LocalDefault',
      'apolloServerTests.ts renderLandingPage basic functionality basic GET works',
      'apolloServerTests.ts renderLandingPage basic functionality basic GET works with more complex header',
      'apolloServerTests.ts renderLandingPage async `html` function returns a string',
      'apolloServerTests.ts renderLandingPage async `html` function throws',
    ],
  },
  {
    reason:
      "A POST of a simple content type is refused with 415 before its body is read, not with Apollo's 400; a GET without a header that a page cannot send is refused likewise (docs/decisions/0004-own-request-admission.md).",
    tests: ['apolloServerTests.ts CSRF prevention default'],
  },
  {
    reason: 'A body that is not JSON by its media type is 415 Unsupported Media Type, where Apollo says 400.',
    tests: [
      'httpServerTests.ts graphqlHTTP throws an error if POST body is empty',
      'httpServerTests.ts graphqlHTTP throws an error if invalid content-type',
    ],
  },
  {
    reason: 'Refused with the same status in words of our own.',
    tests: ['httpServerTests.ts graphqlHTTP throws an error if POST JSON is malformed'],
  },
  {
    reason:
      'Every answer is `Cache-Control: private, no-store`, whatever hints say: answers belong to the one caller whose credentials were sent.',
    tests: [
      'httpServerTests.ts graphqlHTTP cache-control applies cacheControl Headers',
      'httpServerTests.ts graphqlHTTP cache-control applies cacheControl Headers with if-cacheable',
      'httpServerTests.ts graphqlHTTP cache-control contains no cacheControl Headers when uncacheable',
      'httpServerTests.ts graphqlHTTP cache-control contains private cacheControl Headers when scoped',
      'httpServerTests.ts graphqlHTTP cache-control runs when cache-control is disabled',
      'httpServerTests.ts graphqlHTTP cache-control not set without any hints with if-cacheable',
      'httpServerTests.ts graphqlHTTP cache-control set to no-store without any hints',
      'httpServerTests.ts graphqlHTTP cache-control set with dynamic hint',
      'httpServerTests.ts graphqlHTTP cache-control set with defaultMaxAge',
      'httpServerTests.ts graphqlHTTP returns PersistedQueryNotSupported to a GET request if PQs disabled',
      'httpServerTests.ts graphqlHTTP returns PersistedQueryNotSupported to a POST request if PQs disabled',
      'httpServerTests.ts graphqlHTTP returns PersistedQueryNotFound to a GET request',
      'httpServerTests.ts graphqlHTTP returns PersistedQueryNotFound to a POST request',
    ],
  },
  {
    reason:
      'Batches are never accepted, whatever the server behind is told: one request is one operation, or limits on a request would mean nothing. They are refused with 400 in words of our own.',
    tests: [
      'httpServerTests.ts graphqlHTTP cache-control applies cacheControl Headers for batched operation',
      'httpServerTests.ts graphqlHTTP can handle batch requests',
      'httpServerTests.ts graphqlHTTP can handle batch requests with one element',
      'httpServerTests.ts graphqlHTTP returns an error on batch requests with no elements',
      'httpServerTests.ts graphqlHTTP can handle batch requests in parallel',
      'httpServerTests.ts graphqlHTTP disables batch requests by default',
      'httpServerTests.ts graphqlHTTP clones batch context',
      'httpServerTests.ts graphqlHTTP executes batch context if it is a function',
      'httpServerTests.ts Persisted Queries returns with batched persisted queries',
    ],
  },
];
