import type { ExecutionResult, GraphQLError } from 'graphql';
import { type Caller, type CallerRules, readCaller } from '../../auth/caller.ts';
import type { GraphContext } from '../../graph/context.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { RequestLog } from '../../observability/request-log.ts';
import { type ErrorLog, formatError, formatErrors } from '../../operations/format-error.ts';
import type { GraphMethod } from '../../operations/handler.ts';
import type { OperationRequest } from '../../operations/pipeline.ts';
import type { Prepared, StreamGraph } from '../../operations/stream-execution.ts';
import type { TrustedDocuments } from '../../operations/trusted-documents.ts';
import { type AbortToken, AbortTokenSource } from '../../runtime/abort-token.ts';
import type { Span } from '../../runtime/span.ts';
import type { Exchange } from '../../server/exchange.ts';
import { type HttpError, tooMany } from '../../server/http-error.ts';
import type { MemoryBudget } from '../../server/memory-budget.ts';
import type { Route } from '../../server/router.ts';
import { admitStream } from '../admission.ts';
import { callerRefused, callerSource } from '../caller-source.ts';
import type { Quotas } from '../quotas.ts';
import { isRefusal, withMetrics } from '../with-metrics.ts';
import { kindOf, withQuotas } from '../with-quotas.ts';
import { EVENT_STREAM_HEADERS, EventStream, STREAM_PACE, type StreamPace } from './event-stream.ts';
import { readStreamRequest } from './request.ts';

export interface StreamRouteOptions {
  readonly graph: StreamGraph;
  readonly callers: CallerRules;
  readonly createContext: (
    caller: Caller,
    requestId: string,
    signal: AbortToken,
    onStreamEnd: GraphContext['onStreamEnd'],
    span?: Span,
  ) => GraphContext;
  readonly log: ErrorLog;
  readonly metrics: Metrics;
  /** Absent: operations are not logged. */
  readonly requestLog?: RequestLog | undefined;
  readonly quotas: Quotas;
  /** Undefined: none. */
  readonly trusted?: TrustedDocuments | undefined;
  /** Unsent data of all connections. */
  readonly unread: MemoryBudget;
  readonly pace?: Partial<StreamPace>;
}

export interface EventStreams {
  readonly route: Route;
  /** Answers a request whose client accepts only server-sent events, whatever its path. */
  handle(exchange: Exchange): Promise<void>;
  /** Answers a request that may run and whose body has been read; undefined for a GET. */
  serve(exchange: Exchange, body: Buffer | undefined): Promise<void>;
  /** Whether the request is for a subscription that may run, which only a stream can answer. */
  isSubscription(url: string, body: Buffer | undefined): boolean;
  readonly count: number;
  /**
   * Ends subscriptions without `complete`, spread over the time given, so that clients reconnect. Other operations finish. New requests are
   * refused from now on.
   */
  drain(spreadMs: number): Promise<void>;
}

const METHODS: readonly GraphMethod[] = ['GET', 'POST'];

/** Readers share the data of an event, so the calls to Waldur for it are not aborted when one of them disconnects. */
const NEVER: AbortToken = new AbortTokenSource();

/** The keyword, or an escape of JSON or of a URL that could stand for a part of it. */
const MAY_SUBSCRIBE = /subscription|\\u|%[67]/i;

type Results = AsyncGenerator<ExecutionResult, void>;

