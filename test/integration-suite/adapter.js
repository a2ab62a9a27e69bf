import { ApolloServer, HeaderMap } from '@apollo/server';
import { createMetrics } from '../../src/observability/metrics.ts';
import { createGraphFront } from '../../src/operations/handler.ts';
import { createOriginPolicy } from '../../src/server/cors.ts';
import { createHttpServer } from '../../src/server/http-server.ts';
import { MemoryBudget } from '../../src/server/memory-budget.ts';
import { graphqlRoute } from '../../src/transports/http.ts';
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
  const graphql = graphqlRoute({
    quotas,
    callers: { impersonation: false, isTrustedProxy: () => false },
    metrics,
    createContext: (caller) => ({ caller, notes: {} }),
    // The suite's schemas are not ours, so nothing of theirs goes through the lane for known documents.
    graph: createGraphFront({ pipeline, lane: { run: () => undefined }, repeats: undefined }),
  });
  const http = createHttpServer({
    routes: [graphql],
    log: silent,
    metrics,
    maxBodyBytes: 1_048_576,
    maxUrlBytes: 8_192,
    maxHeaderBytes: 16_384,
    headersTimeoutMs: 10_000,
    maxConnections: 1_000,
    origins: createOriginPolicy({
      allowed: [],
      anyLocalhost: true,
      proxies: { isTrustedProxy: () => false, forwardedHeader: 'x-forwarded-for' },
      moreHeaders: [],
      log: silent,
    }),
    unread: new MemoryBudget({ mostBytes: 67_108_864, graceMs: 1_000 }),
  });
  const url = await http.listen(0, '127.0.0.1');
  return { server, url: `${url}/graphql`, extraCleanup: () => http.close(1_000) };
}

/** The suite looks at answers; what it provokes in the log is its own affair. */
const silent = { info: () => {}, warn: () => {}, error: () => {} };
