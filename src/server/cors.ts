import type { IncomingHttpHeaders } from 'node:http';

/** Which web pages may use the gateway from a browser. One policy for CORS and for WebSocket upgrades. */
export interface OriginPolicy {
  /** @param host the Host header of the request: the gateway's own pages are allowed. */
  allows(origin: string, host: string | undefined): boolean;
}

/**
 * @param allowed origins as browsers send them, such as `https://ui.example.org`.
 * @param anyLocalhost true: every page from this machine, for work against the embedded Waldur.
 */
export function createOriginPolicy(allowed: readonly string[], anyLocalhost: boolean): OriginPolicy {
  const list = new Set(allowed.map((origin) => origin.replace(/\/$/, '').toLowerCase()));
  return {
    allows(origin, host) {
      const given = URL.parse(origin);
      if (given === null) return false;
      if (list.has(given.origin.toLowerCase())) return true;
      if (host !== undefined && given.host === host.toLowerCase()) return true;
      return anyLocalhost && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(given.hostname);
    },
  };
}

type Headers = Readonly<Record<string, string>>;

const NONE: Headers = {};

const PREFLIGHT: Headers = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers':
    'Authorization, Content-Type, X-Request-Id, X-Impersonated-User-Uuid, X-Explain, Apollo-Require-Preflight, X-Apollo-Operation-Name',
  'access-control-max-age': '600',
};

/** Headers that let a page of another origin read the answer; none when it may not. The browser enforces it. */
export function corsHeaders({ origin, host }: IncomingHttpHeaders, origins: OriginPolicy): Headers {
  if (origin === undefined || !origins.allows(origin, host)) return NONE;
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'X-Request-Id, Retry-After' };
}

/** Headers that answer the question of a browser whether a page may send a request; besides those of `corsHeaders`. */
export const preflightHeaders = ({ origin, host }: IncomingHttpHeaders, origins: OriginPolicy): Headers =>
  origin !== undefined && origins.allows(origin, host) ? PREFLIGHT : NONE;
