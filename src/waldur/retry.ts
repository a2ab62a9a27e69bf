import type { CallResult } from './breaker.ts';
import type { Outcome } from './exchange.ts';
import { SlidingWindow } from './sliding-window.ts';

/** Responses of a proxy whose server is unavailable. */
export const isOutageStatus = (status: number): boolean => status === 502 || status === 503 || status === 504;

/** Failures that may be over a moment later, so that a GET is retried. A timeout is not retried: it has cost enough. */
export function isTransient(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'unreachable':
    case 'reset':
    case 'truncated':
      return true;
    case 'answer':
      return isOutageStatus(outcome.status);
    case 'timeout':
    case 'aborted':
    case 'overloaded':
    case 'unusable':
      return false;
  }
}

/** A proxy did not get the response in time, which means the same as our own timeout. */
export const GATEWAY_TIMEOUT = 504;

/** What the outcome shows of the upstream, for the breaker. */
export function resultOf(outcome: Outcome): CallResult {
  switch (outcome.kind) {
    case 'unreachable':
    case 'reset':
      return 'down';
    case 'timeout':
      // Without a connection it is not the request that is slow.
      return outcome.sent ? 'slow' : 'down';
    case 'answer':
      if (outcome.status === GATEWAY_TIMEOUT) return 'slow';
      return isOutageStatus(outcome.status) ? 'down' : 'up';
    case 'truncated':
    case 'overloaded':
    case 'unusable':
      return 'up';
    case 'aborted':
      return 'unknown';
  }
}

export interface RetryBudgetOptions {
  readonly now: () => number;
  /** Maximum retries as a share of calls. */
  readonly share?: number;
  /** Retries in the window that are always allowed, so that a single request can be retried. */
  readonly floor?: number;
  readonly windowMs?: number;
}

/** Limits retries to a share of the calls: in an outage they would double the load at the worst moment. */
export class RetryBudget {
  readonly #window: SlidingWindow;
  readonly #share: number;
  readonly #floor: number;

  constructor({ now, share = 0.1, floor = 10, windowMs = 10_000 }: RetryBudgetOptions) {
    this.#window = new SlidingWindow(windowMs, now);
    this.#share = share;
    this.#floor = floor;
  }

  /** Counts a first attempt. */
  recordCall(): void {
    this.#window.add();
  }

  /** Takes one retry; false when there is none left. */
  take(): boolean {
    if (this.#window.marked + 1 > Math.max(this.#floor, this.#window.all * this.#share)) return false;
    this.#window.mark();
    return true;
  }
}
