import { setTimeout } from 'node:timers/promises';
import type { Simulator } from '../simulator/server.ts';
import { type CallerSource, readCaller } from './auth/caller.ts';
import type { Config } from './config.ts';
import * as layers from './layers.ts';
import type { Tuning } from './live/index.ts';
import type { LogDestination } from './observability/log.ts';
import { RequestLog } from './observability/request-log.ts';
import { createGraphServer } from './operations/apollo.ts';
import { createGraphFront } from './operations/handler.ts';
import { OperationPipeline } from './operations/pipeline.ts';
import { createStreamGraph } from './operations/stream-execution.ts';
import { SYSTEM_TIME, type Time } from './runtime/time.ts';
import { BasePath } from './server/base-path.ts';
import { dashboardRoutes } from './server/dashboard.ts';
import { explorerRoutes } from './server/explorer.ts';
import { createHttpServer, type HttpServer } from './server/http-server.ts';
import { MemoryBudget } from './server/memory-budget.ts';
import { healthRoutes, metricsRoute, schemaRoute, type WaldurInUse } from './server/service-routes.ts';
import { callerSource } from './transports/caller-source.ts';
import { graphqlRoute } from './transports/http.ts';
import { Quotas } from './transports/quotas.ts';
import type { StreamPace } from './transports/sse/event-stream.ts';
import { createEventStreams } from './transports/sse/route.ts';
import { attachSockets, type SocketPace } from './transports/websocket/index.ts';

export interface Gateway {
  /** `http://HOST:PORT`, without a slash at the end. */
  readonly url: string;
  readonly waldur: WaldurInUse & {
    /** Reads the version of Waldur without credentials; undefined when Waldur shows it to nobody, or not in time. */
    readonly readVersion: () => Promise<string | undefined>;
  };
  /** The embedded Waldur; undefined when working against a real one. */
  readonly simulator: Simulator | undefined;
  /** Stops the gateway. Running requests may finish within the configured time. Further calls return the same promise. */
  close(): Promise<void>;
}

/** Replacements that tests use. */
export interface Overrides {
  readonly simulator?: Parameters<typeof layers.startEmbeddedWaldur>[1];
  /** Receives each line of the log; standard error by default. */
  readonly logTo?: LogDestination;
  /** Monotonic time; see `Time`. */
  readonly now?: Time['now'];
  /** System time; see `Time`. */
  readonly wallNow?: Time['wallNow'];
  readonly live?: Partial<Tuning>;
  readonly sockets?: Partial<SocketPace>;
  readonly streams?: Partial<StreamPace>;
  /** How long a client may read nothing of an HTTP response, in ms. */
  readonly stallMs?: number;
}

/** How long an idle connection may wait for its last request during a shutdown, in ms; not longer than the delay before it. */
const IDLE_MS = 2_000;
/** Reads the version of Waldur at the start: without credentials, from this machine. */
const NOBODY: CallerSource = { remoteAddress: '127.0.0.1', forwardedFor: undefined, forwarded: undefined };
/** Unsent data of all clients together, and data of unfinished WebSocket messages of all clients together. */
const UNSENT_BYTES = 64 * layers.MIB;
const UNFINISHED_BYTES = 32 * layers.MIB;

/**
 * Assembles the layers and listens.
 * @throws the error of `listen` when the port is in use. An unreachable upstream is not an error: the gateway starts, and is not ready.
 */
