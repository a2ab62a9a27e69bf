/**
 * Every setting of the gateway: read once from the environment, checked, frozen, handed on as arguments. The table below is the
 * one place that knows a variable; docs/configuration.md is printed from it.
 */

import { isAddressRange } from './auth/addresses.ts';

/** A setting that cannot be used; the message is one line that says which, what it is and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

interface Setting<Value> {
  readonly variable: string;
  readonly description: string;
  /** Shown in the reference; for people. */
  readonly allowed: string;
  readonly fallback: Value;
  /** undefined: not acceptable. Throws ConfigError when it can say more. */
  readonly parse: (text: string) => Value | undefined;
  /** A wrong value is not repeated in messages. */
  readonly isSecret?: boolean;
}

export const SETTINGS = {
  port: whole('PORT', 4000, 0, 65_535, 'Port of the gateway; 0 takes any free one.'),
  host: text('HOST', '127.0.0.1', 'Address to listen on; 0.0.0.0 for every interface.'),
  waldurApiUrl: url('WALDUR_API_URL', 'The Waldur to work against, with or without `/api/`. Unset: an embedded one.'),
  simulatorPort: whole('SIMULATOR_PORT', 4001, 0, 65_535, 'Port of the embedded Waldur; 0 takes any free one.'),
  logLevel: oneOf(
    'LOG_LEVEL',
    'info',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'How much is logged.',
  ),
  allowedOrigins: list(
    'ALLOWED_ORIGINS',
    'Origins of other web pages that may use the gateway from a browser, such as `https://ui.example.org`. Empty: the same origin only, and in embedded mode any page from localhost.',
  ),
  introspection: flag('INTROSPECTION', true, 'Whether clients may ask for the schema, here and at `/schema.graphql`.'),
  suggestions: optionalFlag(
    'SUGGESTIONS',
    'Whether errors about a document say which name of the schema may have been meant. Unset: as `INTROSPECTION`.',
  ),
  explorer: flag('EXPLORER', true, 'Whether GraphiQL is served at `/` and `/graphiql`.'),
  metrics: flag(
    'METRICS',
    true,
    'Whether figures for Prometheus are kept and served at `/metrics`. They hold nothing of any caller; a proxy should not pass the path on all the same.',
  ),
  impersonation: flag(
    'IMPERSONATION',
    false,
    'Whether `X-Impersonated-User-Uuid` is passed on (Waldur honours it for staff).',
  ),
  trustedProxies: ranges(
    'TRUSTED_PROXIES',
    'Reverse proxies whose header (`FORWARDED_HEADER`) is believed: addresses, CIDR ranges, `loopback` (127.0.0.0/8, ::1) and `private` (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7). Waldur hides objects by client address, so behind a proxy this must be set. Clients with an address in these ranges can choose the address that they are judged by.',
  ),
  forwardedHeader: oneOf(
    'FORWARDED_HEADER',
    'x-forwarded-for',
    ['x-forwarded-for', 'forwarded'],
    'Header in which the trusted proxies add the client address: `X-Forwarded-For`, or `Forwarded` (RFC 7239). The other one is ignored.',
  ),
  maxBodyBytes: whole('MAX_BODY_BYTES', 1_048_576, 1_024, 104_857_600, 'Largest request body, in bytes.'),
  maxUrlBytes: whole('MAX_URL_BYTES', 8_192, 256, 65_536, 'Longest request URL, in bytes.'),
  maxHeaderBytes: whole(
    'MAX_HEADER_BYTES',
    16_384,
    1_024,
    1_048_576,
    'Largest headers of a request, its URL apart, in bytes.',
  ),
  headersTimeoutMs: whole(
    'HEADERS_TIMEOUT_MS',
    10_000,
    100,
    60_000,
    'How long the headers of a request may take to come, in ms; the connection is closed then.',
  ),
  maxConnections: whole(
    'MAX_CONNECTIONS',
    25_000,
    1,
    1_000_000,
    'Most connections at the same time, sockets and streams among them; one more is closed at once. The limit on open files of the process must be higher.',
  ),
  maxSockets: whole(
    'MAX_SOCKETS',
    20_000,
    1,
    1_000_000,
    'Most sockets at the same time; one more is refused with 503.',
  ),
  maxSocketsPerAddress: whole(
    'MAX_SOCKETS_PER_ADDRESS',
    0,
    0,
    1_000_000,
    'Most sockets of one address at the same time; one more is refused with 429. 0 sets no limit. Behind a proxy `TRUSTED_PROXIES` must be set, or all clients have its address.',
  ),
  maxRequestsPerSecond: whole(
    'MAX_REQUESTS_PER_SECOND',
    0,
    0,
    100_000,
    'Requests a second that are accepted from one caller over all transports, as many at once; 0 sets no limit. Who sends more gets RATE_LIMITED, over HTTP with 429.',
  ),
  maxTokens: whole('MAX_TOKENS', 5_000, 100, 1_000_000, 'Most tokens of a document.'),
  maxDepth: whole('MAX_DEPTH', 15, 1, 100, 'Deepest nesting of fields in an operation, introspection apart.'),
  maxAliases: whole('MAX_ALIASES', 50, 0, 10_000, 'Most aliases in an operation.'),
  maxRootFields: whole('MAX_ROOT_FIELDS', 30, 1, 10_000, 'Most fields at the root of an operation.'),
  maxDirectives: whole('MAX_DIRECTIVES', 50, 0, 10_000, 'Most directives in an operation.'),
  maxRows: whole(
    'MAX_ROWS',
    50_000,
    1,
    100_000_000,
    'Most rows that an operation may ask for; page sizes of nested lists multiply.',
  ),
  upstreamAttemptTimeoutMs: whole(
    'UPSTREAM_ATTEMPT_TIMEOUT_MS',
    10_000,
    50,
    600_000,
    'How long one call to Waldur may take, in ms.',
  ),
  upstreamTimeoutMs: whole(
    'UPSTREAM_TIMEOUT_MS',
    20_000,
    50,
    600_000,
    'How long all calls for one operation may take together, in ms.',
  ),
  upstreamMaxBodyMib: whole(
    'UPSTREAM_MAX_BODY_MIB',
    32,
    1,
    1_024,
    'Largest answer of Waldur after decompression, in MiB.',
  ),
  upstreamBodiesMib: whole(
    'UPSTREAM_BODIES_MIB',
    128,
    1,
    65_536,
    'Memory for all answers of Waldur that are being read, in MiB; those up to 256 KiB do not count. Beyond it answers wait, and some are given up with UPSTREAM_BUSY. One answer may exceed it, up to `UPSTREAM_MAX_BODY_MIB`.',
  ),
  upstreamCallerConcurrency: whole(
    'UPSTREAM_CALLER_CONCURRENCY',
    4,
    1,
    256,
    'Calls to Waldur at the same time for one caller. Waldur runs the requests of one user one after another, so more gains little.',
  ),
  upstreamConcurrency: whole('UPSTREAM_CONCURRENCY', 64, 1, 4_096, 'Calls to Waldur at the same time in all.'),
  upstreamQueue: whole(
    'UPSTREAM_QUEUE',
    1_000,
    1,
    100_000,
    'Calls that may wait for their turn; one more is answered with UPSTREAM_BUSY.',
  ),
  maxUpstreamCalls: whole(
    'MAX_UPSTREAM_CALLS',
    250,
    1,
    1_000_000,
    'Most calls to Waldur that a query may need, as planned; mutations apart.',
  ),
  cacheTtlMs: whole(
    'CACHE_TTL_MS',
    1_000,
    0,
    3_600_000,
    'How long an answer of Waldur serves the caller it was given to, in ms; 0 keeps none. A change by the caller ends it at once.',
  ),
  cacheStaleMs: whole(
    'CACHE_STALE_MS',
    5_000,
    0,
    3_600_000,
    'How much longer a kept answer serves while Waldur cannot be reached, in ms; such answers are marked in `extensions`.',
  ),
  cacheMaxMib: whole('CACHE_MAX_MIB', 64, 1, 65_536, 'Memory for kept answers, in MiB, when they are not in Redis.'),
  redisUrl: redis('REDIS_URL', 'Redis that replicas share kept answers by. Unset: each keeps its own, in memory.'),
  cursorKey: secret(
    'CURSOR_KEY',
    'Key that signs the cursors of subscriptions. Unset: a new one at each start. What happened is remembered in memory, so streams that resume after a restart begin anew (RESET) in either case.',
  ),
  maxSubscriptions: whole(
    'MAX_SUBSCRIPTIONS',
    100,
    1,
    100_000,
    'Subscriptions that may run at the same time on one socket, and as many queries and mutations.',
  ),
  maxCallerSubscriptions: whole(
    'MAX_CALLER_SUBSCRIPTIONS',
    1_000,
    1,
    1_000_000,
    'Subscriptions that one caller may run at the same time, on all its sockets and streams together.',
  ),
  socketDrainMs: whole(
    'SOCKET_DRAIN_MS',
    3_000,
    0,
    600_000,
    'Over how long sockets are closed after SIGTERM, in ms, so that their clients do not all come back at once.',
  ),
  shutdownTimeoutMs: whole(
    'SHUTDOWN_TIMEOUT_MS',
    10_000,
    0,
    600_000,
    'How long running requests may take to finish after SIGTERM, in ms.',
  ),
} as const;

