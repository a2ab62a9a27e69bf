/**
 * The settings of the gateway. They are read from the environment once, validated and frozen, and then passed on as arguments.
 * `SETTINGS` is the only place that knows the variables; docs/configuration.md and .env.example are generated from it.
 */

import {
  ConfigError,
  EMBEDDED,
  file,
  flag,
  headerNames,
  host,
  integer,
  number,
  oneOf,
  optionalFlag,
  optionalInteger,
  origins,
  path,
  ranges,
  redis,
  type Setting,
  secret,
  waldur,
  webAddress,
  withoutCredentials,
} from './setting-kinds.ts';
import { nearestSettings } from './unknown-variables.ts';

export { ConfigError } from './setting-kinds.ts';

export const SETTINGS = {
  port: integer('PORT', 4000, 0, 65_535, 'Port of the gateway. 0 picks a free port.'),
  host: host('HOST', '127.0.0.1', 'Address to listen on. Use 0.0.0.0 for all IPv4 interfaces.'),
  basePath: path(
    'BASE_PATH',
    'Path prefix under which a proxy publishes the gateway, such as `/snapshots`. The explorer uses it in its links. Requests may arrive with the prefix or without it. When unset, `X-Forwarded-Prefix` of a trusted proxy is used.',
  ),
  waldurApiUrl: waldur(
    'WALDUR_API_URL',
    'URL of Waldur, with or without `/api/`. With `embedded`, or when unset, the gateway starts an embedded Waldur. With `NODE_ENV=production` it must be set.',
  ),
  simulatorPort: integer('SIMULATOR_PORT', 4001, 0, 65_535, 'Port of the embedded Waldur. 0 picks a free port.'),
  simulatorScale: number(
    'SIMULATOR_SCALE',
    6,
    0.001,
    100_000,
    'Factor by which waits of the embedded Waldur are shorter than in reality. A restore takes 33 s in Waldur and 5 s with the default. Times are real.',
  ),
  simulatorSnapshots: integer('SIMULATOR_SNAPSHOTS', 500, 1, 10_000, 'Number of snapshots in the embedded Waldur.'),
  simulatorCost: oneOf(
    'SIMULATOR_COST',
    'none',
    ['none', 'real'],
    'With `real`, responses of the embedded Waldur take as long as those of a real one, one at a time per user.',
  ),
  simulatorActivity: flag(
    'SIMULATOR_ACTIVITY',
    true,
    'In the embedded Waldur, others change snapshots every few seconds. The numbers of objects stay the same.',
  ),
  logLevel: oneOf(
    'LOG_LEVEL',
    'info',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'Least severe level that is logged.',
  ),
  logRequestsPerSecond: integer(
    'LOG_REQUESTS_PER_SECOND',
    0,
    0,
    100_000,
    'Maximum lines per second about requests and operations without an error. Further ones are left out, and one line says how many. 0 logs all.',
  ),
  allowedOrigins: origins(
    'ALLOWED_ORIGINS',
    'Origins of web pages that may call the gateway from a browser. The origin of the gateway itself is always allowed, and with the embedded Waldur also any origin on localhost. There is no wildcard: each origin is listed. Behind a proxy that changes `Host`, set `TRUSTED_PROXIES` as well.',
  ),
  allowedHeaders: headerNames(
    'ALLOWED_HEADERS',
    'Request headers that pages of these origins may send, besides those of this API and of Apollo, OpenTelemetry and Sentry.',
  ),
  introspection: flag(
    'INTROSPECTION',
    true,
    'Allows introspection queries and serves the schema at `/schema.graphql`.',
  ),
  suggestions: optionalFlag(
    'SUGGESTIONS',
    'Includes "Did you mean ...?" with names from the schema in error messages. When unset, the value of `INTROSPECTION` is used.',
  ),
  federation: flag(
    'FEDERATION',
    false,
    'Makes the gateway a subgraph of Apollo Federation 2: adds `_service` and `_entities`, and removes `node` and `nodes` from `Query`. See docs/federation.md.',
  ),
  trustedDocuments: oneOf(
    'TRUSTED_DOCUMENTS',
    'off',
    ['off', 'also', 'only'],
    'Whether clients may send the hash of a trusted document instead of the document. With `only`, nothing but trusted documents runs. See docs/trusted-documents.md.',
  ),
  trustedDocumentsFile: file(
    'TRUSTED_DOCUMENTS_FILE',
    'The trusted documents: a JSON file from hashes to documents, as the client preset of GraphQL Code Generator writes it. It is read again when it changes. Required unless `TRUSTED_DOCUMENTS` is `off`.',
  ),
  explorer: flag('EXPLORER', true, 'Serves the GraphQL explorer at `/` and `/graphiql`.'),
  dashboard: flag('DASHBOARD', true, 'Serves the dashboard at `/live`.'),
  metrics: flag(
    'METRICS',
    true,
    'Collects Prometheus metrics and serves them at `/metrics`. They contain no caller data, but a public proxy should not expose this path.',
  ),
  otlpEndpoint: webAddress(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'URL of an OpenTelemetry collector that receives traces by OTLP over HTTP, such as `http://collector:4318`. When unset, tracing is off. Other `OTEL_*` variables of OpenTelemetry apply.',
  ),
  impersonation: flag(
    'IMPERSONATION',
    false,
    'Forwards the header `X-Impersonated-User-Uuid` to Waldur, which accepts it from staff only. When disabled, requests with this header are rejected.',
  ),
  trustedProxies: ranges(
    'TRUSTED_PROXIES',
    'Reverse proxies whose `FORWARDED_HEADER` and, with `X-Forwarded-For`, also `X-Forwarded-Host`, `-Proto` and `-Port` are trusted, as well as `X-Forwarded-Prefix` in any case: IP addresses, CIDR ranges, `loopback` (127.0.0.0/8, ::1) and `private` (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7). Required behind a proxy, because Waldur restricts access by client address. Clients inside these ranges can forge their own address, so keep the ranges narrow.',
  ),
  forwardedHeader: oneOf(
    'FORWARDED_HEADER',
    'x-forwarded-for',
    ['x-forwarded-for', 'forwarded'],
    'Header in which the trusted proxies pass the client address: `X-Forwarded-For`, or `Forwarded` (RFC 7239). With `forwarded`, the host and scheme that the browser requested are read from it, too. All headers of the other kind are ignored.',
  ),
  maxBodyBytes: integer('MAX_BODY_BYTES', 1_048_576, 1_024, 104_857_600, 'Maximum size of a request body, in bytes.'),
  maxUrlBytes: integer('MAX_URL_BYTES', 8_192, 256, 65_536, 'Maximum length of a request URL, in bytes.'),
  maxHeaderBytes: integer(
    'MAX_HEADER_BYTES',
    16_384,
    1_024,
    1_048_576,
    'Maximum size of the request headers without the URL, in bytes.',
  ),
  headersTimeoutMs: integer(
    'HEADERS_TIMEOUT_MS',
    10_000,
    100,
    60_000,
    'Timeout for receiving the request headers, in ms. The connection is closed afterwards.',
  ),
  maxConnections: integer(
    'MAX_CONNECTIONS',
    25_000,
    1,
    1_000_000,
    'Maximum concurrent connections, including WebSockets and event streams. Further ones are closed immediately. The limit on open files of the process must be higher.',
  ),
  maxSockets: integer(
    'MAX_SOCKETS',
    20_000,
    1,
    1_000_000,
    'Maximum concurrent WebSockets. Further ones are rejected with status 503.',
  ),
  maxSocketsPerAddress: integer(
    'MAX_SOCKETS_PER_ADDRESS',
    0,
    0,
    1_000_000,
    'Maximum concurrent WebSockets per client address. Further ones are rejected with status 429. 0 disables the limit. Behind a proxy, set `TRUSTED_PROXIES` first; otherwise all clients share the address of the proxy.',
  ),
  maxRequestsPerSecond: integer(
    'MAX_REQUESTS_PER_SECOND',
    0,
    0,
    100_000,
    'Maximum requests per second and caller, over all transports. The same number may arrive in one burst. Further requests get the error RATE_LIMITED, over HTTP with status 429. 0 disables the limit.',
  ),
  maxTokens: integer('MAX_TOKENS', 5_000, 100, 1_000_000, 'Maximum tokens in a document.'),
  maxDepth: integer('MAX_DEPTH', 15, 1, 100, 'Maximum nesting depth of fields in an operation, without introspection.'),
  maxAliases: integer('MAX_ALIASES', 50, 0, 10_000, 'Maximum aliases in an operation.'),
  maxRootFields: integer('MAX_ROOT_FIELDS', 30, 1, 10_000, 'Maximum root fields in an operation.'),
  maxDirectives: integer('MAX_DIRECTIVES', 50, 0, 10_000, 'Maximum directives in an operation.'),
  maxRows: integer(
    'MAX_ROWS',
    50_000,
    1,
    100_000_000,
    'Maximum estimated rows of an operation. The page sizes of nested lists are multiplied.',
  ),
  upstreamAttemptTimeoutMs: integer(
    'UPSTREAM_ATTEMPT_TIMEOUT_MS',
    10_000,
    50,
    600_000,
    'Timeout for one request to Waldur, in ms.',
  ),
  upstreamTimeoutMs: integer(
    'UPSTREAM_TIMEOUT_MS',
    20_000,
    50,
    600_000,
    'Timeout for all requests to Waldur of one operation together, in ms.',
  ),
  upstreamMaxBodyMib: integer(
    'UPSTREAM_MAX_BODY_MIB',
    32,
    1,
    1_024,
    'Maximum size of a response from Waldur after decompression, in MiB.',
  ),
  upstreamBodiesMib: integer(
    'UPSTREAM_BODIES_MIB',
    128,
    1,
    65_536,
    'Memory for all responses from Waldur that are being read, in MiB. Responses up to 256 KiB do not count. Above the limit responses wait, and some fail with UPSTREAM_BUSY. A single response may exceed it, up to `UPSTREAM_MAX_BODY_MIB`.',
  ),
  upstreamCallerConcurrency: integer(
    'UPSTREAM_CALLER_CONCURRENCY',
    4,
    1,
    256,
    'Maximum concurrent requests to Waldur per caller. Waldur processes the requests of one user one at a time, so a higher value gains little.',
  ),
  upstreamConcurrency: integer(
    'UPSTREAM_CONCURRENCY',
    64,
    1,
    4_096,
    'Maximum concurrent requests to Waldur for all callers.',
  ),
  liveUpstreamShare: number(
    'LIVE_UPSTREAM_SHARE',
    0.25,
    0.01,
    1,
    'Share of `UPSTREAM_CONCURRENCY` that the polls of subscriptions may use. When Waldur gets slower, they use less, down to one request at a time; queries and mutations go first.',
  ),
  upstreamQueue: integer(
    'UPSTREAM_QUEUE',
    1_000,
    1,
    100_000,
    'Maximum queued requests to Waldur. Further ones fail with UPSTREAM_BUSY.',
  ),
  maxUpstreamCalls: integer(
    'MAX_UPSTREAM_CALLS',
    250,
    1,
    1_000_000,
    'Maximum planned requests to Waldur of a query. Mutations are not limited.',
  ),
  cacheTtlMs: integer(
    'CACHE_TTL_MS',
    1_000,
    0,
    3_600_000,
    'Time for which a response from Waldur is cached for its caller, in ms. A mutation by the caller invalidates it immediately. 0 disables the cache.',
  ),
  cacheStaleMs: integer(
    'CACHE_STALE_MS',
    5_000,
    0,
    3_600_000,
    'Additional time for which a cached response is used while Waldur is unreachable, in ms. Such results have `extensions.stale`.',
  ),
  cacheMaxMib: integer('CACHE_MAX_MIB', 64, 1, 65_536, 'Memory for cached responses without Redis, in MiB.'),
  redisUrl: redis(
    'REDIS_URL',
    'Redis server by which replicas share subscriptions and cached responses. When unset, each replica works alone.',
  ),
  eventLog: oneOf(
    'EVENT_LOG',
    'assist',
    ['assist', 'replace', 'off'],
    "How subscriptions to more than 600 objects use Waldur's event log, with the credentials of the caller. With `assist`, it is read when the number of objects changes, so that creations and removals by others arrive sooner. With `replace`, it takes the place of most polls: creations, pulls and removals arrive within 3 s, other changes within about 10 minutes. See docs/live.md.",
  ),
  watchToken: secret(
    'WATCH_TOKEN',
    'Token of a Waldur account that sees everything, such as one of support. While subscriptions run, the gateway watches all snapshots and volumes with it to learn where to look. What callers receive is read with their own credentials. When unset, the gateway polls for each caller.',
  ),
  cursorKey: secret(
    'CURSOR_KEY',
    'Key that signs subscription cursors. When unset, a random key is generated at each start. Past events are stored in memory, so subscriptions that resume after a restart get RESET in either case.',
  ),
  maxSubscriptions: integer(
    'MAX_SUBSCRIPTIONS',
    100,
    1,
    100_000,
    'Maximum concurrent subscriptions per WebSocket. The same limit applies to its concurrent queries and mutations.',
  ),
  maxCallerSubscriptions: integer(
    'MAX_CALLER_SUBSCRIPTIONS',
    1_000,
    1,
    1_000_000,
    'Maximum concurrent subscriptions per caller, over all WebSockets and event streams.',
  ),
  drainDelayMs: optionalInteger(
    'DRAIN_DELAY_MS',
    0,
    600_000,
    'Time after SIGTERM in which the gateway is not ready but serves everything as before, in ms, so that balancers stop sending requests before the port closes. When unset, it is 0 on a terminal and 5000 otherwise.',
  ),
  socketDrainMs: integer(
    'SOCKET_DRAIN_MS',
    3_000,
    0,
    600_000,
    'Period over which WebSockets and event streams are closed after `DRAIN_DELAY_MS`, in ms. Spreading the closes keeps clients from reconnecting all at once.',
  ),
  shutdownTimeoutMs: integer(
    'SHUTDOWN_TIMEOUT_MS',
    8_000,
    0,
    600_000,
    'Time that running requests have to finish after `DRAIN_DELAY_MS`, in ms.',
  ),
} as const;

