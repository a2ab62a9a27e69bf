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
  /** Timeouts of one caller that count in the window. */
  readonly callerTimeouts?: number;
  /** How long it stays open, in ms; then one probe at a time is sent. */
  readonly openMs?: number;
}

/** Permission to send one call, to be returned with its result. */
export type Permit = 'normal' | 'probe';

/** `half-open`: one probe may be sent, or is in flight. */
export type BreakerState = 'closed' | 'half-open' | 'open';

/**
 * What a call showed. `up`: the upstream responded; `down`: it did not, or said that it is unavailable; `slow`: no response in time;
 * `unknown`: the call was aborted.
 */
export type CallResult = 'up' | 'down' | 'slow' | 'unknown';

/**
 * A circuit breaker. While the upstream is down no calls are sent: it can recover, and clients get an error at once instead of a
 * timeout. It opens late on purpose, because failures of one caller must not block all others. For the same reason only a few
 * timeouts of each caller count: the requests of one caller wait for each other upstream (contract 2.0), so a slow list makes all of
 * them late while the upstream works. Timeouts alone open it only when many callers have them.
 */
export class Breaker {
  readonly #now: () => number;
  readonly #window: SlidingWindow;
  readonly #timeouts: CallerTimeouts;
  readonly #minCalls: number;
  readonly #failureShare: number;
  readonly #openMs: number;
  /** undefined: closed. */
  #openUntil: number | undefined;
  #probing = false;

  constructor(options: BreakerOptions) {
    const { now, windowMs = 10_000, minCalls = 20, failureShare = 0.5, callerTimeouts = 2, openMs = 2_000 } = options;
    this.#now = now;
    this.#window = new SlidingWindow(windowMs, now);
    this.#timeouts = new CallerTimeouts(now, windowMs, callerTimeouts);
    this.#minCalls = minCalls;
    this.#failureShare = failureShare;
    this.#openMs = openMs;
  }

  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  get state(): BreakerState {
    if (this.#openUntil === undefined) return 'closed';
    return this.#probing || this.#now() >= this.#openUntil ? 'half-open' : 'open';
  }

  /** A permit for one call; undefined when it must not be sent. */
  permit(): Permit | undefined {
    if (this.#openUntil === undefined) return 'normal';
    if (this.#probing || this.#now() < this.#openUntil) return undefined;
    this.#probing = true;
    return 'probe';
  }

  /** Counts a call and returns its permit. */
  record(permit: Permit, result: CallResult, callerKey: string): void {
    if (permit === 'probe') this.#probed(result);
    // Calls sent before it opened do not count.
    else if (this.#openUntil === undefined) this.#count(result, callerKey);
  }

  #probed(result: CallResult): void {
    this.#probing = false;
    if (result === 'up') {
      this.#openUntil = undefined;
      this.#window.clear();
      this.#timeouts.clear();
    } else if (result !== 'unknown') {
      this.#openUntil = this.#now() + this.#openMs;
    }
  }

  #count(result: CallResult, callerKey: string): void {
    if (result === 'unknown' || (result === 'slow' && !this.#timeouts.add(callerKey))) return;
    this.#window.add();
    if (result === 'up') return;
    this.#window.mark();
    const calls = this.#window.all;
    if (calls >= this.#minCalls && this.#window.marked >= calls * this.#failureShare) {
      this.#openUntil = this.#now() + this.#openMs;
    }
  }
}

/** Limits how many timeouts of each caller count within a window. Callers without recent timeouts take no memory. */
class CallerTimeouts {
  readonly #now: () => number;
  readonly #windowMs: number;
  readonly #most: number;
  /** Times of the counted timeouts of each caller; callers in the order of their last one. */
  readonly #counted = new Map<string, number[]>();

  constructor(now: () => number, windowMs: number, most: number) {
    this.#now = now;
    this.#windowMs = windowMs;
    this.#most = most;
  }

  /** @returns false when the caller has as many already. */
  add(callerKey: string): boolean {
    const since = this.#now() - this.#windowMs;
    const recent = (this.#counted.get(callerKey) ?? []).filter((at) => at > since);
    if (recent.length >= this.#most) return false;
    this.#counted.delete(callerKey);
    this.#counted.set(callerKey, [...recent, this.#now()]);
    for (const [key, times] of this.#counted) {
      if ((times.at(-1) ?? since) > since) break;
      this.#counted.delete(key);
    }
    return true;
  }

  clear(): void {
    this.#counted.clear();
  }
}