/** The route `/graphql/stream`, and streams on `/graphql`: one operation per connection, by the protocol of graphql-sse; see docs/decisions. */
export function createEventStreams(options: StreamRouteOptions): EventStreams {
  const { callers, log, metrics, requestLog, quotas, trusted, createContext } = options;
  const graph = withMetrics(withQuotas(options.graph, quotas), 'sse', metrics, requestLog);
  const pace = { ...STREAM_PACE, ...options.pace };
  const open = new Set<EventStream>();
  const running = new Map<Results, EventStream>();
  let draining = false;

  const forward = async (results: Results, stream: EventStream): Promise<'complete' | 'interrupted'> => {
    const leave = (): void => void results.return();
    stream.gone.addEventListener('abort', leave);
    running.set(results, stream);
    try {
      if (stream.gone.aborted || draining) leave();
      for await (const result of results) await stream.send('next', graph.print(result));
      // A stream that ends without `complete` is resumed by its client.
      return draining ? 'interrupted' : 'complete';
    } finally {
      running.delete(results);
    }
  };

  /** The answer to HEAD: the status and the headers of the answer to GET. Nothing is executed, because a stream has no length. */
  const answerHead = (exchange: Exchange, caller: Caller, request: OperationRequest): void => {
    const prepared = options.graph.prepare(request, () =>
      createContext(caller, exchange.requestId, exchange.signal, () => {}),
    );
    if (isRefusal(prepared)) refuse(exchange, prepared);
    else if (kindOf(prepared) === 'mutation') exchange.refuse(MUTATION_BY_GET);
    else exchange.answer({ status: 200, headers: EVENT_STREAM_HEADERS });
  };

  const refuse = (exchange: Exchange, refused: readonly GraphQLError[]): void => {
    const errors = formatErrors(refused, log);
    const isLimited = errors.some(({ extensions }) => extensions?.code === 'RATE_LIMITED');
    exchange.answerJson(isLimited ? 429 : 400, { errors });
  };

  const answer = async (operation: Prepared, stream: EventStream): Promise<void> => {
    try {
      const result = await graph.run(operation);
      if (!(Symbol.asyncIterator in result)) await stream.send('next', graph.print(result));
      else if ((await forward(result, stream)) === 'interrupted') return;
    } catch (error) {
      await stream.send('next', JSON.stringify({ errors: [formatError(error, log)] }));
    }
    await stream.send('complete');
  };

  const handle = async (exchange: Exchange): Promise<void> => {
    const isPost = exchange.method === 'POST';
    const refusal = admitStream(isPost ? 'POST' : 'GET', exchange.headers);
    if (refusal) return exchange.refuse(refusal);
    const body = isPost ? await exchange.readBody() : undefined;
    if (!isPost || body !== undefined) await serve(exchange, body);
  };

  const serve = async (exchange: Exchange, body: Buffer | undefined): Promise<void> => {
    if (draining) return exchange.refuse(DRAINING);
    const { headers, url } = exchange;
    const read = readStreamRequest(url, body, trusted);
    if ('refusal' in read) {
      if (read.limit !== undefined) metrics.refused(read.limit);
      return exchange.refuse(read.refusal);
    }
    const caller = readCaller(callerSource(headers, exchange.socket), callers);
    const excess = quotas.request(caller.key);
    if (excess) return exchange.refuse(tooMany(excess));
    if (caller.refusal) return exchange.refuse(callerRefused(caller.refusal));
    if (exchange.method === 'HEAD') return answerHead(exchange, caller, read.operation);
    const stream = new EventStream(exchange, pace, options.unread);
    const operation = graph.prepare(read.operation, (kind) => {
      const signal = kind === 'subscription' ? NEVER : exchange.signal;
      const span = exchange.span?.child('GraphQL operation', 'internal');
      return createContext(caller, exchange.requestId, signal, () => stream.hurry(), span);
    });
    if (isRefusal(operation)) return refuse(exchange, operation);
    if (body === undefined && kindOf(operation) === 'mutation') return exchange.refuse(MUTATION_BY_GET);
    open.add(stream);
    stream.open();
    try {
      await answer(operation, stream);
    } finally {
      stream.end();
      open.delete(stream);
    }
  };

  return {
    route: { path: '/graphql/stream', methods: METHODS, handle },
    handle,
    serve,
    isSubscription(url, body) {
      // Clients that accept events send the header with every query, which need not be checked twice.
      // A hash does not show what it means.
      if (trusted === undefined && !MAY_SUBSCRIBE.test(body?.toString('latin1') ?? url)) return false;
      const read = readStreamRequest(url, body, trusted);
      return 'operation' in read && options.graph.kindOf(read.operation) === 'subscription';
    },
    get count() {
      return open.size;
    },
    async drain(spreadMs) {
      draining = true;
      const streams = [...running];
      const ending = streams.map(
        ([results, stream], i) =>
          new Promise<void>((resolve) => {
            const end = (): void => {
              stream.hurry();
              void results.return().then(() => resolve());
            };
            setTimeout(end, (spreadMs * i) / streams.length);
          }),
      );
      await Promise.all(ending);
    },
  };
}

const MUTATION_BY_GET: HttpError = {
  status: 405,
  code: 'BAD_REQUEST',
  message: 'Send mutations by POST.',
  headers: { allow: 'POST' },
};

const DRAINING: HttpError = {
  status: 503,
  code: 'UPSTREAM_UNAVAILABLE',
  message: 'The gateway is shutting down. Retry the request, so that another instance answers it.',
  retryAfterSeconds: 1,
};
