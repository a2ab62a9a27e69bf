import type { Caller, CallerRules } from '../auth/caller.ts';
import type { ErrorCode } from '../errors.ts';
import type { GraphContext } from '../graph/context.ts';
import type { Metrics } from '../observability/metrics.ts';
import { isObject } from '../operations/graphql-over-http.ts';
import type { GraphFront, GraphMethod, GraphRequest } from '../operations/handler.ts';
import type { TrustedDocuments } from '../operations/trusted-documents.ts';
import type { AbortToken } from '../runtime/abort-token.ts';
import type { Span } from '../runtime/span.ts';
import { TurnBatch } from '../runtime/turn-batch.ts';
import { BAD_JSON, decode, parseBody } from '../server/body.ts';
import type { Exchange } from '../server/exchange.ts';
import { tooMany } from '../server/http-error.ts';
import type { Route } from '../server/router.ts';
import { acceptedAnswers, admit } from './admission.ts';
import { callerRefused, createCallerReader } from './caller-source.ts';
import { endSpan, factsOf, shownCaller, shownName } from './operation-facts.ts';
import type { Quotas } from './quotas.ts';
import type { EventStreams } from './sse/route.ts';
import { executionOf } from './with-metrics.ts';

export interface GraphqlRouteOptions {
  readonly graph: GraphFront;
  /** For clients that accept server-sent events. */
  readonly streams: Pick<EventStreams, 'handle' | 'serve' | 'isSubscription'>;
  readonly callers: CallerRules;
  readonly metrics: Metrics;
  readonly quotas: Quotas;
  /** Undefined: none. */
  readonly trusted?: TrustedDocuments | undefined;
  readonly createContext: (
    caller: Caller,
    requestId: string,
    signal: AbortToken,
    onStreamEnd?: GraphContext['onStreamEnd'],
    span?: Span,
  ) => GraphContext;
}

/** A complete request that waits for its batch. */
interface Waiting {
  readonly begin: () => void;
  readonly weight: number;
}

/** The weight of a request besides its size, in bytes. */
const BASE_WEIGHT = 1_000;

const METHODS: readonly GraphMethod[] = ['GET', 'POST'];

/** The route `/graphql`, by the GraphQL-over-HTTP protocol. */
export function graphqlRoute(options: GraphqlRouteOptions): Route {
  const { graph, streams, callers, metrics, quotas, trusted, createContext } = options;
  const callerOf = createCallerReader(callers);
  const batch = new TurnBatch<Waiting>(
    ({ begin }) => begin(),
    ({ weight }) => weight,
  );

  /** The request with its trusted document, or why it is refused. */
  const resolved = (
    request: GraphRequest,
  ): GraphRequest | { readonly code: ErrorCode; readonly message: string; readonly limit: string } => {
    if (trusted === undefined) return request;
    if (request.body === undefined) {
      const found = trusted.resolveUrl(request.url);
      return found.ok ? { ...request, url: found.url } : found;
    }
    const { json } = request.body;
    // What is not an object is refused further on.
    const found = isObject(json) ? trusted.resolve(json) : undefined;
    if (found === undefined) return request;
    return found.ok ? { ...request, body: { json: found.members } } : found;
  };

  /** @param bytes the body of a POST. */
  const execute = (exchange: Exchange, bytes: Buffer | undefined): Promise<void> | void => {
    const { headers, url } = exchange;
    const method = bytes === undefined ? 'GET' : 'POST';
    const sent = bytes === undefined ? url : decode(bytes);
    if (sent === undefined) return exchange.refuse(BAD_JSON);
    const text = trusted === undefined ? sent : trusted.keyOf(sent);
    const caller = callerOf(headers, exchange.socket);
    const excess = quotas.request(caller.key);
    if (excess) return exchange.refuse(tooMany(excess));
    if (caller.refusal) return exchange.refuse(callerRefused(caller.refusal));
    const before = graph.again(method, headers, text, caller.key);
    if (before !== undefined) {
      metrics.operation({ transport: 'http', kind: 'query', by: 'memory', rows: undefined, codes: [] });
      exchange.operation = {
        operation: shownName(before.operation),
        kind: 'query',
        outcome: 'ok',
        caller: shownCaller(caller.key),
        upstreamCalls: 0,
        upstreamMs: 0,
      };
      return exchange.answer({ status: 200, headers: { 'content-type': before.contentType }, body: before.body });
    }
    const body = bytes === undefined ? undefined : parseBody(sent);
    if (body && 'refusal' in body) return exchange.refuse(body.refusal);
    const request = resolved({ method, headers, url, body, text });
    if ('code' in request) {
      metrics.refused(request.limit);
      return exchange.refuse({ status: 400, code: request.code, message: request.message });
    }
    const context = createContext(
      caller,
      exchange.requestId,
      exchange.signal,
      undefined,
      exchange.span?.child('GraphQL operation', 'internal'),
    );
    return graph.execute(request, context, (answer) => {
      const { kind, rows, limit } = context.notes;
      metrics.operation({ transport: 'http', kind, by: executionOf(context.notes), rows, codes: answer.codes });
      if (limit !== undefined) metrics.refused(limit);
      exchange.operation = factsOf(context, answer.codes);
      endSpan(context, exchange.operation);
      exchange.answer(answer);
    });
  };

  return {
    path: '/graphql',
    methods: METHODS,
    async handle(exchange) {
      const accepted = acceptedAnswers(exchange.headers.accept);
      if (accepted === 'events') return streams.handle(exchange);
      const isPost = exchange.method === 'POST';
      const refusal = admit(isPost ? 'POST' : 'GET', exchange.headers);
      if (refusal) return exchange.refuse(refusal);
      const bytes = isPost ? await exchange.readBody() : undefined;
      if (isPost && bytes === undefined) return;
      // Some clients accept both for every operation. A stream is only for what JSON cannot answer.
      if (accepted === 'both' && streams.isSubscription(exchange.url, bytes)) return streams.serve(exchange, bytes);
      await new Promise<void>((begin) => batch.add({ begin, weight: BASE_WEIGHT + (bytes?.length ?? 0) }));
      // The client may have disconnected in the meantime.
      if (!exchange.signal.aborted) await execute(exchange, bytes);
    },
  };
}
