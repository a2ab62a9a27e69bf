import type { PollBudget, Priority } from './budget.ts';
import type { Recovery } from './failure.ts';
import type { PollLimit, PollSample } from './poll-limit.ts';
import type { LogicalClock, ReadStamp } from './store.ts';
import type { Tuning } from './tuning.ts';
import { type Clock, FetchError, type Random } from './types.ts';

export interface CallCounts {
  pages: number;
  states: number;
  gets: number;
  /** Reads of the event log, and of what decides which logs are read. */
  events: number;
}

/** Shared by the pollers of all informers. */
export interface PollerTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly logicalNow: LogicalClock;
  readonly tuning: Tuning;
  readonly budget: PollBudget;
  readonly limit: PollLimit;
  readonly recovery: Recovery;
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
  async turn(priority: Priority, signal: AbortSignal): Promise<(() => void) | null> {
    const { clock, tuning, budget } = this.#tools;
    const patience = clock.now() + tuning.asideMostMs[priority === 'watcher' ? 'hot' : priority];
    while (!signal.aborted && clock.now() < patience && this.#isBusy()) {
      await new Promise<void>((resolve) => {
        clock.setTimer(tuning.asideStepMs, resolve);
      });
    }
    return budget.enter(this.#callerKey, priority, signal);
  }

  /**
   * Makes one call and measures its duration.
   * @param rowsOf the rows of the response, on which its duration depends.
   * @throws whatever `call` throws; FetchError `unavailable` when it did not end in time or `signal` aborted.
   */
  async ask<T>(
    kind: keyof CallCounts,
    plan: Pick<ReadStamp, 'fields' | 'version'>,
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
    rowsOf: (answer: T) => number = () => 1,
  ): Promise<{ readonly answer: T; readonly stamp: ReadStamp }> {
    const { clock, logicalNow, tuning, counts, limit, budget, recovery } = this.#tools;
    counts[kind] += 1;
    const begun = logicalNow();
    const begunAt = clock.now();
    const isBusy = this.#isBusy();
    const sampleOf = (rows: number): PollSample => ({
      work: `${kind}|${plan.fields.join()}|${sizeClass(rows)}`,
      begunAt,
      ms: clock.now() - begunAt,
    });
    const own = new AbortController();
    const abort = (): void => own.abort();
    const cancel = clock.setTimer(tuning.callTimeoutMs, abort);
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) abort();
      const answer = await Promise.race([call(own.signal), rejectOnAbort(own.signal)]);
      // The caller's own queries hold up its polls, which says nothing about the load of the upstream.
      if (!isBusy && !this.#isBusy()) limit.succeeded(sampleOf(rowsOf(answer)), budget.waiting > 0);
      recovery.succeeded();
      this.#answeredAt = clock.wallNow();
      const stamp = { begun, answered: logicalNow(), at: this.#answeredAt, fields: plan.fields, version: plan.version };
      return { answer, stamp };
    } catch (error) {
      if (!signal.aborted && !isBusy) limit.failed(begunAt);
      throw error;
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  #isBusy(): boolean {
    return this.#tools.isBusy(this.#callerKey);
  }
}

/** Numbers of rows of one class differ by at most a quarter. */
const sizeClass = (rows: number): number => (rows === 0 ? -1 : Math.round(Math.log(rows) / Math.log(1.25)));

/** Keeps a call that ignores its signal from blocking the poller. */
const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => reject(new FetchError({ kind: 'unavailable' }));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
