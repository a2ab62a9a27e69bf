import type { Tuning, Urgency } from './tuning.ts';
import type { Cancel, Clock } from './types.ts';

export type BudgetLimits = Pick<
  Tuning,
  | 'callsPerSecond'
  | 'callsBurst'
  | 'callsInFlight'
  | 'callerCallsPerSecond'
  | 'callerCallsBurst'
  | 'callerCallsInFlight'
  | 'starvedMs'
  | 'asideStepMs'
>;

/** How many polls may be in flight now. The number may change at any time. */
export type AllowedPolls = () => number;

/** The watcher spares the polls of all callers, so it goes first. */
export type Priority = 'watcher' | Urgency;

const RANK: Readonly<Record<Priority, number>> = { watcher: 0, hot: 1, warm: 2, idle: 3 };

/** From this many callers on, idle ones are dropped; the token bucket of an idle caller equals a new one. */
const REMEMBERED_CALLERS = 1_000;

/** A token bucket with a limit on calls in flight. */
class Allowance {
  inFlight = 0;
  pausedUntil = 0;
  #level: number;
  #at: number;
  readonly #perMs: number;
  readonly #most: number;
  readonly #mostInFlight: AllowedPolls;

  constructor(perSecond: number, burst: number, mostInFlight: AllowedPolls, now: number) {
    this.#perMs = perSecond / 1_000;
    this.#most = burst;
    this.#mostInFlight = mostInFlight;
    this.#level = burst;
    this.#at = now;
  }

  /** When the next call may start; Infinity while too many are in flight. */
  readyAt(now: number): number {
    this.#refill(now);
    if (this.inFlight >= this.#mostInFlight()) return Number.POSITIVE_INFINITY;
    const tokenAt = this.#level >= 1 ? now : now + Math.ceil((1 - this.#level) / this.#perMs);
    return Math.max(tokenAt, this.pausedUntil);
  }

  take(): void {
    this.#level -= 1;
    this.inFlight += 1;
  }

  isRested(now: number): boolean {
    this.#refill(now);
    return this.inFlight === 0 && this.#level >= this.#most && this.pausedUntil <= now;
  }

  #refill(now: number): void {
    this.#level = Math.min(this.#most, this.#level + Math.max(0, now - this.#at) * this.#perMs);
    this.#at = now;
  }
}

interface Waiter {
  readonly callerKey: string;
  readonly rank: number;
  readonly since: number;
  readonly go: (release: () => void) => void;
}

/**
 * Limits the rate and concurrency of polls, in total and for each caller. The total follows the load of the upstream, see `PollLimit`.
 * Under contention urgent polls go first and the intervals of others stretch. Every second place is for polls that have waited for
 * `starvedMs`, the oldest first, so that busy scopes do not starve quiet ones.
 */
export class PollBudget {
  readonly #clock: Clock;
  readonly #limits: BudgetLimits;
  readonly #all: Allowance;
  readonly #callers = new Map<string, Allowance>();
  readonly #waiting = new Set<Waiter>();
  #cancelTimer: Cancel | null = null;
  /** The last place was for a poll that had waited long. */
  #lastWasStarved = false;

  constructor(clock: Clock, limits: BudgetLimits, allowed: AllowedPolls = () => limits.callsInFlight) {
    this.#clock = clock;
    this.#limits = limits;
    this.#all = new Allowance(limits.callsPerSecond, limits.callsBurst, allowed, clock.now());
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get inFlight(): number {
    return this.#all.inFlight;
  }

  /**
   * Waits until a poll may start.
   * @returns a function that releases its place, to be called once; null when the signal aborted first.
   */
  enter(callerKey: string, priority: Priority, signal: AbortSignal): Promise<(() => void) | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#waiting.delete(waiter);
        this.#grant();
        resolve(null);
      };
      const waiter: Waiter = {
        callerKey,
        rank: RANK[priority],
        since: this.#clock.now(),
        go: (release) => {
          signal.removeEventListener('abort', giveUp);
          resolve(release);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiter);
      this.#grant();
    });
  }

  /** Pauses polls of the caller until `until`, as its upstream requested. */
  pause(callerKey: string, until: number): void {
    const caller = this.#caller(callerKey);
    caller.pausedUntil = Math.max(caller.pausedUntil, until);
  }

  #grant(): void {
    const now = this.#clock.now();
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    for (;;) {
      const allAt = this.#all.readyAt(now);
      const { best, soonest } = this.#choose(now);
      if (best !== null && allAt <= now) {
        this.#start(best);
        continue;
      }
      let at = best === null ? Math.max(soonest, allAt) : allAt;
      // With Infinity the next release calls this again. More polls may be allowed earlier: nothing is called when a query ends.
      if (best !== null && at === Number.POSITIVE_INFINITY) at = now + this.#limits.asideStepMs;
      if (this.#waiting.size > 0 && Number.isFinite(at)) {
        this.#cancelTimer = this.#clock.setTimer(at - now, () => this.#grant());
      }
      return;
    }
  }

  /** The waiter that goes next among those whose caller may start a call, and when the first of the other callers may. */
  #choose(now: number): { best: Waiter | null; soonest: number } {
    let urgent: Waiter | null = null;
    let starved: Waiter | null = null;
    let soonest = Number.POSITIVE_INFINITY;
    // In the order in which they came.
    for (const waiter of this.#waiting) {
      const at = this.#caller(waiter.callerKey).readyAt(now);
      if (at > now) {
        soonest = Math.min(soonest, at);
        continue;
      }
      if (urgent === null || waiter.rank < urgent.rank) urgent = waiter;
      if (now - waiter.since >= this.#limits.starvedMs) starved ??= waiter;
    }
    const best = starved !== null && !this.#lastWasStarved ? starved : urgent;
    return { best, soonest };
  }

  #start(waiter: Waiter): void {
    const caller = this.#caller(waiter.callerKey);
    this.#lastWasStarved = !this.#lastWasStarved && this.#clock.now() - waiter.since >= this.#limits.starvedMs;
    this.#waiting.delete(waiter);
    this.#all.take();
    caller.take();
    waiter.go(() => {
      this.#all.inFlight -= 1;
      caller.inFlight -= 1;
      this.#grant();
    });
  }

  #caller(key: string): Allowance {
    const known = this.#callers.get(key);
    if (known) return known;
    const now = this.#clock.now();
    if (this.#callers.size >= REMEMBERED_CALLERS) {
      for (const [other, allowance] of this.#callers) if (allowance.isRested(now)) this.#callers.delete(other);
    }
    const { callerCallsPerSecond, callerCallsBurst, callerCallsInFlight } = this.#limits;
    const made = new Allowance(callerCallsPerSecond, callerCallsBurst, () => callerCallsInFlight, now);
    this.#callers.set(key, made);
    return made;
  }
}
