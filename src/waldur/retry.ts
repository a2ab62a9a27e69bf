import { Tally } from './sliding-window.ts';
import type { Outcome } from './transport.ts';

/** Answers of a proxy whose server is away. */
export const isOutageStatus = (status: number): boolean => status === 502 || status === 503 || status === 504;

/** Failures that may be gone a moment later, so that a GET is worth a second try. A time-out is none: it has cost enough. */
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
    case 'crowded':
    case 'unusable':
      return false;
  }
}

/** Whether the upstream works, as the breaker sees it; undefined: this call does not tell. */
export function isUp(outcome: Outcome): boolean | undefined {
  switch (outcome.kind) {
    case 'unreachable':
    case 'reset':
    case 'timeout':
      return false;
    case 'answer':
      return !isOutageStatus(outcome.status);
    case 'truncated':
    case 'crowded':
    case 'unusable':
      return true;
    case 'aborted':
      return undefined;
  }
}

export interface RetryBudgetOptions {
  readonly now: () => number;
  /** Retries for each call, most. */
  readonly share?: number;
  /** Retries within the window that are there whatever the traffic, so that a lone request has its second try. */
  readonly floor?: number;
  readonly windowMs?: number;
}

/** Bounds retries to a share of the traffic: in an outage they would double the load at the worst moment. */
export class RetryBudget {
  readonly #tally: Tally;
  readonly #share: number;
  readonly #floor: number;

  constructor({ now, share = 0.1, floor = 10, windowMs = 10_000 }: RetryBudgetOptions) {
    this.#tally = new Tally(windowMs, now);
    this.#share = share;
    this.#floor = floor;
  }

  /** A call that is no retry. */
  recordCall(): void {
    this.#tally.add();
  }

  /** Takes one retry; false when there is none left. */
  take(): boolean {
    if (this.#tally.marked + 1 > Math.max(this.#floor, this.#tally.all * this.#share)) return false;
    this.#tally.mark();
    return true;
  }
}
