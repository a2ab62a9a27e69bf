import type { Cancel, Clock } from '../../../src/live/types.ts';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Lets everything that already can happen, happen: all microtasks run before the next immediate. */
export const settle = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/**
 * Time that moves only when a test says so. Its two clocks never show the same, so that a test fails when one is taken for the other. Timers due at
 * the same millisecond fire in the order in which they were set.
 */
export class VirtualClock implements Clock {
  #now = 5_000;
  /** What the system's time is ahead by. */
  #wallAhead: number;
  readonly #timers = new Set<Timer>();

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#wallAhead = start - this.#now;
  }

  /** Timers that are set; 0 when nothing would ever happen again. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now + this.#wallAhead;
  }

  /** Somebody sets the system's time, back when `ms` is below 0. */
  stepWall(ms: number): void {
    this.#wallAhead += ms;
  }

  setTimer(ms: number, fire: () => void): Cancel {
    const timer = { at: this.#now + Math.max(0, ms), fire };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Lets so much time pass, each timer at its own moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    while (await this.#step(end)) {
      // Each step is one moment in which something happens.
    }
    this.#now = end;
  }

  /** Lets time pass until the condition holds. @throws when it does not within `limitMs`. */
  async until(condition: () => boolean, limitMs = 120_000): Promise<void> {
    const end = this.#now + limitMs;
    await settle();
    while (!condition()) {
      if (!(await this.#step(end))) throw new Error(`Not within ${limitMs} virtual ms.`);
    }
  }

  async #step(end: number): Promise<boolean> {
    let at = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers) at = Math.min(at, timer.at);
    if (at > end) return false;
    this.#now = Math.max(this.#now, at);
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.fire();
    }
    await settle();
    return true;
  }
}

/** A repeatable sequence of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
