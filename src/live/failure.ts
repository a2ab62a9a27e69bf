import type { Failure, Random } from './types.ts';

export interface FailureLimits {
  readonly backoffMs: { readonly least: number; readonly most: number };
  readonly retryAfterMostMs: number;
  readonly staleAfter: number;
}

/**
 * Counts failed polls in a row and says how long to stay away: what the upstream asks for when it says so, otherwise a full-jitter
 * backoff, so that the polls of many cohorts do not return together.
 */
export class Failures {
  readonly #limits: FailureLimits;
  readonly #random: Random;
  #inRow = 0;
  #stale = false;

  constructor(limits: FailureLimits, random: Random) {
    this.#limits = limits;
    this.#random = random;
  }

  /** What was sent to readers may be out of date, until a whole sweep has succeeded. */
  get stale(): boolean {
    return this.#stale;
  }

  /** @returns how long to stay away in ms, and whether this failure made the stream stale. */
  failed(failure: Failure): { readonly waitMs: number; readonly turnedStale: boolean } {
    this.#inRow += 1;
    const turnedStale = !this.#stale && this.#inRow >= this.#limits.staleAfter;
    this.#stale ||= turnedStale;
    return {
      waitMs: failure.kind === 'rate-limited' ? this.#asAsked(failure.retryAfterMs) : this.#backoff(),
      turnedStale,
    };
  }

  succeeded(): void {
    this.#inRow = 0;
  }

  /** A whole sweep succeeded. @returns true when that ended a stale time. */
  recovered(): boolean {
    const was = this.#stale;
    this.#stale = false;
    return was;
  }

  #asAsked(retryAfterMs: number): number {
    // Written so that an absurd value (NaN, negative) becomes the least pause.
    const asked = retryAfterMs > 0 ? retryAfterMs : 0;
    return Math.min(Math.max(asked, this.#limits.backoffMs.least), this.#limits.retryAfterMostMs);
  }

  #backoff(): number {
    const { least, most } = this.#limits.backoffMs;
    const ceiling = Math.min(most, least * 2 ** Math.min(this.#inRow, 20));
    return least + this.#random() * (ceiling - least);
  }
}
