import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller, CallerRules } from '../auth/caller.ts';
import type { GraphContext } from '../graph/context.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { GraphFront } from '../operations/handler.ts';
import type { AbortToken } from '../runtime/abort-token.ts';
import { BAD_JSON, decode, parseBody } from '../server/body.ts';
import { type Answer, httpErrorResponse, tooMany } from '../server/http-error.ts';
import { createCallerReader } from './caller-source.ts';
import type { Quotas } from './quotas.ts';
import { executionOf } from './with-metrics.ts';

/** A request to /graphql that has been admitted. */
export interface GraphqlRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  readonly socket: Socket;
  readonly requestId: string;
  /** Of a POST. */
  readonly body: unknown;
  /** Aborts when the client goes away before it was answered, so that nothing more is asked upstream for nobody. */
  readonly signal: AbortToken;
}

export interface AnswererOptions {
  readonly graph: GraphFront;
  readonly callers: CallerRules;
  readonly metrics: Metrics;
  readonly quotas: Quotas;
  readonly createContext: (caller: Caller, requestId: string, signal: AbortToken) => GraphContext;
}

/**
 * @param send is given the answer, once, before the promise resolves.
 * @returns undefined when the answer has been given at once.
 */
export type Answerer = (request: GraphqlRequest, send: (answer: Answer) => void) => Promise<void> | undefined;

/** What a request to /graphql is answered with, whoever reads it from the wire. */
export function createAnswerer({ graph, callers, metrics, quotas, createContext }: AnswererOptions): Answerer {
  const callerOf = createCallerReader(callers);
  return ({ method, headers, url, socket, requestId, body: bytes, signal }, send) => {
    const now = (answer: Answer): undefined => void send(answer);
    const text = method === 'POST' ? decode(bytes) : undefined;
    if (method === 'POST' && text === undefined) return now(httpErrorResponse(BAD_JSON));
    const caller = callerOf(headers, socket);
    const excess = quotas.request(caller.key);
    if (excess) return now(httpErrorResponse(tooMany(excess)));
    const before = graph.again(headers, text ?? url, caller.key);
    if (before !== undefined) {
      metrics.operation({ transport: 'http', kind: 'query', by: 'memory', rows: undefined, codes: [] });
      return now({ status: 200, headers: { 'content-type': before.contentType }, body: before.body });
    }
    const body = text === undefined ? undefined : parseBody(text);
    if (body && 'refusal' in body) return now(httpErrorResponse(body.refusal));
    const context = createContext(caller, requestId, signal);
    return graph.execute({ method, headers, url, body }, context, (answer) => {
      const { kind, rows, limit } = context.notes;
      metrics.operation({ transport: 'http', kind, by: executionOf(context.notes), rows, codes: answer.codes });
      if (limit !== undefined) metrics.refused(limit);
      send(answer);
    });
  };
}
