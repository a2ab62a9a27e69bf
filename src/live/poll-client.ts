import type { PollBudget } from './budget.ts';
import type { LogicalClock, ReadStamp } from './store.ts';
import type { Tuning, Urgency } from './tuning.ts';
import { type Clock, FetchError, type Random } from './types.ts';

export interface CallCounts {
  pages: number;
  states: number;
  gets: number;
}

/** Shared by the pollers of all informers. */
export interface PollerTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly logicalNow: LogicalClock;
  readonly tuning: Tuning;
  readonly budget: PollBudget;
  /** True while a request of the caller itself is in flight upstream: polls let it go first, up to a limit. */
  readonly isBusy: (callerKey: string) => boolean;
  readonly counts: CallCounts;
  /** Receives exceptions other than `FetchError`: a defect; polling continues as if the upstream were unavailable. */
  readonly onUnexpected: (error: unknown) => void;
}

/** Makes the calls of one poller: waits for the budget, limits the time of each call, and stamps its start and end. */
export class PollClient {
  readonly #callerKey: string;
  readonly #tools: PollerTools;
  #answeredAt: number;

  constructor(callerKey: string, tools: PollerTools) {
    this.#callerKey = callerKey;
    this.#tools = tools;
    this.#answeredAt = tools.clock.wallNow();
  }

  /** System time of the last successful response; before the first, of the start. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /**
   * Waits until a poll may start. It yields to the caller's own requests, because Waldur serves the requests of one user one after
   * another (contract 2.0), but only for a while: a caller that queries without a pause still gets events.
   * @returns a function that releases the place; null when the signal aborted.
   */
  async turn(urgency: Urgency, signal: AbortSignal): Promise<(() => void) | null> {
    const { clock, tuning, isBusy, budget } = this.#tools;
    const patience = clock.now() + tuning.asideMostMs[urgency];
    while (!signal.aborted && clock.now() < patience && isBusy(this.#callerKey)) {
      await new Promise<void>((resolve) => {
        clock.setTimer(tuning.asideStepMs, resolve);
      });
    }
    return budget.enter(this.#callerKey, urgency, signal);
  }

  /**
   * @throws whatever `call` throws; FetchError `unavailable` when it did not end in time or `signal` aborted.
   */
  async ask<T>(
    kind: keyof CallCounts,
    plan: Pick<ReadStamp, 'fields' | 'version'>,
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly answer: T; readonly stamp: ReadStamp }> {
    const { clock, logicalNow, tuning, counts } = this.#tools;
    counts[kind] += 1;
    const begun = logicalNow();
    const own = new AbortController();
    const abort = (): void => own.abort();
    const cancel = clock.setTimer(tuning.callTimeoutMs, abort);
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) abort();
      const answer = await Promise.race([call(own.signal), rejectOnAbort(own.signal)]);
      this.#answeredAt = clock.wallNow();
      const stamp = { begun, answered: logicalNow(), at: this.#answeredAt, fields: plan.fields, version: plan.version };
      return { answer, stamp };
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }
}

/** Keeps a call that ignores its signal from blocking the poller. */
const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => reject(new FetchError({ kind: 'unavailable' }));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
