import type { Cancel, Clock } from '../../../src/live/types.ts';

interface Timer {
  readonly at: number;
  /** Number of timers that were set before it. */
  readonly order: number;
  readonly fire: () => void;
}

const isBefore = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** A heap of timers: histories set hundreds of thousands, and a thousand may be pending. */
class Agenda {
  readonly #heap: Timer[] = [];

  /** The timer that is due next. */
  get next(): Timer | undefined {
    return this.#heap[0];
  }

  add(timer: Timer): void {
    const heap = this.#heap;
    let place = heap.length;
    for (;;) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = timer;
  }

  removeNext(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || isBefore(last, child)) break;
      heap[place] = child;
      place = 2 * place + (isRight ? 2 : 1);
    }
    heap[place] = last;
  }
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
  /** Those that were cancelled are still in the agenda. */
  readonly #timers = new Set<Timer>();
  readonly #agenda = new Agenda();
  #order = 0;

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
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fire };
    this.#timers.add(timer);
    this.#agenda.add(timer);
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
    const next = this.#next();
    if (next === undefined || next.at > end) return false;
    this.#now = Math.max(this.#now, next.at);
    for (let due = this.#next(); due !== undefined && due.at <= this.#now; due = this.#next()) {
      this.#timers.delete(due);
      due.fire();
    }
    await settle();
    return true;
  }

  #next(): Timer | undefined {
    const agenda = this.#agenda;
    while (agenda.next !== undefined && !this.#timers.has(agenda.next)) agenda.removeNext();
    return agenda.next;
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
