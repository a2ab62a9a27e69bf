import { createHash, randomBytes } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import type { Simulator, startSimulator } from '../simulator/server.ts';
import { addressMatcher } from './auth/addresses.ts';
import type { Caller, CallerRules } from './auth/caller.ts';
import { Seals } from './auth/seal.ts';
import { AnswerCache } from './cache/answers.ts';
import { createCached } from './cache/memory.ts';
import { openMemory, type Store } from './cache/store.ts';
import type { RedisCluster } from './cluster/index.ts';
import type { Config } from './config.ts';
import { COLUMN_COSTS } from './graph/fields/index.ts';
import { IdempotencyKeys } from './graph/idempotency.ts';
import { createEventLogReader, createFetcher } from './graph/live-adapter.ts';
import { type ContextOptions, contextFactory } from './graph/operation-context.ts';
import { createSchema } from './graph/schema.ts';
import { readFederationTypeDefs, readTypeDefs } from './graph/typedefs.ts';
import { createLive, DEFAULT_TUNING, type Kind, type Live, type Tuning, type WatchAccount } from './live/index.ts';
import { SharedReads } from './loading/shared-reads.ts';
import { BusyCallers } from './loading/single-flight.ts';
import { createLogger, type LogDestination, LogOutput } from './observability/log.ts';
import { createMetrics, type Metrics, NO_METRICS } from './observability/metrics.ts';
import { outageLog, RedisOutageLog } from './observability/outages.ts';
import { VERSION } from './observability/version.ts';
import { DEFAULT_LIMITS, type Limits } from './operations/limits/limits.ts';
import { ResponseCache } from './operations/response-cache.ts';
import { TrustedDocuments } from './operations/trusted-documents.ts';
import type { Tracer } from './runtime/span.ts';
import type { Time } from './runtime/time.ts';
import { createOriginPolicy, type OriginPolicy } from './server/cors.ts';
import type { ConnectionLog } from './transports/websocket/index.ts';
import { createWaldurClient, type WaldurClient } from './waldur/client.ts';

/** How each layer is made from the settings: one function a layer, in the order in which `gateway.ts` calls them. */

type Log = ReturnType<typeof createLogger>;

/** How long the caller's own user serves `availableActions`, in ms. Staff flags change rarely, and lists need them often. */
const VIEWER_TTL_MS = 60_000;
const MAX_VIEWERS = 10_000;
/** How long the last seen length of a list serves as an estimate for the planner, in ms. */
const TOTALS_TTL_MS = 60_000;
const MAX_TOTALS = 10_000;
/** Rows of an informer are compared with Waldur this often: three calls a minute for the whole process. */
const SELF_CHECK_MS = 60_000;
export const MIB = 1_048_576;

export function openLog(config: Config, logTo: LogDestination = new LogOutput(2)): { log: Log; metrics: Metrics } {
  const log = createLogger(config.logLevel, logTo);
  const metrics = config.metrics ? createMetrics(VERSION) : NO_METRICS;
  logTo.listen?.({
    onDrop: metrics.logLineDropped,
    onResume: (lines) => log.error({ lines }, 'Log output works again; lines were dropped'),
  });
  return { log, metrics };
}

/** @returns undefined when a real Waldur is configured. */
export async function startEmbeddedWaldur(
  config: Config,
  options: Parameters<typeof startSimulator>[0],
): Promise<Simulator | undefined> {
  if (config.waldurApiUrl !== undefined) return undefined;
  const { startSimulator } = await import('../simulator/server.ts');
  return startSimulator({
    port: config.simulatorPort,
    scale: config.simulatorScale,
    snapshots: config.simulatorSnapshots,
    cost: config.simulatorCost,
    activity: config.simulatorActivity,
    ...options,
  });
}

/** The executable schema, and its SDL as it is served. */
export async function openSchema(config: Config): Promise<{ schema: GraphQLSchema; sdl: string }> {
  if (!config.federation) return { schema: createSchema(), sdl: readTypeDefs() };
  // Federation needs libraries that nothing else needs.
  const { createSubgraphSchema } = await import('./graph/federation/schema.ts');
  return { schema: createSubgraphSchema(), sdl: readFederationTypeDefs() };
}

