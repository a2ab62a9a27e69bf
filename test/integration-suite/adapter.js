import { ApolloServer, HeaderMap } from '@apollo/server';
import { createMetrics } from '../../src/observability/metrics.ts';
import { createGraphFront } from '../../src/operations/handler.ts';
import { createOriginRule } from '../../src/server/cors.ts';
import { createHttpServer } from '../../src/server/http-server.ts';
import { takeQuickPosts } from '../../src/server/quick-posts.ts';
import { createAnswerer } from '../../src/transports/http.ts';
import { routeGraphql } from '../../src/transports/http-route.ts';
import { Quotas } from '../../src/transports/quotas.ts';

/**
 * Puts a server of the suite's behind our HTTP layer, as src/operations/apollo.ts does with ours: everything from the socket to
 * `executeHTTPGraphQLRequest` is the gateway's.
 * @type {import('@apollo/server-integration-testsuite').CreateServerForIntegrationTests}
 */
export async function createServer(options, { context = async () => ({}) } = {}) {
  const server = new ApolloServer(options);
  await server.start();
  const metrics = createMetrics();
  const origins = createOriginRule([], true);
  const app = createHttpServer({
    log: silent,
    metrics,
    maxBodyBytes: 1_048_576,
    maxUrlBytes: 8_192,
    maxHeaderBytes: 16_384,
    headersTimeoutMs: 10_000,
    maxConnections: 1_000,
    origins,
  });
  const pipeline = {
    async execute({ method, headers, search, body }) {
      const response = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: new HeaderMap(headers), search, body },
        context,
      });
      if (response.body.kind !== 'complete') throw new Error('Incremental delivery is not offered.');
      return { status: response.status ?? 200, headers: response.headers, body: response.body.string };
    },
    stop: () => server.stop(),
  };
  const quotas = new Quotas({ requestsPerSecond: 0, subscriptions: 100, metrics, now: Date.now });
  const answer = createAnswerer({
    quotas,
    callers: { impersonation: false, isTrustedProxy: () => false },
    metrics,
    createContext: (caller) => ({ caller, notes: {} }),
    // The suite's schemas are not ours, so nothing of theirs goes through the lane for known documents.
    graph: createGraphFront({ pipeline, lane: { run: async () => false }, repeats: undefined }),
  });
  routeGraphql(app, answer);
  takeQuickPosts(app.server, {
    answer,
    metrics,
    log: silent,
    maxBodyBytes: 1_048_576,
    origins,
    isDraining: () => false,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address();
  return { server, url: `http://127.0.0.1:${port}/graphql`, extraCleanup: () => app.close() };
}

const ignore = () => {};
/** The suite looks at answers; what it provokes in the log is its own affair. */
const silent = {
  level: 'silent',
  fatal: ignore,
  error: ignore,
  warn: ignore,
  info: ignore,
  debug: ignore,
  trace: ignore,
  silent: ignore,
  child: () => silent,
};
