import type { Metrics } from '../observability/metrics.ts';
import type { Exchange } from './exchange.ts';
import { READ_ONLY, type Route } from './router.ts';

export interface HealthOptions {
  /** Whether the upstream sends a response other than 5xx. */
  readonly probe: () => Promise<boolean>;
  /** Whether the calls of callers show an outage of the upstream. */
  readonly isUpstreamDown: () => boolean;
  /** True from SIGTERM on. */
  readonly isDraining: () => boolean;
  readonly waldur: WaldurInUse;
  /** The version of Waldur, where the client of this request may read it. */
  readonly versionFor: (exchange: Exchange) => Promise<string | undefined>;
  /** Whether Redis can be used. Absent: none is configured. Requests are served without it, so it does not decide readiness. */
  readonly isRedisUp?: (() => boolean) | undefined;
  readonly now: () => number;
}

/** The Waldur that a gateway uses. */
export interface WaldurInUse {
  readonly url: string;
  readonly embedded: boolean;
}

/** How long the result of a probe is used, in ms: a health check every second must not become a call every second. */
const PROBE_EVERY_MS = 5_000;
/** When a refused client may retry, in seconds. While draining, another replica can answer at once. */
const RETRY_WHILE_DRAINING = { 'retry-after': '1' };
const RETRY_WHEN_PROBED = { 'retry-after': String(PROBE_EVERY_MS / 1_000) };

/**
 * `/health/live`: the process runs. `/health/ready`: it can serve requests, because the upstream is available. The upstream is probed
 * on demand and never in the background.
 */
export function healthRoutes(options: HealthOptions): readonly Route[] {
  const { probe, isUpstreamDown, isDraining, isRedisUp, waldur, versionFor, now } = options;
  let last: { at: number; answer: Promise<boolean> } | undefined;
  const upstreamAnswers = (): Promise<boolean> => {
    if (last === undefined || now() - last.at >= PROBE_EVERY_MS) last = { at: now(), answer: probe() };
    return last.answer;
  };
  return [
    {
      path: '/health/live',
      isProbe: true,
      methods: READ_ONLY,
      handle: (exchange) => exchange.answerJson(200, { status: 'live' }),
    },
    {
      path: '/health/ready',
      isProbe: true,
      methods: READ_ONLY,
      async handle(exchange) {
        if (isDraining()) return exchange.answerJson(503, { status: 'draining' }, RETRY_WHILE_DRAINING);
        const redis = isRedisUp && { redis: isRedisUp() ? 'available' : 'unavailable' };
        if ((await upstreamAnswers()) && !isUpstreamDown()) {
          const version = await versionFor(exchange);
          return exchange.answerJson(200, { status: 'ready', waldur: { ...waldur, version }, ...redis });
        }
        const reason = 'Waldur is not available.';
        exchange.answerJson(503, { status: 'not ready', reason, waldur, ...redis }, RETRY_WHEN_PROBED);
      },
    },
  ];
}

/** `GET /metrics`, for Prometheus. It contains no secrets. A proxy should not expose it nevertheless. */
export const metricsRoute = (metrics: Metrics): Route => ({
  path: '/metrics',
  isProbe: true,
  methods: READ_ONLY,
  async handle(exchange) {
    const body = await metrics.text();
    exchange.answer({ status: 200, headers: { 'content-type': metrics.contentType }, body });
  },
});

/** `GET /schema.graphql`: the SDL with its costs, one document for tools that read a file instead of an introspection result. */
export const schemaRoute = (sdl: string): Route => ({
  path: '/schema.graphql',
  methods: READ_ONLY,
  handle: (exchange) =>
    exchange.answer({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: sdl }),
});