type Values = { [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key] extends Setting<infer Value> ? Value : never };
export type Config = Readonly<Values>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings from the environment. An empty or blank variable counts as unset.
 * @throws ConfigError for the first invalid variable.
 */
export function loadConfig(env: Environment): Config {
  const read = <Value>(setting: Setting<Value>): Value => {
    const given = env[setting.variable]?.trim();
    if (given === undefined || given === '') return setting.fallback;
    const value = setting.parse(given);
    if (value === undefined) {
      const rule = `${setting.variable} must be ${setting.allowed}`;
      if (setting.isSecret) throw new ConfigError(`${rule}.`);
      throw new ConfigError(`${rule}, got ${JSON.stringify(withoutCredentials(given).slice(0, 100))}.`);
    }
    return value;
  };
  const values = Object.fromEntries(Object.entries(SETTINGS).map(([key, one]) => [key, read<unknown>(one)])) as Values;
  if (values.waldurApiUrl === undefined) refuseInProduction(env);
  if (values.trustedDocuments !== 'off' && values.trustedDocumentsFile === undefined) {
    throw new ConfigError('TRUSTED_DOCUMENTS_FILE must be set when TRUSTED_DOCUMENTS is also or only.');
  }
  const waldurApiUrl = values.waldurApiUrl === EMBEDDED ? undefined : values.waldurApiUrl;
  return Object.freeze({ ...values, waldurApiUrl });
}

