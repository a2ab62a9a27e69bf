import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Numbers of API requests since the last reset. Control endpoints are not counted. */
export interface Stats {
  total: number;
  inFlight: number;
  maxInFlight: number;
  /** Time in ms that a real Waldur would have worked for the answers, waits left out (contract 3.6). */
  busyMs: number;
  /** By method and route, such as `POST /api/openstack-snapshots/{uuid}/restore/`. */
  byRoute: Record<string, number>;
}

/** A request without its credentials. */
export interface SeenRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  /** Real time of arrival, ISO 8601. */
  time: string;
}

interface Kept {
  method: string;
  target: string;
  headers: IncomingHttpHeaders;
  time: number;
}

const KEPT_REQUESTS = 1000;
/** Limits the memory for arbitrary paths. Further routes are counted together. */
const MOST_ROUTES = 500;
const HEX_OR_HYPHENS = /^[0-9A-Fa-f-]{32,}(\.json)?$/;

/** `/api/openstack-snapshots/6f1c.../pull/?x=y` -> `/api/openstack-snapshots/{uuid}/pull/`. */
export function routeOf(target: string): string {
  const end = target.indexOf('?');
  const parts = (end < 0 ? target : target.slice(0, end)).split('/');
  const [, , collection, id] = parts;
  // Other collections can have a word in place of an id, such as `users/me`.
  if (id !== undefined && id !== '' && (collection?.startsWith('openstack-') || HEX_OR_HYPHENS.test(id))) {
    parts[3] = '{uuid}';
  }
  return parts.join('/');
}

/** Counts requests by route and stores the last thousand requests. */
export class RequestLog {
  #total = 0;
  #inFlight = 0;
  #maxInFlight = 0;
  #busyMs = 0;
  #byRoute = new Map<string, number>();
  #kept: Kept[] = [];
  #oldest = 0;

  /** Records a request. Call the returned function when the request ends. */
  begin(method: string, target: string, headers: IncomingHttpHeaders): () => void {
    this.#keep({ method, target, headers, time: Date.now() });
    if (!target.startsWith('/api/')) return () => {};
    this.#count(`${method} ${routeOf(target)}`);
    this.#total++;
    this.#inFlight++;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    let over = false;
    return () => {
      if (!over) this.#inFlight--;
      over = true;
    };
  }

  /** An answer took a real Waldur so long. */
  worked(ms: number): void {
    this.#busyMs += ms;
  }

  stats(): Stats {
    return {
      total: this.#total,
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
      busyMs: Math.round(this.#busyMs),
      byRoute: Object.fromEntries(this.#byRoute),
    };
  }

  /** Resets the counters. Requests in flight count as the new maximum. */
  resetStats(): void {
    this.#total = 0;
    this.#maxInFlight = this.#inFlight;
    this.#busyMs = 0;
    this.#byRoute.clear();
  }

  /** The last `count` requests, oldest first. */
  last(count: number): SeenRequest[] {
    const inOrder = [...this.#kept.slice(this.#oldest), ...this.#kept.slice(0, this.#oldest)];
    return inOrder.slice(Math.max(inOrder.length - count, 0)).map(({ method, target, headers, time }) => ({
      method,
      path: withoutToken(target),
      headers: withoutCredentials(headers),
      time: new Date(time).toISOString(),
    }));
  }

  #count(route: string): void {
    const known = this.#byRoute.has(route) || this.#byRoute.size < MOST_ROUTES;
    const key = known ? route : 'other';
    this.#byRoute.set(key, (this.#byRoute.get(key) ?? 0) + 1);
  }

  #keep(request: Kept): void {
    if (this.#kept.length < KEPT_REQUESTS) {
      this.#kept.push(request);
      return;
    }
    this.#kept[this.#oldest] = request;
    this.#oldest = (this.#oldest + 1) % KEPT_REQUESTS;
  }
}

const cut = (secret: string): string => `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;

const withoutToken = (target: string): string =>
  target.replace(/([?&]x-auth-token=)([^&]*)/gi, (_, key: string, token: string) => key + cut(token));

const withoutSecret = (text: string): string => {
  const [, scheme, secret] = /^(token|bearer|basic)\s+(.*)$/is.exec(text) ?? [];
  return scheme === undefined || secret === undefined ? cut(text) : `${scheme} ${cut(secret)}`;
};

/** The scheme stays readable for tests. Equal hashes mean equal tokens. */
function withoutCredentials(headers: IncomingHttpHeaders): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    if (name === 'authorization') shown[name] = withoutSecret(text);
    else if (name === 'cookie') shown[name] = cut(text);
    else shown[name] = text;
  }
  return shown;
}
