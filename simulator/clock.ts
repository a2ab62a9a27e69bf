import type { WorldClock } from './model.ts';

/** A scheduled call; `cancel` does nothing once it has run. */
export interface Timer {
  cancel(): void;
}

export interface ClockOptions {
  /** World time at the start, milliseconds since the epoch; the present by default. */
  start?: number;
  /** World milliseconds for each real one; 1 by default. */
  scale?: number;
  /** World time stands still until `advance`. */
  frozen?: boolean;
}

interface Entry {
  at: number;
  run: () => void;
}

/** setTimeout treats a longer delay as 1 ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Only differences of it are used, so that a step of the system clock does not move the world. */
const realNow = (): number => performance.now();

/**
 * Time in the embedded world: real time by a factor, or standing still, and moved by hand in either case. Timers run in order
 * of their world time, those of equal time in the order they were set, and see exactly their own time as `now()`. So a run by
 * `advance` and a run by real time do the same things in the same order.
 */
export class Clock implements WorldClock {
  #timers: Entry[] = [];
  #worldBase: number;
  #realBase = realNow();
  #scale: number;
  #frozen: boolean;
  /** While a timer runs: its time. */
  #held: number | undefined;
  /** The latest time anybody was told: a timer that comes late must not take the world back. */
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

  /** Whole milliseconds since the epoch, in world time; never less than before. */
  now(): number {
    this.#latest = Math.max(this.#latest, Math.floor(this.#held ?? this.#present()));
    return this.#latest;
  }

  /** Runs `run` when the world reaches `at` (at once after this turn when that is past, and not at all while frozen). */
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
   * Moves the world ahead and runs every timer that falls due on the way, those included that are set meanwhile.
   * @throws RangeError for a negative or infinite time: the world does not go back.
   */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`the clock cannot advance by ${ms} ms`);
    const target = this.now() + ms;
    this.#runUntil(target);
    if (target > this.#present()) this.#rebase(target);
    this.#arm();
  }

  /** Moves the world to the next timer and runs it. Returns false when there is none. */
  runNext(): boolean {
    const next = this.#timers.shift();
    if (next === undefined) return false;
    if (next.at > this.#present()) this.#rebase(next.at);
    this.#run(next);
    this.#arm();
    return true;
  }

  /** Changes the pace; world time goes on from where it is. @throws RangeError for a scale that is not above zero. */
  set({ frozen, scale }: { frozen?: boolean; scale?: number }): void {
    this.#rebase(this.now());
    if (scale !== undefined) this.#scale = positive(scale);
    if (frozen !== undefined) this.#frozen = frozen;
    this.#arm();
  }

  /** Forgets every timer. The clock itself goes on. */
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

  /** One real timer for the next entry. It does not keep the process alive: the world ends with its server. */
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
  if (!Number.isFinite(scale) || scale <= 0) throw new RangeError(`a time scale is a number above 0, not ${scale}`);
  return scale;
}