/** An embedded Waldur in production would look like an empty one, so it must be requested. */
function refuseInProduction(env: Environment): void {
  if (env.NODE_ENV?.trim() !== 'production') return;
  const { variable } = SETTINGS.waldurApiUrl;
  const meant = unknownVariables(env).filter(({ nearest }) => nearest === variable);
  const found = meant.map(({ name }) => ` ${name} is not a setting; ${variable} may be meant.`).join('');
  throw new ConfigError(
    `${variable} must be set when NODE_ENV is production: the URL of Waldur, or ${EMBEDDED} for the embedded one.${found}`,
  );
}

/** Variables that are no setting but look like one. Without a warning the operator would believe that they have an effect. */
export const unknownVariables = (env: Environment): ReturnType<typeof nearestSettings> =>
  nearestSettings(
    Object.keys(env),
    Object.values(SETTINGS).map(({ variable }) => variable),
  );

/**
 * The default settings with the given changes, for tests and embedding. The environment is not read. The embedded Waldur is without
 * activity: a test needs a world that changes only by what it does.
 */
export const configWith = (changes: Partial<Config> = {}): Config =>
  Object.freeze({ ...loadConfig({ SIMULATOR_ACTIVITY: 'false' }), ...changes });

/** The reference table in docs/configuration.md, as Markdown. */
export function configReference(): string {
  const rows = Object.values(SETTINGS).map(
    ({ variable, allowed, fallback, description }: Setting<unknown>) =>
      `| \`${variable}\` | ${formatDefault(fallback)} | ${description} | ${allowed} |`,
  );
  return ['| Variable | Default | Meaning | Allowed |', '|---|---|---|---|', ...rows, ''].join('\n');
}

/** The contents of .env.example. */
export function configExample(): string {
  const lines = Object.values(SETTINGS).flatMap(({ variable, allowed, fallback, description }: Setting<unknown>) => [
    `# ${description} (${allowed})`,
    `#${variable}=${Array.isArray(fallback) || fallback === undefined ? '' : String(fallback)}`,
    '',
  ]);
  const title = '# Settings of the gateway. All of them are optional. Generated from src/config.ts.';
  return [title, '', ...lines].join('\n');
}

const formatDefault = (value: unknown): string =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
    ? 'unset'
    : `\`${String(value)}\``;