export async function createGateway(config: Config, overrides: Overrides = {}): Promise<Gateway> {
  const time = { now: overrides.now ?? SYSTEM_TIME.now, wallNow: overrides.wallNow ?? SYSTEM_TIME.wallNow };
  const { now } = time;
  const { log, metrics } = layers.openLog(config, overrides.logTo);

  // First: it fails for a wrong file, when nothing has to be closed yet.
  const trusted = layers.openTrustedDocuments(config, log);
  const tracer = await layers.openTracer(config);
  const { schema, sdl } = await layers.openSchema(config);
  const simulator = await layers.startEmbeddedWaldur(config, overrides.simulator);
  const waldurUrl = config.waldurApiUrl ?? simulator?.url ?? '';
  const client = layers.createClient(config, waldurUrl, log, metrics, time, () => live.upstreamRecovered());
  const shared = await layers.openShared(config, log, now, overrides.live);
  const { store, cache, responses } = await layers.openCaches(config, metrics, now, shared);
  const reads = layers.createReads(cache, metrics, now);
  const live = layers.createLiveEngine(config, log, metrics, time, reads, client, shared, overrides.live);

  const errorLog = layers.errorLogOf(config, log);
  const { introspection } = config;
  const pipeline = new OperationPipeline({ schema, introspection, limits: layers.limitsOf(config), log: errorLog });
  const apollo = await createGraphServer({ pipeline, log: errorLog });
  const createContext = layers.createContexts(config, { client, live, schema, seals: shared?.seals }, reads, now);

  const requestLog = new RequestLog(log, config.logRequestsPerSecond);
  const callers = layers.callerRulesOf(config);
  const origins = layers.originPolicyOf(config, callers, simulator !== undefined, log);
  const basePath = new BasePath({ prefix: config.basePath, proxies: callers, log });
  const waldur = { url: simulator === undefined ? waldurUrl : `${waldurUrl}/api/`, embedded: simulator !== undefined };
  const versionFor = layers.createVersions(client, simulator, now);
  const unread = new MemoryBudget({ mostBytes: UNSENT_BYTES, graceMs: 1_000 });
  const transport = {
    callers,
    createContext,
    log: errorLog,
    metrics,
    requestLog,
    tracer,
    trusted,
    quotas: new Quotas({
      requestsPerSecond: config.maxRequestsPerSecond,
      subscriptions: config.maxCallerSubscriptions,
      metrics,
      now,
    }),
    unread,
  };
  const graph = createStreamGraph(pipeline, { wallNow: time.wallNow, onSent: metrics.eventSent });
  const streams = createEventStreams({ ...transport, graph, pace: overrides.streams ?? {} });
  const http: HttpServer = createHttpServer({
    routes: [
      graphqlRoute({ ...transport, streams, graph: createGraphFront({ pipeline, apollo, responses }) }),
      streams.route,
      ...healthRoutes({
        probe: () => client.probe(),
        isUpstreamDown: () => client.state.isDown,
        isDraining: () => http.isDraining,
        waldur,
        versionFor: ({ headers, socket }) => versionFor(readCaller(callerSource(headers, socket), callers)),
        isRedisUp: shared && (() => shared.cluster.isUp),
        now,
      }),
      ...(config.metrics ? [metricsRoute(metrics)] : []),
      ...(introspection ? [schemaRoute(sdl)] : []),
      ...(config.explorer ? explorerRoutes({ users: layers.demoUsers(simulator), prefixOf: basePath.prefixOf }) : []),
      ...(config.dashboard ? dashboardRoutes({ control: simulator?.control, hasExplorer: config.explorer }) : []),
    ],
    log,
    metrics,
    requestLog,
    tracer,
    isTrustedProxy: (address) => address !== undefined && callers.isTrustedProxy(address),
    origins,
    basePath,
    unread,
    maxBodyBytes: config.maxBodyBytes,
    maxUrlBytes: config.maxUrlBytes,
    maxHeaderBytes: config.maxHeaderBytes,
    headersTimeoutMs: config.headersTimeoutMs,
    maxConnections: config.maxConnections,
    stallMs: overrides.stallMs,
  });
  const sockets = attachSockets(http.server, {
    ...transport,
    graph,
    origins,
    basePath,
    // No grace: a complete message is processed immediately, and hundreds of unfinished ones can arrive at once.
    arriving: new MemoryBudget({ mostBytes: UNFINISHED_BYTES, graceMs: 0 }),
    maxSockets: config.maxSockets,
    maxSocketsPerAddress: config.maxSocketsPerAddress,
    maxMessageBytes: config.maxBodyBytes,
    maxSubscriptions: config.maxSubscriptions,
    pace: overrides.sockets ?? {},
  });
  metrics.watch(() => {
    const stats = live.stats();
    const { informersLeading: leader, informersFollowing: follower } = stats;
    return {
      ...stats,
      ...layers.upstreamGauges(client, store),
      roles: { alone: stats.informers - leader - follower, leader, follower },
      redisUp: shared && Number(shared.cluster.isUp),
      sockets: sockets.count,
      eventStreams: streams.count,
      trustedDocuments: trusted?.size,
      draining: Number(http.isDraining),
    };
  });

  /** @param drainDelayMs time in which everything is served as before. */
  const stop = async (drainDelayMs: number): Promise<void> => {
    const { socketDrainMs, shutdownTimeoutMs } = config;
    http.drain();
    if (drainDelayMs > 0) await setTimeout(drainDelayMs);
    const from = performance.now();
    const mostMs = Math.max(socketDrainMs, shutdownTimeoutMs);
    await Promise.all([sockets.drain(socketDrainMs, mostMs), streams.drain(socketDrainMs)]);
    await live.close();
    const patienceMs = Math.max(0, shutdownTimeoutMs - (performance.now() - from));
    await http.close(patienceMs, Math.min(drainDelayMs, IDLE_MS, patienceMs));
    await apollo.stop();
    await client.close();
    await store.close();
    trusted?.close();
    shared?.cluster.close();
    metrics.close();
    await tracer?.close();
    await simulator?.close();
  };
  let stopping: Promise<void> | undefined;
  const close = (drainDelayMs = config.drainDelayMs ?? 0): Promise<void> => (stopping ??= stop(drainDelayMs));

  try {
    const url = await http.listen(config.port, config.host);
    const readVersion = () => versionFor(readCaller(NOBODY, callers));
    return { url, waldur: { ...waldur, readVersion }, simulator, close: () => close() };
  } catch (error) {
    // Nobody is served.
    await close(0);
    throw error;
  }
}
