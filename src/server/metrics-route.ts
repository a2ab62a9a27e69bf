import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../observability/metrics.ts';

/** `GET /metrics`, for Prometheus. Nothing in it is secret; a proxy should not pass it on all the same. */
export function routeMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}

/** Counts every request that a route or none has answered. */
export function countRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async ({ method, routeOptions }, reply) =>
    metrics.request(method, routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime),
  );
}
