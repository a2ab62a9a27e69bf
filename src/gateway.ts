import { randomBytes } from 'node:crypto';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { addressMatcher } from './auth/addresses.ts';
import { AnswerCache } from './cache/answers.ts';
import { createCached } from './cache/memory.ts';
import { openMemory } from './cache/store.ts';
import type { Config } from './config.ts';
import { COLUMN_COSTS } from './graph/fields/index.ts';
import { contextFactory } from './graph/operation-context.ts';
import { createSchema } from './graph/schema.ts';
import { readTypeDefs } from './graph/typedefs.ts';
import { type Clock, createLive, type Tuning } from './live/index.ts';
import { SharedReads } from './loading/shared-reads.ts';
import { BusyCallers } from './loading/single-flight.ts';
import { type LogDestination, LogOutput } from './observability/log-output.ts';
import { createLogger } from './observability/logger.ts';
import { createMetrics, NO_METRICS } from './observability/metrics.ts';
import { outageLog } from './observability/outages.ts';
import { createGraphServer } from './operations/apollo.ts';
import type { ErrorLog } from './operations/format-error.ts';
import { createGraphFront } from './operations/handler.ts';
import { DEFAULT_LIMITS, type Limits } from './operations/limits/limits.ts';
import { OperationPipeline } from './operations/pipeline.ts';
import { ResponseCache } from './operations/response-cache.ts';
import { createStreamGraph } from './operations/stream-execution.ts';
import { SYSTEM_TIME, type Time } from './runtime/time.ts';
import { createOriginPolicy } from './server/cors.ts';
import { explorerRoutes } from './server/explorer.ts';
import { createHttpServer, type HttpServer } from './server/http-server.ts';
import { MemoryBudget } from './server/memory-budget.ts';
import { healthRoutes, metricsRoute, schemaRoute } from './server/service-routes.ts';
import { graphqlRoute } from './transports/http.ts';
import { Quotas } from './transports/quotas.ts';
import type { StreamPace } from './transports/sse/event-stream.ts';
import { createEventStreams } from './transports/sse/route.ts';
import { attachSockets, type SocketPace } from './transports/websocket/index.ts';
import { createWaldurClient } from './waldur/client.ts';
import type { MeRow } from './waldur/types.ts';

export interface Gateway {
  /** `http://HOST:PORT`, without a slash at the end. */
  readonly url: string;
  /** The embedded Waldur; undefined when working against a real one. */
  readonly simulator: Simulator | undefined;
  /** Lets running requests finish, up to the configured time, then ends. Called twice it is still one end. */
  close(): Promise<void>;
}

/** What tests put in the place of what the process has. */
export interface Overrides {
  readonly simulator?: Parameters<typeof startSimulator>[0];
  /** Receives each line of the log; standard error by default. */
  readonly logTo?: LogDestination;
  /** Measures durations; see `Time`. */
  readonly now?: Time['now'];
  /** The system's time; see `Time`. */
  readonly wallNow?: Time['wallNow'];
  /** Paces and bounds of subscriptions. */
  readonly live?: Partial<Tuning>;
  readonly sockets?: Partial<SocketPace>;
  readonly streams?: Partial<StreamPace>;
  /** How long a client may take nothing of its answer over HTTP, in ms. */
  readonly stallMs?: number;
}

/** How long the caller's own user serves `availableActions`, in ms: staff flags change rarely, lists are asked for often. */
const VIEWER_TTL_MS = 60_000;
const MAX_VIEWERS = 10_000;
/** How long the last seen length of a list serves as an estimate for the planner, in ms. */
const TOTALS_TTL_MS = 60_000;
const MAX_TOTALS = 10_000;
const MIB = 1_048_576;
/** What clients that do not read may have unsent, all together, and what may have come of messages that are not whole. */
const UNREAD_MIB = 64;
const ARRIVING_MIB = 32;