type Values = { [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key] extends Setting<infer Value> ? Value : never };
export type Config = Readonly<Values>;

/**
 * Reads the environment. Unset and empty are the same: the default.
 * @throws ConfigError naming the first variable that cannot be used.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read = <Value>(setting: Setting<Value>): Value => {
    const given = env[setting.variable]?.trim();
    if (given === undefined || given === '') return setting.fallback;
    const value = setting.parse(given);
    if (value === undefined) {
      const shown = setting.isSecret ? 'what it is' : JSON.stringify(withoutCredentials(given).slice(0, 100));
      throw new ConfigError(`${setting.variable} must be ${setting.allowed}, not ${shown}.`);
    }
    return value;
  };
  const entries = Object.entries(SETTINGS).map(([key, setting]) => [key, read<unknown>(setting)]);
  return Object.freeze(Object.fromEntries(entries)) as Config;
}

/** The settings with their defaults and nothing from the environment, changed where asked; for tests and embedding. */
export const configWith = (changes: Partial<Config> = {}): Config => Object.freeze({ ...loadConfig({}), ...changes });

/** The reference table of docs/configuration.md, in Markdown. */
export function configReference(): string {
  const rows = Object.values(SETTINGS).map(
    ({ variable, allowed, fallback, description }: Setting<unknown>) =>
      `| \`${variable}\` | ${printed(fallback)} | ${description} | ${allowed} |`,
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
  return ['# Settings of the gateway; all of them are optional. Printed from src/config.ts.', '', ...lines].join('\n');
}

/** Logs are read by more people than a password is for. */
const withoutCredentials = (given: string): string => given.replace(/\/\/.*@/, '//...@');

const printed = (value: unknown): string =>
  value === undefined || (Array.isArray(value) && value.length === 0) ? 'unset' : `\`${String(value)}\``;

function whole(variable: string, fallback: number, least: number, most: number, description: string): Setting<number> {
  const parse = (given: string) => {
    const value = Number(given);
    return /^\d{1,10}$/.test(given) && value >= least && value <= most ? value : undefined;
  };
  return { variable, description, fallback, parse, allowed: `a whole number from ${least} to ${most}` };
}

function text(variable: string, fallback: string, description: string): Setting<string> {
  return { variable, description, fallback, parse: (given) => given, allowed: 'a text' };
}

function flag(variable: string, fallback: boolean, description: string): Setting<boolean> {
  const parse = (given: string) => ({ true: true, '1': true, false: false, '0': false })[given.toLowerCase()];
  return { variable, description, fallback, parse, allowed: 'true or false' };
}

function optionalFlag(variable: string, description: string): Setting<boolean | undefined> {
  return { ...flag(variable, false, description), fallback: undefined };
}

function oneOf<Value extends string>(
  variable: string,
  fallback: NoInfer<Value>,
  values: readonly Value[],
  description: string,
): Setting<Value> {
  const parse = (given: string) => values.find((value) => value === given.toLowerCase());
  return { variable, description, fallback, parse, allowed: `one of ${values.join(', ')}` };
}

function list(variable: string, description: string): Setting<readonly string[]> {
  const parse = (given: string) =>
    given
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return { variable, description, fallback: [], parse, allowed: 'a comma list' };
}

/** Addresses and CIDR ranges. An item that matches nothing would be taken for a proxy that is trusted, so it ends the start. */
function ranges(variable: string, description: string): Setting<readonly string[]> {
  const allowed = 'a comma-separated list of IP addresses, CIDR ranges, `loopback` and `private`';
  const parse = (given: string) => {
    const items = given.split(',').map((item) => item.trim());
    const wrong = items.find((item) => !isAddressRange(item));
    if (wrong === undefined) return items;
    const shown = wrong === '' ? 'An empty item' : JSON.stringify(wrong.slice(0, 100));
    throw new ConfigError(`${variable} must be ${allowed.replaceAll('`', '')}. ${shown} can match no proxy.`);
  };
  return { variable, description, fallback: [], parse, allowed };
}

function secret(variable: string, description: string): Setting<string | undefined> {
  const parse = (given: string) => (given.length >= 16 ? given : undefined);
  return {
    variable,
    description,
    fallback: undefined,
    parse,
    allowed: 'a text of at least 16 characters',
    isSecret: true,
  };
}

function redis(variable: string, description: string): Setting<string | undefined> {
  const parse = (given: string) => (/^rediss?:$/.test(URL.parse(given)?.protocol ?? '') ? given : undefined);
  return { variable, description, fallback: undefined, parse, allowed: 'a redis or rediss address', isSecret: true };
}

function url(variable: string, description: string): Setting<string | undefined> {
  const parse = (given: string) => {
    const parsed = URL.parse(given);
    const usable =
      parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.search === '';
    return usable ? given : undefined;
  };
  const allowed = 'an http or https address without user name and query';
  return { variable, description, fallback: undefined, parse, allowed };
}
