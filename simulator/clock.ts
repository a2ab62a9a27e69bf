import type { WorldClock } from './model.ts';

/** A scheduled call; `cancel` does nothing once it has run. */
export interface Timer {
  cancel(): void;
}

export interface ClockOptions {
  /** World time at the start, in milliseconds since the epoch. The default is the current time. */
  start?: number;
  /** Factor by which waits are shorter than in Waldur. The default is 1. */
  scale?: number;
  /** World time changes only through `advance`. */
  frozen?: boolean;
}

interface Entry {
  /** When it is due, in `progress`. */
  at: number;
  run: () => void;
}

/** setTimeout treats a longer delay as 1 ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Monotonic, so that changes of the system time do not affect the world. */
const realNow = (): number => performance.now();

/**
 * The clock of the embedded world. World time is real time, so that a time stamp is as old as it says. Only the waits of the simulated
 * background work are shorter, by a factor. `advance` moves both by the same time, frozen or not.
 *
 * Timers run in the order of their time, then in the order in which they were set, and `now()` is exactly the time of the timer. A run with
 * `advance` and a run in real time therefore do the same in the same order.
 */
export class Clock implements WorldClock {
  #timers: Entry[] = [];
  /** World time, progress and real time at the last change of the pace. */
  #worldBase: number;
  #progressBase = 0;
  #realBase = realNow();
  #scale: number;
  #frozen: boolean;
  /** World time and progress of the running timer. */
  #held: { readonly world: number; readonly progress: number } | undefined;
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
    this.#latest = Math.max(this.#latest, Math.floor(this.#held?.world ?? this.#worldNow()));
    return this.#latest;
  }

  /** The time for which the simulated work has gone on, in milliseconds: what waits are measured in. */
  progress(): number {
    return this.#held?.progress ?? this.#progressNow();
  }

  /** Runs `run` after a wait of `ms`, which the scale makes shorter. While frozen, it does not run. */
  after(ms: number, run: () => void): Timer {
    const entry = { at: this.progress() + ms, run };
    this.#timers.splice(this.#placeFor(entry.at), 0, entry);
    this.#arm();
    return { cancel: () => this.#remove(entry) };
  }

  /**
   * Advances world time and all waits, and runs the timers that become due, including those that are set meanwhile.
   * @throws RangeError if `ms` is negative or infinite.
   */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`the clock cannot advance by ${ms} ms`);
    this.#rebase();
    const target = this.#progressBase + ms;
    this.#runUntil(target, 1);
    this.#moveTo(target);
    this.#arm();
  }

  /** Advances to the next timer and runs it. Returns false if there is none. */
  runNext(): boolean {
    const next = this.#timers.shift();
    if (next === undefined) return false;
    this.#rebase();
    this.#run(next, 1);
    this.#moveTo(Math.max(next.at, this.#progressBase));
    this.#arm();
    return true;
  }

  /** Changes the pace. World time continues from its current value. @throws RangeError if `scale` is not positive. */
  set({ frozen, scale }: { frozen?: boolean; scale?: number }): void {
    this.#rebase();
    if (scale !== undefined) this.#scale = positive(scale);
    if (frozen !== undefined) this.#frozen = frozen;
    this.#arm();
  }

  /** Removes all timers. The clock continues. */
  clear(): void {
    this.#timers = [];
    this.#arm();
  }

  /** Real time since the last change of the pace; none while frozen. */
  #elapsed(): number {
    return this.#frozen ? 0 : realNow() - this.#realBase;
  }

  #worldNow(): number {
    return this.#worldBase + this.#elapsed();
  }

  #progressNow(): number {
    return this.#progressBase + this.#elapsed() * this.#scale;
  }

  #rebase(): void {
    const elapsed = this.#elapsed();
    this.#worldBase += elapsed;
    this.#progressBase += elapsed * this.#scale;
    this.#realBase = realNow();
  }

  /** Moves world time and progress by the same time. */
  #moveTo(progress: number): void {
    this.#worldBase += progress - this.#progressBase;
    this.#progressBase = progress;
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

  /** @param pace world time for each unit of progress. */
  #runUntil(target: number, pace: number): void {
    for (let next = this.#timers[0]; next !== undefined && next.at <= target; next = this.#timers[0]) {
      this.#timers.shift();
      this.#run(next, pace);
    }
  }

  #run(entry: Entry, pace: number): void {
    const outer = this.#held;
    const world = this.#worldBase + (entry.at - this.#progressBase) * pace;
    this.#held = { world: Math.max(world, this.#latest), progress: entry.at };
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
    const delay = Math.ceil((next.at - this.#progressNow()) / this.#scale);
    this.#armed = setTimeout(
      () => {
        this.#runUntil(this.#progressNow(), 1 / this.#scale);
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
