import { setTimeout as sleep } from 'node:timers/promises';

/** How the checks wait for Waldur's worker. */
export interface Pace {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Waits before the next request. @param asked number of requests so far. */
  pause(asked: number): Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Short pauses first, then longer ones: most operations take seconds, a restore half a minute. */
export const realPace: Pace = {
  now: () => performance.now(),
  pause: (asked) => sleep(Math.min(FIRST_PAUSE_MS * 1.5 ** asked, LONGEST_PAUSE_MS)),
};

/** For the embedded Waldur. Instead of waiting, its clock is advanced, so every run is fast and the same. */
export const heldPace = (clock: { now(): number; advance(ms: number): void }): Pace => ({
  now: () => clock.now(),
  pause: async () => clock.advance(LONGEST_PAUSE_MS),
});
