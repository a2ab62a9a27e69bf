import type { Urgency } from './tuning.ts';
import type { Cancel, Clock } from './types.ts';

export interface FreshnessOptions {
  readonly clock: Clock;
  /** Longest time from a change to its event; see docs/live.md. */
  readonly promiseMs: Readonly<Record<Urgency, number>>;
  /** Called once when the scope is later than promised. */
  readonly onLate: () => void;
}

/** Shortest pause before an earlier poll, as a share of the promise: a slow upstream must not be polled without a pause. */
const LEAST_PAUSE = 0.4;

/**
 * Compares the age of what subscribers know with the promise of docs/live.md. A change of the upstream is missed at most since the last read
 * of the scope began, so its age is counted from there.
 */
export class Freshness {
  readonly #options: FreshnessOptions;
  #readAt = Number.NEGATIVE_INFINITY;
  #deadline = Number.POSITIVE_INFINITY;
  /** When the next read has to begin so that it ends before the deadline. */
  #pollBy = Number.POSITIVE_INFINITY;
  #isLate = false;
  #cancel: Cancel | null = null;

  constructor(options: FreshnessOptions) {
    this.#options = options;
  }

  get isLate(): boolean {
    return this.#isLate;
  }

  get pollBy(): number {
    return this.#pollBy;
  }

  /**
   * The scope has been read.
   * @param begunAt when the read began.
   * @returns whether it was late before and is not any more.
   */
  read(begunAt: number, urgency: Urgency): boolean {
    if (begunAt <= this.#readAt) return false;
    const { clock, promiseMs } = this.#options;
    const now = clock.now();
    const promise = promiseMs[urgency];
    const wasLate = this.#isLate;
    this.#readAt = begunAt;
    // While it is late at the usual pace, more polls would make it later.
    const early = Math.max(begunAt + promise - 1.25 * (now - begunAt), now + LEAST_PAUSE * promise);
    this.#pollBy = wasLate ? Number.POSITIVE_INFINITY : early;
    this.#setDeadline(begunAt + promise);
    return wasLate && !this.#isLate;
  }

  /** The scope has this urgency now, so the next read is expected within its promise. */
  expect(urgency: Urgency): void {
    if (this.#readAt === Number.NEGATIVE_INFINITY || this.#isLate) return;
    const deadline = this.#options.clock.now() + this.#options.promiseMs[urgency];
    if (deadline < this.#deadline) this.#setDeadline(deadline);
  }

  /** An earlier poll was requested; it is not requested again before the next read. */
  polled(): void {
    this.#pollBy = Number.POSITIVE_INFINITY;
  }

  /** Polling stops. Nothing is expected before the next read. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#readAt = Number.NEGATIVE_INFINITY;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#pollBy = Number.POSITIVE_INFINITY;
    this.#isLate = false;
  }

  #setDeadline(deadline: number): void {
    this.#deadline = deadline;
    this.#cancel?.();
    this.#cancel = null;
    const { clock } = this.#options;
    const ms = deadline - clock.now();
    if (ms <= 0) {
      this.#late();
      return;
    }
    this.#isLate = false;
    this.#cancel = clock.setTimer(ms, () => this.#late());
  }

  #late(): void {
    if (this.#isLate) return;
    this.#isLate = true;
    this.#options.onLate();
  }
}
