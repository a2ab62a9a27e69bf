import type { AddressRules } from '../auth/client-address.ts';
import { type Destination, destinationOf, isSameOrigin, type RequestHead } from '../auth/origins.ts';

/** Which web pages may use the gateway from a browser. One policy for CORS and for WebSocket upgrades. */
export interface OriginPolicy {
  /** Whether the page that sent the request may use the gateway. True for a request without Origin, which no page sent. */
  allows(request: RequestHead): boolean;
  /** Headers that a page of another origin may send, for Access-Control-Allow-Headers. */
  readonly allowedHeaders: string;
}

export interface OriginOptions {
  /** Origins as browsers send them, such as `https://ui.example.org`. */
  readonly allowed: readonly string[];
  /** Allows every page from this machine, for work with the embedded Waldur. */
  readonly anyLocalhost: boolean;
  /** Which proxies are trusted to pass the host that the browser requested. */
  readonly proxies: AddressRules;
  /** Headers that pages may send besides those of common clients. */
  readonly moreHeaders: readonly string[];
  readonly log: { warn(details: object, message: string): void };
}

/** Clients can send any number of origins, so the log has a line for the first ones only. */
const MAX_LOGGED_ORIGINS = 100;
const MAX_LOGGED_LENGTH = 200;

/** Headers of this API and of common clients: Apollo, graphql-sse, EventSource polyfills, OpenTelemetry and Sentry. */
const CLIENT_HEADERS = [
  ...['Accept', 'Accept-Language', 'Authorization', 'Content-Type', 'Last-Event-ID'],
  ...['X-Request-Id', 'X-Impersonated-User-Uuid', 'X-Explain'],
  ...['Apollo-Require-Preflight', 'ApolloGraphQL-Client-Name', 'ApolloGraphQL-Client-Version'],
  ...['X-Apollo-Operation-Name', 'X-Apollo-Operation-Id', 'X-Apollo-Operation-Type'],
  ...['Traceparent', 'Tracestate', 'Baggage', 'Sentry-Trace'],
];

export function createOriginPolicy(options: OriginOptions): OriginPolicy {
  const { anyLocalhost, proxies } = options;
  const allowed = new Set(options.allowed);
  const logRefusal = createRefusalLog(options.log);
  return {
    allowedHeaders: [...CLIENT_HEADERS, ...options.moreHeaders].join(', '),
    allows(request) {
      const { origin } = request.headers;
      if (origin === undefined) return true;
      const page = URL.parse(origin);
      const destination = destinationOf(request, proxies);
      if (page !== null) {
        if (allowed.has(page.origin) || isSameOrigin(page, destination)) return true;
        if (anyLocalhost && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(page.hostname)) return true;
      }
      logRefusal(origin, destination);
      return false;
    },
  };
}

/** Logs the refusal of an origin once, with the settings that would change it. */
function createRefusalLog(log: OriginOptions['log']): (origin: string, destination: Destination) => void {
  const logged = new Set<string>();
  return (given, { hosts: [host = ''] }) => {
    const origin = given.slice(0, MAX_LOGGED_LENGTH);
    if (logged.size === MAX_LOGGED_ORIGINS || logged.has(origin)) return;
    logged.add(origin);
    log.warn(
      { origin, host: host.slice(0, MAX_LOGGED_LENGTH) },
      'Refused a web page of another origin than the host of the request. Add the origin to ALLOWED_ORIGINS to allow it. If the gateway itself is served at this origin, let the proxy pass the host in X-Forwarded-Host (or Forwarded, see FORWARDED_HEADER), and add the address of the proxy to TRUSTED_PROXIES',
    );
    if (logged.size === MAX_LOGGED_ORIGINS) log.warn({}, 'Further origins that are refused are not logged');
  };
}

type Headers = Readonly<Record<string, string>>;

const NONE: Headers = {};

/** Headers that let a page of another origin read a response. None if it may not, which the browser enforces. */
export function corsHeaders(request: RequestHead, origins: OriginPolicy): Headers {
  const { origin } = request.headers;
  if (origin === undefined || !origins.allows(request)) return NONE;
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'X-Request-Id, Retry-After' };
}

/** Headers of the response to a preflight, besides those of `corsHeaders`. */
export function preflightHeaders(request: RequestHead, origins: OriginPolicy): Headers {
  if (request.headers.origin === undefined || !origins.allows(request)) return NONE;
  return {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': origins.allowedHeaders,
    'access-control-max-age': '600',
  };
}
