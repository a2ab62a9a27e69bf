import { GatewayError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';

export interface QuotaOptions {
  /** Requests a second for one caller, as many at once; 0: any number. */
  readonly requestsPerSecond: number;
  /** Subscriptions that one caller may run at the same time, on all its connections together. */
  readonly subscriptions: number;
  readonly metrics: Metrics;
  /** Measures durations; see `Time`. */
  readonly now: () => number;
}

/** Callers whose requests are counted. One that is dropped gets a full allowance, so this only bounds the memory. */
const MOST_CALLERS = 10_000;

/** What one caller may do, over all transports together. Callers are told apart by their key. */
export class Quotas {
  readonly #options: QuotaOptions;
  /** When the allowance of a caller will be full again, by `now`. In the order of their latest requests. */
  readonly #fullAt = new Map<string, number>();
  readonly #subscriptions = new Map<string, number>();

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  /** Takes one request from the caller's allowance. @returns the refusal when nothing is left. */
  request(key: string): GatewayError | undefined {
    const { requestsPerSecond, metrics } = this.#options;
    if (requestsPerSecond === 0) return undefined;
    const now = this.#options.now();
    const costMs = 1000 / requestsPerSecond;
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, now) + costMs;
    const waitMs = fullAt - now - 1000;
    // Tolerance for rounding: half a request.
    if (waitMs > costMs / 2) {
      metrics.refused('requestsPerSecond');
      return new GatewayError(
        'RATE_LIMITED',
        `At most ${requestsPerSecond} requests a second are accepted from one caller.`,
        { retryAfterSeconds: Math.ceil(waitMs / 1000) },
      );
    }
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
    if (this.#fullAt.size > MOST_CALLERS) this.#forget(now);
    return undefined;
  }

  /** Takes a place for a subscription; `leave` must follow. @returns the refusal when none is free. */
  enter(key: string): GatewayError | undefined {
    const running = this.#subscriptions.get(key) ?? 0;
    const { subscriptions, metrics } = this.#options;
    if (running >= subscriptions) {
      metrics.refused('callerSubscriptions');
      return new GatewayError(
        'RATE_LIMITED',
        `At most ${subscriptions} subscriptions of one caller may run at the same time. End others first.`,
      );
    }
    this.#subscriptions.set(key, running + 1);
    return undefined;
  }

  leave(key: string): void {
    const left = (this.#subscriptions.get(key) ?? 1) - 1;
    if (left === 0) this.#subscriptions.delete(key);
    else this.#subscriptions.set(key, left);
  }

  /** Drops callers whose allowance is full; past the bound, the one whose latest request is oldest. */
  #forget(now: number): void {
    for (const [key, fullAt] of this.#fullAt) {
      if (this.#fullAt.size <= MOST_CALLERS && fullAt > now) return;
      this.#fullAt.delete(key);
    }
  }
}
