import type { Clock } from './types.ts';

/** A wait until a time that can be cut short. One wait at a time. */
export class WakeableTimer {
  readonly #clock: Clock;
  #ring: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves at `until`, or when it is rung before; never by itself when `until` is Infinity. */
  wait(until: number): Promise<void> {
    return new Promise((resolve) => {
      const ms = Math.max(0, until - this.#clock.now());
      const cancel = Number.isFinite(ms) ? this.#clock.setTimer(ms, () => this.#ring()) : null;
      this.#ring = () => {
        cancel?.();
        this.#ring = () => {};
        resolve();
      };
    });
  }

  /** Ends the wait, if there is one. */
  ring(): void {
    this.#ring();
  }
}
