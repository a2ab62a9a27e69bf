import type { Cancel, Failure, Random } from './types.ts';

export interface FailureLimits {
  readonly backoffMs: { readonly least: number; readonly most: number };
  readonly retryAfterMostMs: number;
  readonly staleAfter: number;
}

/**
 * Counts consecutive failed polls and chooses the pause after them: the upstream's Retry-After where it sent one, else exponential
 * backoff with full jitter, so that the polls of many informers do not return together.
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

  /** What subscribers received may be out of date, until a whole relist has succeeded. */
  get stale(): boolean {
    return this.#stale;
  }

  /** @returns the pause in ms, and whether this failure made the informer stale. */
  failed(failure: Failure): { readonly waitMs: number; readonly turnedStale: boolean } {
    this.#inRow += 1;
    const turnedStale = !this.#stale && this.#inRow >= this.#limits.staleAfter;
    this.#stale ||= turnedStale;
    return {
      waitMs: failure.kind === 'rate-limited' ? this.#retryAfter(failure.retryAfterMs) : this.#backoff(),
      turnedStale,
    };
  }

  succeeded(): void {
    this.#inRow = 0;
  }

  /** A whole relist succeeded. @returns true when the informer was stale. */
  recovered(): boolean {
    const was = this.#stale;
    this.#stale = false;
    return was;
  }

  #retryAfter(retryAfterMs: number): number {
    // NaN and negative values become the shortest pause.
    const requested = retryAfterMs > 0 ? retryAfterMs : 0;
    return Math.min(Math.max(requested, this.#limits.backoffMs.least), this.#limits.retryAfterMostMs);
  }

  #backoff(): number {
    const { least, most } = this.#limits.backoffMs;
    const ceiling = Math.min(most, least * 2 ** Math.min(this.#inRow, 20));
    return least + this.#random() * (ceiling - least);
  }
}

/** So many failed polls in a row, of all informers together, are an outage. */
const OUTAGE_FAILURES = 2;

/**
 * The end of an outage, shared by all informers. Each of them waits longer with each failure; the first success of any of them, or of a
 * query, ends the wait of all.
 */
export class Recovery {
  readonly #waiting = new Set<() => void>();
  #failuresInRow = 0;

  /** A poll failed because the upstream was unavailable. @param resume ends the wait after it. */
  failed(resume: () => void): Cancel {
    this.#failuresInRow += 1;
    this.#waiting.add(resume);
    return () => {
      this.#waiting.delete(resume);
    };
  }

  /** A poll succeeded. After a single failure nobody is resumed: only that poll had a problem. */
  succeeded(): void {
    const wasOutage = this.#failuresInRow >= OUTAGE_FAILURES;
    this.#failuresInRow = 0;
    if (wasOutage) this.over();
  }

  /** The upstream is available again. */
  over(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}