/** @param onRecovery called when an outage of Waldur is over. */
export function createClient(
  config: Config,
  url: string,
  log: Log,
  metrics: Metrics,
  time: Time,
  onRecovery: () => void,
): WaldurClient {
  const outages = outageLog(log);
  return createWaldurClient({
    url,
    attemptTimeoutMs: config.upstreamAttemptTimeoutMs,
    overallTimeoutMs: config.upstreamTimeoutMs,
    maxBodyBytes: config.upstreamMaxBodyMib * MIB,
    maxBodiesBytes: config.upstreamBodiesMib * MIB,
    perCallerConcurrency: config.upstreamCallerConcurrency,
    totalConcurrency: config.upstreamConcurrency,
    queueLimit: config.upstreamQueue,
    now: time.now,
    wallNow: time.wallNow,
    onCall: metrics.call,
    onOutage: outages.began,
    onRecovery(ms) {
      outages.over(ms);
      onRecovery();
    },
  });
}

/** What replicas share by Redis. */
export interface Shared {
  readonly seals: Seals;
  readonly outage: RedisOutageLog;
  readonly cluster: RedisCluster;
}

/** How long the start waits for Redis, in ms: a subscription that comes before it is available would poll for itself. */
const REDIS_START_MS = 1_500;

/** @returns undefined without `REDIS_URL`. While Redis cannot be used, the gateway works without it. */
export async function openShared(
  config: Config,
  log: Log,
  now: Time['now'],
  tuning: Partial<Tuning> = {},
): Promise<Shared | undefined> {
  const { redisUrl: url, cursorKey } = config;
  if (url === undefined) return undefined;
  // The Redis client is a tenth of all loaded code, and most gateways run without it.
  const { RedisCluster } = await import('./cluster/index.ts');
  const outage = new RedisOutageLog(log, url);
  const seals = new Seals(cursorKey ?? '');
  const cluster = new RedisCluster({
    url,
    seals,
    now,
    leaseMs: tuning.leaseMs ?? DEFAULT_TUNING.leaseMs,
    events: {
      onFailed: (operation, error) => outage.failed(operation, error),
      onWorked: (operation) => outage.worked(operation),
    },
  });
  await cluster.ready(REDIS_START_MS);
  return { seals, outage, cluster };
}

export const createLiveEngine = (
  config: Config,
  log: Log,
  metrics: Metrics,
  time: Time,
  { busyCallers, reads }: Pick<Reads, 'busyCallers' | 'reads'>,
  client: WaldurClient,
  shared: Shared | undefined,
  tuning: Partial<Tuning> = {},
): Live => {
  const watch = openWatch(config, log, client, shared);
  return createLive({
    clock: {
      ...time,
      setTimer(ms, fire) {
        const timer = setTimeout(fire, ms);
        return () => clearTimeout(timer);
      },
    },
    random: Math.random,
    cursorKey: config.cursorKey ?? randomBytes(32),
    isColumn: (_kind, field) => COLUMN_COSTS.isOwn(field),
    isBusy: (callerKey) => busyCallers.isBusy(callerKey),
    onNews: (callerKey) => void reads.changed(callerKey),
    callsUpstream: () => client.state.running + client.state.waiting,
    observer: {
      resumed: () => metrics.subscriptionOpened('resumed'),
      reset: metrics.subscriptionOpened,
      checked: metrics.selfChecked,
    },
    onUnexpected: (err) => log.error({ err }, 'A poll failed unexpectedly'),
    ...(shared && { cluster: shared.cluster }),
    ...(watch && { watch }),
    tuning: {
      callsInFlight: Math.max(1, Math.floor(config.liveUpstreamShare * config.upstreamConcurrency)),
      selfCheckMs: config.metrics ? SELF_CHECK_MS : 0,
      eventsReplacePages: config.eventLog === 'replace',
      ...tuning,
    },
  });
};

/** Columns whose changes the watcher looks for, and the project. `modified` also changes when nothing else does (contract 2.8). */
const WATCHED = {
  both: ['uuid', 'name', 'description', 'state', 'runtime_state', 'size', 'metadata', 'action', 'action_details'],
  snapshot: ['error_message', 'kept_until', 'project_uuid'],
  volume: ['error_message', 'bootable', 'device', 'project_uuid'],
} as const;

