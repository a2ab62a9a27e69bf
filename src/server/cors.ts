/** Which web pages may use the gateway from a browser. One rule for CORS and for socket upgrades. */
export interface OriginPolicy {
  /** @param host the Host header of the request, to tell the gateway's own pages. */
  allows(origin: string, host: string | undefined): boolean;
}

/**
 * @param allowed origins as browsers send them, such as `https://ui.example.org`.
 * @param anyLocalhost true: every page from this machine, for working against the embedded Waldur.
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

/** What lets a page of another origin read an answer; nothing when it may not. */
export function corsHeaders(
  { origin, host }: { readonly origin?: string | undefined; readonly host?: string | undefined },
  origins: OriginPolicy,
): Readonly<Record<string, string>> {
  if (origin === undefined || !origins.allows(origin, host)) return NO_CORS_HEADERS;
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'X-Request-Id, Retry-After' };
}

export const NO_CORS_HEADERS: Readonly<Record<string, string>> = {};
