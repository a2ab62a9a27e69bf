import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import type { Caller, CallerRules } from '../auth/caller.ts';
import type { GraphContext } from '../graphql/context.ts';
import type { GraphFront } from '../graphql/front.ts';
import type { Metrics } from '../observability/metrics.ts';
import { Stop, type StopSignal } from '../stop.ts';
import { admit } from './admission.ts';
import { BAD_JSON, decode, parseBody } from './body.ts';
import { createCallerReader } from './caller-source.ts';
import { executionOf } from './observed.ts';
import type { Quotas } from './quotas.ts';
import { tooMany } from './refusal.ts';
import { refuse } from './server.ts';

export interface GraphRouteOptions {
  readonly graph: GraphFront;
  readonly callers: CallerRules;
  readonly metrics: Metrics;
  readonly quotas: Quotas;
  readonly createContext: (caller: Caller, requestId: string, signal: StopSignal) => GraphContext;
}

/** POST and GET on /graphql, by the GraphQL-over-HTTP protocol. */
export function routeGraphql(
  app: FastifyInstance,
  { graph, callers, metrics, quotas, createContext }: GraphRouteOptions,
): void {
  const callerOf = createCallerReader(callers);
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
      const { method, headers, url } = request;
      const text = method === 'POST' ? decode(request.body) : undefined;
      if (method === 'POST' && text === undefined) return refuse(reply, BAD_JSON);
      const caller = callerOf(headers, request.raw.socket);
      const excess = quotas.request(caller.key);
      if (excess) return refuse(reply, tooMany(excess));
      const before = text === undefined ? undefined : graph.again(headers, text, caller.key);
      if (before !== undefined) {
        metrics.operation({ transport: 'http', kind: 'query', by: 'memory', rows: undefined, codes: [] });
        return reply.header('content-type', before.contentType).send(before.body);
      }
      const body = text === undefined ? undefined : parseBody(text);
      if (body && 'refusal' in body) return refuse(reply, body.refusal);
      const context = createContext(caller, request.id, closedSignal(reply));
      const result = await graph.execute({ method, headers, url, body }, context);
      const { kind, rows, limit } = context.notes;
      metrics.operation({ transport: 'http', kind, by: executionOf(context.notes), rows, codes: codesIn(result.body) });
      if (limit !== undefined) metrics.refused(limit);
      for (const [name, value] of result.headers) if (name !== 'cache-control') reply.header(name, value);
      return reply.code(result.status).send(result.body);
    },
  });
}

/** Codes of the errors in an answer. Errors come first in it, so the others need not be read. */
function codesIn(body: string): string[] {
  if (!body.startsWith('{"errors":')) return [];
  const { errors }: { errors: readonly GraphQLFormattedError[] } = JSON.parse(body);
  return errors.map(({ extensions }) => String(extensions?.code));
}

/** Aborts when the client goes away before it was answered, so that nothing more is asked upstream for nobody. */
function closedSignal({ raw }: FastifyReply): StopSignal {
  const stop = new Stop();
  raw.once('close', () => {
    if (!raw.writableFinished) stop.abort();
  });
  return stop;
}
