import type { ExecutionResult } from 'graphql';
import { type Caller, type CallerRules, readCaller } from '../../auth/caller.ts';
import type { GraphContext } from '../../graph/context.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { type ErrorLog, formatError } from '../../operations/format-error.ts';
import type { Prepared, StreamGraph } from '../../operations/stream-execution.ts';
import { type AbortToken, AbortTokenSource } from '../../runtime/abort-token.ts';
import type { Exchange } from '../../server/exchange.ts';
import { type HttpError, tooMany } from '../../server/http-error.ts';
import type { MemoryBudget } from '../../server/memory-budget.ts';
import type { Route } from '../../server/router.ts';
import { admitStream } from '../admission.ts';
import { callerRefused, callerSource } from '../caller-source.ts';
import type { Quotas } from '../quotas.ts';
import { isRefusal, withMetrics } from '../with-metrics.ts';
import { kindOf, withQuotas } from '../with-quotas.ts';
import { EventStream, STREAM_PACE, type StreamPace } from './event-stream.ts';
import { readStreamRequest } from './request.ts';

export interface StreamRouteOptions {
  readonly graph: StreamGraph;
  readonly callers: CallerRules;
  readonly createContext: (
    caller: Caller,
    requestId: string,
    signal: AbortToken,
    onStreamEnd: GraphContext['onStreamEnd'],
  ) => GraphContext;
  readonly log: ErrorLog;
  readonly metrics: Metrics;
  readonly quotas: Quotas;
  /** What is unsent on all connections. */
  readonly unread: MemoryBudget;
  readonly pace?: Partial<StreamPace>;
}

export interface EventStreams {
  readonly route: Route;
  readonly count: number;
  /**
   * Breaks subscriptions off, spread over the time given, so that clients connect again; other operations finish. New requests are refused
   * from now on.
   */
  drain(spreadMs: number): Promise<void>;
}

/** The data of an event is shared by its readers, so the upstream calls for it are not aborted when one of them leaves. */
const NEVER: AbortToken = new AbortTokenSource();

type Results = AsyncGenerator<ExecutionResult, void>;

/** Operations over server-sent events, by the protocol of graphql-sse, one connection for each; see docs/decisions. */
export function createEventStreams(options: StreamRouteOptions): EventStreams {
  const { callers, log, metrics, quotas, createContext } = options;
  const graph = withMetrics(withQuotas(options.graph, quotas), 'sse', metrics);
  const pace = { ...STREAM_PACE, ...options.pace };
  const open = new Set<EventStream>();
  const running = new Map<Results, EventStream>();
  let draining = false;

  const forward = async (results: Results, stream: EventStream): Promise<'complete' | 'broken off'> => {
    const leave = (): void => void results.return();
    stream.gone.addEventListener('abort', leave);
    running.set(results, stream);
    try {
      if (stream.gone.aborted || draining) leave();
      for await (const result of results) await stream.send('next', graph.print(result));
      // A stream that ends without `complete` is resumed by its client.
      return draining ? 'broken off' : 'complete';
    } finally {
      running.delete(results);
    }
  };

  const answer = async (operation: Prepared, stream: EventStream): Promise<void> => {
    try {
      const result = await graph.run(operation);
      if (!(Symbol.asyncIterator in result)) await stream.send('next', graph.print(result));
      else if ((await forward(result, stream)) === 'broken off') return;
    } catch (error) {
      await stream.send('next', JSON.stringify({ errors: [formatError(error, log)] }));
    }
    await stream.send('complete');
  };

  const handle = async (exchange: Exchange): Promise<void> => {
    const { method, headers, url } = exchange;
    const refusal = draining ? DRAINING : admitStream(method, headers);
    if (refusal) return exchange.refuse(refusal);
    const isPost = method === 'POST';
    const body = isPost ? await exchange.readBody() : undefined;
    if (isPost && body === undefined) return;
    const read = readStreamRequest(url, body);
    if ('refusal' in read) return exchange.refuse(read.refusal);
    const caller = readCaller(callerSource(headers, exchange.socket), callers);
    const excess = quotas.request(caller.key);
    if (excess) return exchange.refuse(tooMany(excess));
    if (caller.refusal) return exchange.refuse(callerRefused(caller.refusal));
    const stream = new EventStream(exchange, pace, options.unread);
    const operation = graph.prepare(read.operation, (kind) => {
      const signal = kind === 'subscription' ? NEVER : exchange.signal;
      return createContext(caller, exchange.requestId, signal, () => stream.hurry());
    });
    if (isRefusal(operation)) {
      const errors = operation.map((error) => formatError(error, log));
      const isLimited = errors.some(({ extensions }) => extensions?.code === 'RATE_LIMITED');
      return exchange.answerJson(isLimited ? 429 : 400, { errors });
    }
    if (method === 'GET' && kindOf(operation) === 'mutation') return exchange.refuse(MUTATION_BY_GET);
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
    route: { path: '/graphql/stream', handle },
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
  message: 'Mutations run by POST only.',
  headers: { allow: 'POST' },
};

const DRAINING: HttpError = {
  status: 503,
  code: 'RATE_LIMITED',
  message: 'The gateway is going out of service. Connect again.',
  retryAfterSeconds: 1,
};
