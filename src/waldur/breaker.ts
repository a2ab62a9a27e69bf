import { Tally } from './sliding-window.ts';

export interface BreakerOptions {
  /** Measures durations; see `Time`. */
  readonly now: () => number;
  /** How far back calls count, in ms. */
  readonly windowMs?: number;
  /** Calls below which nothing is concluded from their failures. */
  readonly minCalls?: number;
  /** Share of failures, 0 to 1, from which on it opens. */
  readonly failureShare?: number;
  /** How long nothing is sent after it opened, in ms; then one call at a time tries. */
  readonly openMs?: number;
}

/** Leave to send one call; to be handed back with its result. */
export type Permit = 'normal' | 'probe';

/**
 * Keeps calls away from an upstream that is down: it gets air, and clients an answer at once instead of one time-out each. It
 * opens late on purpose, because one caller's bad luck must not shut everybody out.
 */
export class Breaker {
  readonly #now: () => number;
  readonly #tally: Tally;
  readonly #minCalls: number;
  readonly #failureShare: number;
  readonly #openMs: number;
  /** undefined: closed. */
  #openUntil: number | undefined;
  #probing = false;

  constructor({ now, windowMs = 10_000, minCalls = 20, failureShare = 0.5, openMs = 2_000 }: BreakerOptions) {
    this.#now = now;
    this.#tally = new Tally(windowMs, now);
    this.#minCalls = minCalls;
    this.#failureShare = failureShare;
    this.#openMs = openMs;
  }

  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** Leave for one call; undefined when it must not be sent. */
  permit(): Permit | undefined {
    if (this.#openUntil === undefined) return 'normal';
    if (this.#probing || this.#now() < this.#openUntil) return undefined;
    this.#probing = true;
    return 'probe';
  }

  /** @param ok whether the upstream answered; undefined when the call was given up and says nothing. */
  record(permit: Permit, ok: boolean | undefined): void {
    if (permit === 'probe') {
      this.#probing = false;
      if (ok === true) {
        this.#openUntil = undefined;
        this.#tally.clear();
      } else if (ok === false) {
        this.#openUntil = this.#now() + this.#openMs;
      }
      return;
    }
    // Calls sent before it opened say nothing new.
    if (ok === undefined || this.#openUntil !== undefined) return;
    this.#tally.add();
    if (ok) return;
    this.#tally.mark();
    const calls = this.#tally.all;
    if (calls >= this.#minCalls && this.#tally.marked >= calls * this.#failureShare) {
      this.#openUntil = this.#now() + this.#openMs;
    }
  }
}
