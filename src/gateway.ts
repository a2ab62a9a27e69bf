import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { addressMatcher } from './auth/addresses.ts';
import { AnswerCache } from './cache/answers.ts';
import { createCached } from './cache/memory.ts';
import { openMemory } from './cache/store.ts';
import type { Config } from './config.ts';
import { CompiledOperations } from './executor/index.ts';
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
import { PreparedOperations } from './operations/compiled-operations.ts';
import { createDocuments } from './operations/documents.ts';
import type { ErrorLog } from './operations/format-error.ts';
import { createGraphFront } from './operations/handler.ts';
import { DEFAULT_LIMITS, type Limits } from './operations/limits/limits.ts';
import { ResponseCache } from './operations/response-cache.ts';
import { createStreamGraph } from './operations/stream-execution.ts';
import { SYSTEM_TIME, type Time } from './runtime/time.ts';
import { ConnectionQueues } from './server/connection-queue.ts';
import { createOriginPolicy } from './server/cors.ts';
import { routeExplorer } from './server/explorer.ts';
import { routeHealth } from './server/health.ts';
import { createHttpServer } from './server/http-server.ts';
import { MemoryBudget } from './server/memory-budget.ts';
import { routeMetrics } from './server/metrics-route.ts';
import { takeQuickPosts } from './server/quick-posts.ts';
import { routeSchema } from './server/schema-route.ts';
import { createAnswerer } from './transports/http.ts';
import { routeGraphql } from './transports/http-route.ts';
import { Quotas } from './transports/quotas.ts';
import type { StreamPace } from './transports/sse/event-stream.ts';
import { routeStreams } from './transports/sse/route.ts';
import { attachSockets, type SocketPace } from './transports/websocket/index.ts';
import { SocketSlots } from './transports/websocket/socket-slots.ts';
import { createWaldurClient } from './waldur/client.ts';
import type { MeRow } from './waldur/rows.ts';

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
  const plans = new CompiledOperations(schema);
  const lane = new PreparedOperations({ schema, plans, limits, log: errorLog });
  // Of its own: Apollo wraps every resolver of the schema that it is given.
  const itsSchema = createSchema();
  const pipeline = await createGraphServer({
    schema: itsSchema,
    introspection,
    limits,
    log: errorLog,
    onPassed: lane.passed.bind(lane),
  });
  const judge = createDocuments({ schema, introspection, limits });
  const streamGraph = createStreamGraph({ schema, plans, judge, limits, log: errorLog });
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
  const repeats =
    cache === undefined || cache.shared
      ? undefined
      : new ResponseCache({ cache, maxBytes: config.cacheMaxMib * MIB, now });
  const graph = createGraphFront({ pipeline, lane, repeats });
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
  const queues = new ConnectionQueues();
  const app = createHttpServer({
    log,
    queues,
    maxBodyBytes: config.maxBodyBytes,
    maxUrlBytes: config.maxUrlBytes,
    maxHeaderBytes: config.maxHeaderBytes,
    headersTimeoutMs: config.headersTimeoutMs,
    maxConnections: config.maxConnections,
    origins,
    metrics,
    ...(overrides.stallMs !== undefined && { stallMs: overrides.stallMs }),
  });
  const callers = {
    impersonation: config.impersonation,
    isTrustedProxy: addressMatcher(config.trustedProxies),
    forwardedHeader: config.forwardedHeader,
  };
  let draining = false;
  const quotas = new Quotas({
    requestsPerSecond: config.maxRequestsPerSecond,
    subscriptions: config.maxCallerSubscriptions,
    metrics,
    now,
  });
  const answer = createAnswerer({ graph, callers, metrics, quotas, createContext });
  const unread = new MemoryBudget({ mostBytes: UNREAD_MIB * MIB, graceMs: 1_000 });
  // No grace: a whole message is read in no time, and hundreds that are not may come at once.
  const arriving = new MemoryBudget({ mostBytes: ARRIVING_MIB * MIB, graceMs: 0 });
  const isDraining = (): boolean => draining;
  routeGraphql(app, answer, unread);
  takeQuickPosts(
    app.server,
    { answer, metrics, log, maxBodyBytes: config.maxBodyBytes, origins, unread, isDraining },
    queues,
  );
  routeHealth(app, { probe: () => client.probe(), isDraining, now });
  if (config.metrics) routeMetrics(app, metrics);
  if (introspection) routeSchema(app, readTypeDefs());
  if (config.explorer) routeExplorer(app, { authorization: demoAuthorization(simulator) });
  const streams = routeStreams(app, {
    graph: streamGraph,
    callers,
    createContext,
    log: errorLog,
    metrics,
    quotas,
    unread,
    pace: overrides.streams ?? {},
  });
  const sockets = attachSockets(app.server, {
    graph: streamGraph,
    callers,
    origins,
    createContext,
    log: errorLog,
    metrics,
    quotas,
    slots: new SocketSlots({ total: config.maxSockets, perAddress: config.maxSocketsPerAddress, metrics }),
    maxMessageBytes: config.maxBodyBytes,
    unread,
    arriving,
    maxSubscriptions: config.maxSubscriptions,
    pace: overrides.sockets ?? {},
  });

  metrics.watch(() => {
    const { cohorts, dormant, stale, subscribers, objects, queued, pollsWaiting } = live.stats();
    return {
      live_cohorts: cohorts,
      live_dormant_cohorts: dormant,
      live_stale_cohorts: stale,
      live_subscribers: subscribers,
      live_objects: objects,
      live_queued_events: queued,
      live_waiting_polls: pollsWaiting,
      sockets: sockets.count,
      event_streams: streams.count,
    };
  });

  const end = async (): Promise<void> => {
    draining = true;
    // Connections that are answered from now on close soon after: kept open for a next request they would hold the end up to its last moment.
    app.server.keepAliveTimeout = 1;
    await Promise.all([sockets.drain(config.socketDrainMs), streams.drain(config.socketDrainMs)]);
    await live.close();
    // A client that never reads its answer must not hold the others' end up.
    const impatience = setTimeout(() => app.server.closeAllConnections(), config.shutdownTimeoutMs);
    await app.close();
    clearTimeout(impatience);
    await pipeline.stop();
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
    await app.listen({ port: config.port, host: config.host });
  } catch (error) {
    await close();
    throw error;
  }
  return { url: urlOf(app.server.address()), simulator, close };
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

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
