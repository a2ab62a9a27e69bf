import type { WorldClock } from './model.ts';

/** A scheduled call; `cancel` does nothing once it has run. */
export interface Timer {
  cancel(): void;
}

export interface ClockOptions {
  /** World time at the start, in milliseconds since the epoch. The default is the current time. */
  start?: number;
  /** Factor by which world time is faster than real time. The default is 1. */
  scale?: number;
  /** World time changes only through `advance`. */
  frozen?: boolean;
}

interface Entry {
  at: number;
  run: () => void;
}

/** setTimeout treats a longer delay as 1 ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Monotonic, so that changes of the system time do not affect the world. */
const realNow = (): number => performance.now();

/**
 * The clock of the embedded world. World time is real time multiplied by a factor, or frozen; `advance` works in both cases. Timers
 * run in the order of their world time, then in the order in which they were set, and `now()` is exactly the time of the timer.
 * A run with `advance` and a run in real time therefore do the same in the same order.
 */
export class Clock implements WorldClock {
  #timers: Entry[] = [];
  #worldBase: number;
  #realBase = realNow();
  #scale: number;
  #frozen: boolean;
  /** The time of the running timer. */
  #held: number | undefined;
  /** The latest time that `now()` has returned. A timer that runs late must not move the time back. */
  #latest = 0;
  #armed: NodeJS.Timeout | undefined;

  constructor({ start = Date.now(), scale = 1, frozen = false }: ClockOptions = {}) {
    this.#worldBase = start;
    this.#scale = positive(scale);
    this.#frozen = frozen;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  get scale(): number {
    return this.#scale;
  }

  /** World time in integer milliseconds since the epoch. It never decreases. */
  now(): number {
    this.#latest = Math.max(this.#latest, Math.floor(this.#held ?? this.#present()));
    return this.#latest;
  }

  /** Runs `run` when world time reaches `at`. If `at` is past, it runs in the next turn. While frozen, it does not run. */
  at(at: number, run: () => void): Timer {
    const entry = { at, run };
    this.#timers.splice(this.#placeFor(at), 0, entry);
    this.#arm();
    return { cancel: () => this.#remove(entry) };
  }

  /** Runs `run` after `ms` of world time. */
  after(ms: number, run: () => void): Timer {
    return this.at(this.now() + ms, run);
  }

  /**
   * Advances world time and runs all timers that become due, including those that are set meanwhile.
   * @throws RangeError if `ms` is negative or infinite.
   */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`the clock cannot advance by ${ms} ms`);
    const target = this.now() + ms;
    this.#runUntil(target);
    if (target > this.#present()) this.#rebase(target);
    this.#arm();
  }

  /** Advances world time to the next timer and runs it. Returns false if there is none. */
  runNext(): boolean {
    const next = this.#timers.shift();
    if (next === undefined) return false;
    if (next.at > this.#present()) this.#rebase(next.at);
    this.#run(next);
    this.#arm();
    return true;
  }

  /** Changes the pace. World time continues from its current value. @throws RangeError if `scale` is not positive. */
  set({ frozen, scale }: { frozen?: boolean; scale?: number }): void {
    this.#rebase(this.now());
    if (scale !== undefined) this.#scale = positive(scale);
    if (frozen !== undefined) this.#frozen = frozen;
    this.#arm();
  }

  /** Removes all timers. The clock continues. */
  clear(): void {
    this.#timers = [];
    this.#arm();
  }

  #present(): number {
    return this.#frozen ? this.#worldBase : this.#worldBase + (realNow() - this.#realBase) * this.#scale;
  }

  #rebase(world: number): void {
    this.#worldBase = world;
    this.#realBase = realNow();
  }

  #placeFor(at: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle]?.at ?? at) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #remove(entry: Entry): void {
    const place = this.#timers.indexOf(entry);
    if (place >= 0) this.#timers.splice(place, 1);
    if (place === 0) this.#arm();
  }

  #runUntil(target: number): void {
    for (let next = this.#timers[0]; next !== undefined && next.at <= target; next = this.#timers[0]) {
      this.#timers.shift();
      this.#run(next);
    }
  }

  #run(entry: Entry): void {
    const outer = this.#held;
    this.#held = Math.max(entry.at, this.#latest);
    try {
      entry.run();
    } finally {
      this.#held = outer;
    }
  }

  /** Sets one real timer for the next entry. It does not keep the process alive after the server has closed. */
  #arm(): void {
    clearTimeout(this.#armed);
    this.#armed = undefined;
    const next = this.#timers[0];
    if (next === undefined || this.#frozen) return;
    const delay = Math.ceil((next.at - this.#present()) / this.#scale);
    this.#armed = setTimeout(
      () => {
        this.#runUntil(this.#present());
        this.#arm();
      },
      Math.min(Math.max(delay, 0), LONGEST_TIMEOUT_MS),
    ).unref();
  }
}

function positive(scale: number): number {
  if (!Number.isFinite(scale) || scale <= 0) throw new RangeError(`the scale must be a number above 0, got ${scale}`);
  return scale;
}
