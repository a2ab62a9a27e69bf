import { SlidingWindow } from './sliding-window.ts';

export interface BreakerOptions {
  /** Measures durations; see `Time`. */
  readonly now: () => number;
  /** Length of the window in which calls count, in ms. */
  readonly windowMs?: number;
  /** Minimum number of calls in the window before it may open. */
  readonly minCalls?: number;
  /** Share of failures, 0 to 1, at which it opens. */
  readonly failureShare?: number;
  /** How long it stays open, in ms; then one probe at a time is sent. */
  readonly openMs?: number;
}

/** Permission to send one call, to be returned with its result. */
export type Permit = 'normal' | 'probe';

/**
 * A circuit breaker. While the upstream is down no calls are sent: it can recover, and clients get an error at once instead of a
 * timeout. It opens late on purpose, because failures of one caller must not block all others.
 */
export class Breaker {
  readonly #now: () => number;
  readonly #window: SlidingWindow;
  readonly #minCalls: number;
  readonly #failureShare: number;
  readonly #openMs: number;
  /** undefined: closed. */
  #openUntil: number | undefined;
  #probing = false;

  constructor({ now, windowMs = 10_000, minCalls = 20, failureShare = 0.5, openMs = 2_000 }: BreakerOptions) {
    this.#now = now;
    this.#window = new SlidingWindow(windowMs, now);
    this.#minCalls = minCalls;
    this.#failureShare = failureShare;
    this.#openMs = openMs;
  }

  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** A permit for one call; undefined when it must not be sent. */
  permit(): Permit | undefined {
    if (this.#openUntil === undefined) return 'normal';
    if (this.#probing || this.#now() < this.#openUntil) return undefined;
    this.#probing = true;
    return 'probe';
  }

  /** @param ok whether the upstream responded; undefined when the call was aborted. */
  record(permit: Permit, ok: boolean | undefined): void {
    if (permit === 'probe') {
      this.#probing = false;
      if (ok === true) {
        this.#openUntil = undefined;
        this.#window.clear();
      } else if (ok === false) {
        this.#openUntil = this.#now() + this.#openMs;
      }
      return;
    }
    // Calls sent before it opened carry no news.
    if (ok === undefined || this.#openUntil !== undefined) return;
    this.#window.add();
    if (ok) return;
    this.#window.mark();
    const calls = this.#window.all;
    if (calls >= this.#minCalls && this.#window.marked >= calls * this.#failureShare) {
      this.#openUntil = this.#now() + this.#openMs;
    }
  }
}
