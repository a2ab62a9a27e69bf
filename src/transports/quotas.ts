import { GatewayError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';

export interface QuotaOptions {
  /** Requests per second of one caller. The same number may arrive at once. 0: no limit. */
  readonly requestsPerSecond: number;
  /** Maximum concurrent subscriptions of one caller, over all its connections. */
  readonly subscriptions: number;
  readonly metrics: Metrics;
  /** Measures durations; see `Time`. */
  readonly now: () => number;
}

/** Callers whose requests are counted. It bounds the memory: a caller that is dropped gets a full allowance. */
const MOST_CALLERS = 10_000;

/** Limits of each caller, over all transports. Callers are identified by their key. */
export class Quotas {
  readonly #options: QuotaOptions;
  /** The time at which the allowance of a caller is full again. In the order of their latest requests. */
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
      return new GatewayError('RATE_LIMITED', `A caller may send at most ${requestsPerSecond} requests per second.`, {
        retryAfterSeconds: Math.ceil(waitMs / 1000),
      });
    }
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
    if (this.#fullAt.size > MOST_CALLERS) this.#forget(now);
    return undefined;
  }

  /** Counts a subscription that starts; `leave` must follow. @returns the refusal when there are too many. */
  enter(key: string): GatewayError | undefined {
    const running = this.#subscriptions.get(key) ?? 0;
    const { subscriptions, metrics } = this.#options;
    if (running >= subscriptions) {
      metrics.refused('callerSubscriptions');
      return new GatewayError(
        'RATE_LIMITED',
        `A caller may have at most ${subscriptions} concurrent subscriptions. End others first.`,
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

  /** Drops callers whose allowance is full, and above the bound the one whose latest request is oldest. */
  #forget(now: number): void {
    for (const [key, fullAt] of this.#fullAt) {
      if (this.#fullAt.size <= MOST_CALLERS && fullAt > now) return;
      this.#fullAt.delete(key);
    }
  }
}
