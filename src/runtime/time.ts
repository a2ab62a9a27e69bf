/**
 * The two clocks that there are. Durations are always measured by `now`: the system time is set back and forth by people and by time
 * servers, so a duration measured by it could last an hour longer or end at once.
 *
 * `now` also runs while the process is stopped. Whether it runs while the machine sleeps depends on the system; on Linux it does not.
 */
export interface Time {
  /** Milliseconds since an arbitrary moment. Never goes back; other processes count from other moments. */
  now(): number;
  /** Milliseconds since the epoch by the system time: to be shown, or compared with times from elsewhere. */
  wallNow(): number;
}

export const SYSTEM_TIME: Time = { now: () => performance.now(), wallNow: () => Date.now() };
