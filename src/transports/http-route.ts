import type { FastifyInstance } from 'fastify';
import { AbortTokenSource } from '../runtime/abort-token.ts';
import { refuse } from '../server/http-server.ts';
import { LARGE_BYTES, LargeResponse } from '../server/large-response.ts';
import type { MemoryBudget } from '../server/memory-budget.ts';
import { admit } from './admission.ts';
import type { Answerer } from './http.ts';

/** POST and GET on /graphql, by the GraphQL-over-HTTP protocol. @param unread what is unsent on all connections. */
export function routeGraphql(app: FastifyInstance, answer: Answerer, unread: MemoryBudget): void {
  app.route({
    method: ['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    // Runs before the body is read: what is refused anyway need not be received.
    onRequest: async (request, reply) => {
      if (request.method === 'OPTIONS') return reply.code(204).send();
      const refusal = admit(request.method, request.headers);
      if (refusal) return refuse(reply, refusal);
    },
    handler: async (request, reply) => {
      const { method, headers, url, id: requestId, body, raw } = request;
      const { socket } = raw;
      const { raw: response } = reply;
      const stop = new AbortTokenSource();
      response.once('close', () => {
        if (!response.writableFinished) stop.abort();
      });
      await answer({ method, headers, url, socket, requestId, body, signal: stop }, (sent) => {
        const length = Buffer.byteLength(sent.body);
        reply.code(sent.status).headers(sent.headers);
        if (length <= LARGE_BYTES) void reply.send(sent.body);
        else void reply.header('content-length', length).send(new LargeResponse(sent.body, length, unread));
      });
      return reply;
    },
  });
}
