import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Caller, type CallerRules, readCaller } from '../auth/caller.ts';
import type { GraphServer } from '../graphql/apollo.ts';
import type { GraphContext } from '../graphql/context.ts';
import { admit } from './admission.ts';
import { callerSource } from './caller-source.ts';
import type { Refusal } from './refusal.ts';
import { refuse } from './server.ts';

export interface GraphRouteOptions {
  readonly graph: GraphServer;
  readonly callers: CallerRules;
  readonly createContext: (caller: Caller, requestId: string, signal: AbortSignal) => GraphContext;
}

/** POST and GET on /graphql, by the GraphQL-over-HTTP protocol. */
export function routeGraphql(app: FastifyInstance, { graph, callers, createContext }: GraphRouteOptions): void {
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
      const body = request.method === 'POST' ? parseBody(request.body) : undefined;
      if (body && 'refusal' in body) return refuse(reply, body.refusal);
      const signal = closedSignal(reply);
      const caller = readCaller(callerSource(request.headers, request.raw.socket), callers);
      const operation = {
        method: request.method,
        headers: Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
        search: new URL(request.url, 'http://localhost').search,
        body: body?.json,
      };
      const result = await graph.execute(operation, createContext(caller, request.id, signal));
      for (const [name, value] of result.headers) if (name !== 'cache-control') reply.header(name, value);
      return reply.code(result.status).send(result.body);
    },
  });
}

const BAD_JSON: Refusal = { status: 400, code: 'BAD_REQUEST', message: 'The body is not JSON in UTF-8.' };
const BATCH: Refusal = {
  status: 400,
  code: 'BAD_REQUEST',
  message: 'Batches are not accepted. Send one operation a request; several root fields fit in one operation.',
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseBody(body: unknown): { json: unknown } | { refusal: Refusal } {
  if (!Buffer.isBuffer(body)) return { refusal: BAD_JSON };
  try {
    const json: unknown = JSON.parse(utf8.decode(body));
    return Array.isArray(json) ? { refusal: BATCH } : { json };
  } catch {
    return { refusal: BAD_JSON };
  }
}

/** Aborts when the client goes away before it was answered, so that nothing more is asked upstream for nobody. */
function closedSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
