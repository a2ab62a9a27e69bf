import { setTimeout as sleep } from 'node:timers/promises';

/** How the walk waits for a worker that nobody can hurry. */
export interface Pace {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Waits before asking again; `asked`: how often that was already. */
  pause(asked: number): Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Short pauses at first and longer ones later: most operations take seconds, a restore half a minute. */
export const realPace: Pace = {
  now: () => performance.now(),
  pause: (asked) => sleep(Math.min(FIRST_PAUSE_MS * 1.5 ** asked, LONGEST_PAUSE_MS)),
};

/** For a world whose clock we hold: instead of waiting, its time moves on, so that a run takes no time and always goes the same way. */
export const heldPace = (clock: { now(): number; advance(ms: number): void }): Pace => ({
  now: () => clock.now(),
  pause: async () => clock.advance(LONGEST_PAUSE_MS),
});
