import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { type Context, makeServer, type Server } from 'graphql-ws';
import { type Caller, type CallerRules, type CallerSource, readCaller } from '../../auth/caller.ts';
import { GatewayError } from '../../errors.ts';
import type { GraphContext } from '../../graph/context.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { RequestLog } from '../../observability/request-log.ts';
import { type ErrorLog, formatErrors } from '../../operations/format-error.ts';
import { located } from '../../operations/limits/limits.ts';
import type { OperationRequest } from '../../operations/pipeline.ts';
import { Results } from '../../operations/result-stream.ts';
import type { Prepared, StreamGraph } from '../../operations/stream-execution.ts';
import type { AbortToken } from '../../runtime/abort-token.ts';
import type { Span, Tracer } from '../../runtime/span.ts';
import type { Quotas } from '../quotas.ts';
import { countRefusal, withMetrics } from '../with-metrics.ts';
import { withQuotas } from '../with-quotas.ts';
import type { Operations } from './operations.ts';
import { ResultPump } from './result-pump.ts';
import type { Send } from './socket-writer.ts';

export interface ProtocolOptions {
  readonly graph: StreamGraph;
  readonly callers: CallerRules;
  readonly createContext: (
    caller: Caller,
    requestId: string | undefined,
    signal: AbortToken,
    onStreamEnd?: GraphContext['onStreamEnd'],
    span?: Span,
  ) => GraphContext;
  readonly log: ErrorLog;
  readonly metrics: Metrics;
  /** Absent: operations are not traced. */
  readonly tracer?: Tracer | undefined;
  /** Absent: operations are not logged. */
  readonly requestLog?: RequestLog | undefined;
  readonly quotas: Quotas;
}

/** What belongs to one socket. */
export interface Extra extends Record<PropertyKey, unknown> {
  /** Not the upgrade request itself, which would stay in memory as long as the socket. */
  readonly source: CallerSource;
  /** The headers of the upgrade that continue a trace. */
  readonly traceContext: Readonly<Record<string, string | string[] | undefined>>;
  readonly operations: Operations;
  readonly send: Send;
  readonly onStreamEnd: GraphContext['onStreamEnd'];
  /** Known once connection_init has come. */
  caller: Caller | undefined;
}

type Params = Record<string, unknown> | undefined;
type SocketContext = Context<Params, Extra>;

/** The subprotocol graphql-transport-ws, by graphql-ws, with the gateway's operations behind it. */
export function createProtocol(options: ProtocolOptions, connectionInitWaitTimeout: number): Server<Extra> {
  const { callers, createContext, log, metrics, requestLog, quotas } = options;
  const graph = withMetrics(withQuotas(options.graph, quotas), 'websocket', metrics, requestLog);

  const onSubscribe = ({ extra }: SocketContext, id: string, payload: OperationRequest) => {
    const { caller, operations, onStreamEnd } = extra;
    if (caller === undefined) return [new GraphQLError('Send connection_init first.')];
    const refusal = quotas.request(caller.key) ?? caller.refusal ?? operations.refusal(id);
    if (refusal) {
      const errors = [located(refusal)];
      countRefusal(errors, 'websocket', metrics, requestLog);
      return errors;
    }
    return graph.prepare(payload, (kind) => {
      const started = operations.start(id, kind);
      if (started instanceof GatewayError) {
        metrics.refused('socketOperations');
        return started;
      }
      const span = options.tracer?.start('GraphQL operation', extra.traceContext, 'server');
      return createContext(caller, undefined, started, onStreamEnd, span);
    });
  };
  const run = (args: ExecutionArgs) => graph.run(args as Prepared);

  return makeServer<Params, Extra>({
    connectionInitWaitTimeout,
    onConnect(context: SocketContext) {
      // Clients choose ids. With a prototype, `__proto__` and `toString` would seem to be in use.
      Object.setPrototypeOf(context.subscriptions, null);
      context.extra.caller = readCaller(sourceOf(context), callers);
    },
    onSubscribe,
    execute: run,
    subscribe: run,
    onOperation: ({ extra }: SocketContext, id, _payload, _args, results) =>
      results instanceof Results
        ? new ResultPump(results, (result) => extra.send(nextMessage(id, graph.print(result))))
        : undefined,
    onNext: (_context, _id, _payload, _args, result) => graph.format(result as ExecutionResult),
    onError({ extra }: SocketContext, id, _payload, errors) {
      extra.operations.finish(id);
      return formatErrors(errors, log);
    },
    onComplete: ({ extra }: SocketContext, id) => extra.operations.finish(id),
  });
}

/** A Next message as graphql-ws makes it, from JSON that is made once for all readers of a result. */
const nextMessage = (id: string, json: string): string =>
  `{"id":${JSON.stringify(id)},"type":"next","payload":${json}}`;

/** Browsers cannot set headers of an upgrade, so credentials may come in the payload of connection_init; those go first. */
function sourceOf({ connectionParams, extra: { source } }: SocketContext): CallerSource {
  const params = connectionParams ?? {};
  const headers = typeof params.headers === 'object' && params.headers !== null ? params.headers : {};
  const given = [params.Authorization, params.authorization, ...valuesOf(headers, 'authorization')];
  const authorization = given.find((value) => typeof value === 'string') ?? source.authorization;
  return { ...source, authorization, impersonatedUser: impersonatedUserOf(params, headers, source) };
}

/** All different values that the client sent. More than one is invalid, as with several headers; so is one that is not a string. */
function impersonatedUserOf(params: object, headers: object, { impersonatedUser }: CallerSource): string | undefined {
  const sent = [params, headers].flatMap((place) => valuesOf(place, 'x-impersonated-user-uuid'));
  const values = sent.map((value) => (typeof value === 'string' ? value : ''));
  if (impersonatedUser !== undefined) values.push(impersonatedUser);
  return values.length === 0 ? undefined : [...new Set(values)].join(', ');
}

const valuesOf = (headers: object, name: string): unknown[] =>
  Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
