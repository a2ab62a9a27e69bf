import type { Clock } from './types.ts';

/** A timer that can be woken early; one wait at a time. */
export class WakeableTimer {
  readonly #clock: Clock;
  #wake: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves at `until` or when woken; with Infinity only when woken. */
  wait(until: number): Promise<void> {
    return new Promise((resolve) => {
      const ms = Math.max(0, until - this.#clock.now());
      const cancel = Number.isFinite(ms) ? this.#clock.setTimer(ms, () => this.#wake()) : null;
      this.#wake = () => {
        cancel?.();
        this.#wake = () => {};
        resolve();
      };
    });
  }

  /** Ends the current wait. */
  wake(): void {
    this.#wake();
  }
}
