import type { PollBudget } from './budget.ts';
import type { Look, Order } from './store.ts';
import type { Tuning, Urgency } from './tuning.ts';
import { type Clock, FetchError, type Random } from './types.ts';

export interface CallCounts {
  pages: number;
  states: number;
  gets: number;
}

/** What the pollers of all cohorts share. */
export interface PollerTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly order: Order;
  readonly tuning: Tuning;
  readonly budget: PollBudget;
  /** True while a request of the caller itself is under way upstream: polls let it go first, up to a bound. */
  readonly isBusy: (callerKey: string) => boolean;
  readonly counts: CallCounts;
  /** Hears of exceptions that are no `FetchError`: a defect, polled on as if the upstream were away. */
  readonly onUnexpected: (error: unknown) => void;
}

/** Makes the calls of one poller: waits for its turn, bounds each call in time, and notes when it began and ended. */
export class PollClient {
  readonly #callerKey: string;
  readonly #tools: PollerTools;
  #answeredAt: number;

  constructor(callerKey: string, tools: PollerTools) {
    this.#callerKey = callerKey;
    this.#tools = tools;
    this.#answeredAt = tools.clock.wallNow();
  }

  /** When the last good answer came, by the system's time; before the first, the beginning. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /**
   * Waits until a poll may go. It steps aside for the caller's own requests, because a Waldur answers the requests of one user
   * one after another (contract 2.0), but not for ever: somebody who queries without a pause still gets events.
   * @returns a function that ends the turn; null when the signal aborted.
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
    plan: Pick<Look, 'fields' | 'version'>,
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly answer: T; readonly look: Look }> {
    const { clock, order, tuning, counts } = this.#tools;
    counts[kind] += 1;
    const begun = order();
    const own = new AbortController();
    const abort = (): void => own.abort();
    const cancel = clock.setTimer(tuning.callTimeoutMs, abort);
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) abort();
      const answer = await Promise.race([call(own.signal), rejectOnAbort(own.signal)]);
      this.#answeredAt = clock.wallNow();
      const look = { begun, answered: order(), at: this.#answeredAt, fields: plan.fields, version: plan.version };
      return { answer, look };
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }
}

/** So that a call which ignores its signal cannot hold a poller up. */
const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => reject(new FetchError({ kind: 'unavailable' }));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