/** @returns undefined without `WATCH_TOKEN`. */
function openWatch(
  { watchToken }: Config,
  log: Log,
  client: WaldurClient,
  shared: Shared | undefined,
): WatchAccount | undefined {
  if (watchToken === undefined) return undefined;
  const authorization = `Token ${watchToken}`;
  const key = `watcher ${createHash('sha256').update(authorization).digest('hex')}`;
  const caller: Caller = { key, headers: { authorization }, authenticated: true };
  const failing = new Set<Kind>();
  return {
    callerKey: key,
    fields: (kind) => new Set([...WATCHED.both, ...WATCHED[kind]]),
    fetcher: (kind) => {
      // Replicas find each other by the credentials.
      shared?.seals.remember(caller);
      return createFetcher(client, caller, kind);
    },
    events: createEventLogReader(client, caller),
    // It is tried again every minute, and when somebody subscribes; one line tells of all attempts.
    onEnd: (kind, err) => {
      if (failing.size === 0) log.error({ err }, 'The account of WATCH_TOKEN cannot watch; polling for each caller');
      failing.add(kind);
    },
    onWorks: (kind) => {
      if (failing.delete(kind) && failing.size === 0) log.info('The account of WATCH_TOKEN watches again');
    },
  };
}

export const errorLogOf = (config: Config, log: Log): ConnectionLog => ({
  // A client that may not read the schema must not be able to guess it from error messages.
  suggestions: config.suggestions ?? config.introspection,
  error: (details, message) => log.error(details, message),
  debug: (details, message) => log.debug(details, message),
});

export const limitsOf = (config: Config): Limits => ({
  ...DEFAULT_LIMITS,
  tokens: config.maxTokens,
  depth: config.maxDepth,
  aliases: config.maxAliases,
  rootFields: config.maxRootFields,
  directives: config.maxDirectives,
  rows: config.maxRows,
  calls: config.maxUpstreamCalls,
});

/** @returns undefined when they are off. */
export function openTrustedDocuments(config: Config, log: Log): TrustedDocuments | undefined {
  const { trustedDocuments: mode, trustedDocumentsFile: file } = config;
  return mode === 'off' || file === undefined ? undefined : new TrustedDocuments({ mode, file, log });
}

/** @returns undefined when tracing is off. Its libraries take longer to load than many others together. */
export async function openTracer({ otlpEndpoint }: Config): Promise<Tracer | undefined> {
  if (otlpEndpoint === undefined) return undefined;
  const { createTracer } = await import('./observability/tracing.ts');
  return createTracer(otlpEndpoint);
}

export interface Caches {
  readonly store: Store;
  /** Values read from Waldur; undefined when disabled. */
  readonly cache: AnswerCache | undefined;
  /** Whole responses. Not with a shared store: only the store knows whether a response is still valid. */
  readonly responses: ResponseCache | undefined;
}

export async function openCaches(
  config: Config,
  metrics: Metrics,
  now: Time['now'],
  shared: Shared | undefined,
): Promise<Caches> {
  const maxBytes = config.cacheMaxMib * MIB;
  const store =
    config.redisUrl === undefined || shared === undefined
      ? openMemory({ maxBytes })
      : await openRedis(config.redisUrl, shared, metrics, now);
  if (config.cacheTtlMs === 0) return { store, cache: undefined, responses: undefined };
  const cache = new AnswerCache({ store, ttlMs: config.cacheTtlMs, staleMs: config.cacheStaleMs, now });
  return { store, cache, responses: cache.shared ? undefined : new ResponseCache({ cache, maxBytes, now }) };
}

async function openRedis(url: string, { seals, outage }: Shared, metrics: Metrics, now: Time['now']): Promise<Store> {
  const { RedisStore } = await import('./cache/redis.ts');
  return new RedisStore(url, now, seals, {
    onSkip: (operation, reason) => metrics.sharedCacheFailed(operation, reason),
    onFailed: (operation, error) => outage.failed(operation, error),
    onWorked: (operation) => outage.worked(operation),
  });
}

