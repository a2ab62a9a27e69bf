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

/** Callers whose requests are remembered. One that is forgotten may ask at once again, so this only bounds the memory. */
const MOST_CALLERS = 10_000;

/** What one caller may do, over all transports together. Callers are told apart by their key. */
export class Quotas {
  readonly #options: QuotaOptions;
  /** When the allowance of a caller will be whole again, by `now`; the caller asked last stands last. */
  readonly #wholeAt = new Map<string, number>();
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
    const wholeAt = Math.max(this.#wholeAt.get(key) ?? 0, now) + costMs;
    const waitMs = wholeAt - now - 1000;
    // Half a request is what the sums may be off by.
    if (waitMs > costMs / 2) {
      metrics.refused('requestsPerSecond');
      return new GatewayError(
        'RATE_LIMITED',
        `At most ${requestsPerSecond} requests a second are accepted from one caller.`,
        { retryAfterSeconds: Math.ceil(waitMs / 1000) },
      );
    }
    this.#wholeAt.delete(key);
    this.#wholeAt.set(key, wholeAt);
    if (this.#wholeAt.size > MOST_CALLERS) this.#forget(now);
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

  /** Callers whose allowance is whole, and the one that asked longest ago. */
  #forget(now: number): void {
    for (const [key, wholeAt] of this.#wholeAt) {
      if (this.#wholeAt.size <= MOST_CALLERS && wholeAt > now) return;
      this.#wholeAt.delete(key);
    }
  }
}