/**
 * Puts the layers together and listens.
 * @throws the error of `listen` when the port is taken; an upstream that cannot be reached is no error, only not ready.
 */
export async function createGateway(config: Config, overrides: Overrides = {}): Promise<Gateway> {
  const { now = SYSTEM_TIME.now, wallNow = SYSTEM_TIME.wallNow } = overrides;
  const logTo = overrides.logTo ?? new LogOutput(2);
  const log = createLogger(config.logLevel, logTo);
  const metrics = config.metrics ? createMetrics() : NO_METRICS;
  logTo.listen?.({
    onDrop: metrics.logLineDropped,
    onResume: (lines) => log.error({ lines }, 'the log works again; lines were dropped'),
  });
  const simulator =
    config.waldurApiUrl === undefined
      ? await startSimulator({ port: config.simulatorPort, ...overrides.simulator })
      : undefined;
  const client = createWaldurClient({
    url: config.waldurApiUrl ?? simulator?.url ?? '',
    attemptTimeoutMs: config.upstreamAttemptTimeoutMs,
    overallTimeoutMs: config.upstreamTimeoutMs,
    maxBodyBytes: config.upstreamMaxBodyMib * MIB,
    maxBodiesBytes: config.upstreamBodiesMib * MIB,
    perCallerConcurrency: config.upstreamCallerConcurrency,
    totalConcurrency: config.upstreamConcurrency,
    queueLimit: config.upstreamQueue,
    now,
    wallNow,
    onCall: metrics.call,
    onNoConnection: outageLog(log, now),
  });
  const busyCallers = new BusyCallers();
  const live = createLive({
    clock: realClock({ now, wallNow }),
    random: Math.random,
    cursorKey: config.cursorKey ?? randomBytes(32),
    isColumn: (_kind, field) => COLUMN_COSTS.isOwn(field),
    isBusy: (callerKey) => busyCallers.isBusy(callerKey),
    onUnexpected: (err) => log.error({ err }, 'a poll failed unexpectedly'),
    tuning: overrides.live ?? {},
  });
  const schema = createSchema();
  const { introspection } = config;
  const errorLog: ErrorLog = {
    // Who may not see the schema shall not guess it from the errors either.
    suggestions: config.suggestions ?? introspection,
    error: (details, message) => log.error(details, message),
  };
  const limits: Limits = {
    ...DEFAULT_LIMITS,
    tokens: config.maxTokens,
    depth: config.maxDepth,
    aliases: config.maxAliases,
    rootFields: config.maxRootFields,
    directives: config.maxDirectives,
    rows: config.maxRows,
    calls: config.maxUpstreamCalls,
  };
  const pipeline = new OperationPipeline({ schema, introspection, limits, log: errorLog });
  const apollo = await createGraphServer({ pipeline, log: errorLog });
  const streamGraph = createStreamGraph(pipeline);
  const viewers = createCached<MeRow>({ ttlMs: VIEWER_TTL_MS, limit: MAX_VIEWERS, now });
  const store =
    config.redisUrl === undefined
      ? openMemory({ maxBytes: config.cacheMaxMib * MIB })
      : // Its client is a tenth of all code that is loaded; most gateways run without.
        (await import('./cache/redis.ts')).openRedis(config.redisUrl, (err) =>
          log.warn({ err }, 'Redis is away; going on without a cache'),
        );
  const cache =
    config.cacheTtlMs === 0
      ? undefined
      : new AnswerCache({ store, ttlMs: config.cacheTtlMs, staleMs: config.cacheStaleMs, now });
  // Whether an answer from a shared store still holds, only the store knows.
  const responses =
    cache === undefined || cache.shared
      ? undefined
      : new ResponseCache({ cache, maxBytes: config.cacheMaxMib * MIB, now });
  const graph = createGraphFront({ pipeline, apollo, responses });
  const ofAll = { busyCallers, totals: createCached<number>({ ttlMs: TOTALS_TTL_MS, limit: MAX_TOTALS, now }) };
  const ofEvents = new SharedReads({ cache: undefined, busyCallers, now });
  const createContext = contextFactory({
    client,
    shared: { ...ofAll, reads: new SharedReads({ cache, busyCallers, now, others: [ofEvents] }) },
    sharedByEvents: { ...ofAll, reads: ofEvents },
    live,
    schema,
    viewers,
    timeoutMs: config.upstreamTimeoutMs,
    maxCalls: config.maxUpstreamCalls,
    now,
  });

  const origins = createOriginPolicy(config.allowedOrigins, simulator !== undefined);
  const callers = {
    impersonation: config.impersonation,
    isTrustedProxy: addressMatcher(config.trustedProxies),
    forwardedHeader: config.forwardedHeader,
  };
  const quotas = new Quotas({
    requestsPerSecond: config.maxRequestsPerSecond,
    subscriptions: config.maxCallerSubscriptions,
    metrics,
    now,
  });
  const unread = new MemoryBudget({ mostBytes: UNREAD_MIB * MIB, graceMs: 1_000 });
  // No grace: a whole message is read in no time, and hundreds that are not may come at once.
  const arriving = new MemoryBudget({ mostBytes: ARRIVING_MIB * MIB, graceMs: 0 });
  const streams = createEventStreams({
    graph: streamGraph,
    callers,
    createContext,
    log: errorLog,
    metrics,
    quotas,
    unread,
    pace: overrides.streams ?? {},
  });
  const http: HttpServer = createHttpServer({
    routes: [
      graphqlRoute({ graph, callers, metrics, quotas, createContext }),
      streams.route,
      ...healthRoutes({ probe: () => client.probe(), isDraining: () => http.isDraining, now }),
      ...(config.metrics ? [metricsRoute(metrics)] : []),
      ...(introspection ? [schemaRoute(readTypeDefs())] : []),
      ...(config.explorer ? explorerRoutes({ authorization: demoAuthorization(simulator) }) : []),
    ],
    log,
    metrics,
    origins,
    unread,
    maxBodyBytes: config.maxBodyBytes,
    maxUrlBytes: config.maxUrlBytes,
    maxHeaderBytes: config.maxHeaderBytes,
    headersTimeoutMs: config.headersTimeoutMs,
    maxConnections: config.maxConnections,
    stallMs: overrides.stallMs,
  });
  const sockets = attachSockets(http.server, {
    graph: streamGraph,
    callers,
    origins,
    createContext,
    log: errorLog,
    metrics,
    quotas,
    maxSockets: config.maxSockets,
    maxSocketsPerAddress: config.maxSocketsPerAddress,
    maxMessageBytes: config.maxBodyBytes,
    unread,
    arriving,
    maxSubscriptions: config.maxSubscriptions,
    pace: overrides.sockets ?? {},
  });

  metrics.watch(() => ({ ...live.stats(), sockets: sockets.count, eventStreams: streams.count }));

  const end = async (): Promise<void> => {
    http.drain();
    await Promise.all([sockets.drain(config.socketDrainMs), streams.drain(config.socketDrainMs)]);
    await live.close();
    await http.close(config.shutdownTimeoutMs);
    await apollo.stop();
    await client.close();
    await store.close();
    metrics.close();
    await simulator?.close();
  };
  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ending ??= end();
    return ending;
  };

  try {
    return { url: await http.listen(config.port, config.host), simulator, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** GraphiQL begins as somebody who may do most things, but not everything. */
const demoAuthorization = (simulator: Simulator | undefined): string | undefined => {
  const tokens = simulator?.tokens() ?? [];
  const demo = tokens.find(({ role }) => role === 'owner') ?? tokens[0];
  return demo && `Token ${demo.token}`;
};

const realClock = (time: Time): Clock => ({
  ...time,
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
});