/** Reads that operations of one caller share. */
export interface Reads {
  readonly busyCallers: BusyCallers;
  readonly reads: SharedReads;
  /** Past the cache: an event must not show what was read before it. */
  readonly readsOfEvents: SharedReads;
}

export function createReads(cache: AnswerCache | undefined, metrics: Metrics, now: Time['now']): Reads {
  const busyCallers = new BusyCallers();
  const readsOfEvents = new SharedReads({ cache: undefined, busyCallers, now });
  const reads = new SharedReads({ cache, busyCallers, now, others: [readsOfEvents], onCacheRead: metrics.cacheRead });
  return { busyCallers, reads, readsOfEvents };
}

const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 };

/** The gauges of Waldur and of the cache. */
export function upstreamGauges({ state }: WaldurClient, store: Store) {
  return {
    callsRunning: state.running,
    callsWaiting: state.waiting,
    upstreamDown: Number(state.isDown),
    breakerState: BREAKER_STATES[state.breaker],
    cacheEntries: store.shared ? undefined : store.stats().entries,
    cacheBytes: store.shared ? undefined : store.stats().bytes,
  };
}

/** @returns what makes the context of an operation. */
export function createContexts(
  config: Config,
  parts: Pick<ContextOptions, 'client' | 'live' | 'schema' | 'seals'>,
  { busyCallers, reads, readsOfEvents }: Reads,
  now: Time['now'],
): ReturnType<typeof contextFactory> {
  const shared = { busyCallers, totals: createCached<number>({ ttlMs: TOTALS_TTL_MS, limit: MAX_TOTALS, now }) };
  return contextFactory({
    ...parts,
    shared: { ...shared, reads },
    sharedByEvents: { ...shared, reads: readsOfEvents },
    idempotency: new IdempotencyKeys(now),
    viewers: createCached({ ttlMs: VIEWER_TTL_MS, limit: MAX_VIEWERS, now }),
    timeoutMs: config.upstreamTimeoutMs,
    maxCalls: config.maxUpstreamCalls,
    eventLog: config.eventLog !== 'off',
    now,
  });
}

/** How long a version is kept, in ms, and how long a readiness check waits for it. Probes of Kubernetes give up after a second. */
const VERSION_TTL_MS = 60_000;
const VERSION_WAIT_MS = 500;
const MAX_VERSIONS = 1_000;

/** @returns what reads the version of Waldur with the credentials of a caller. Most versions of Waldur show it to nobody else. */
export function createVersions(
  client: WaldurClient,
  simulator: Simulator | undefined,
  now: Time['now'],
): (caller: Caller) => Promise<string | undefined> {
  if (simulator !== undefined) return () => Promise.resolve(simulator.waldur);
  const known = createCached<Promise<string | undefined>>({ ttlMs: VERSION_TTL_MS, limit: MAX_VERSIONS, now });
  return (caller) => {
    if (caller.refusal) return Promise.resolve(undefined);
    const before = known.get(caller.key);
    if (before !== undefined) return before;
    const version = client.version(caller, VERSION_WAIT_MS);
    known.set(caller.key, version);
    return version;
  };
}

export const callerRulesOf = (config: Config): CallerRules => ({
  impersonation: config.impersonation,
  isTrustedProxy: addressMatcher(config.trustedProxies),
  forwardedHeader: config.forwardedHeader,
});

/** @param anyLocalhost allows pages from this machine. */
export const originPolicyOf = (config: Config, proxies: CallerRules, anyLocalhost: boolean, log: Log): OriginPolicy =>
  createOriginPolicy({
    allowed: config.allowedOrigins,
    anyLocalhost,
    proxies,
    moreHeaders: config.allowedHeaders,
    log,
  });

/** @returns the users that the explorer offers. The first one may do most things, but not all. */
export function demoUsers(simulator: Simulator | undefined): ReturnType<Simulator['tokens']> {
  const users = simulator?.tokens() ?? [];
  const isOwner = ({ role }: (typeof users)[number]): boolean => role === 'owner';
  const first = users.find(isOwner);
  return first === undefined ? users : [first, ...users.filter((user) => user !== first)];
}
