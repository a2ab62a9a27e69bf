/**
 * The two clocks that there are. How long something lasts is measured by `now`, always: the system's time is set by people and by time
 * servers, back and forth, and a duration measured by it would last an hour more, or end at once.
 *
 * `now` also runs while the process is stopped; whether it runs while the whole machine sleeps depends on the machine; Linux's does not.
 */
export interface Time {
  /** Milliseconds since some moment. It never goes back, and no other process counts from the same moment. */
  now(): number;
  /** Milliseconds since the epoch, as the system says at the moment: to be shown, or compared with times that others tell. */
  wallNow(): number;
}

export const SYSTEM_TIME: Time = { now: () => performance.now(), wallNow: () => Date.now() };
