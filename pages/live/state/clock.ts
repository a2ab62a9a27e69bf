import { signal } from '@preact/signals';

/** The present, once a second: the date for ages, and monotonic time for durations. */
export const present = signal({ date: Date.now(), ms: performance.now() });

const tick = (): void => {
  present.value = { date: Date.now(), ms: performance.now() };
};

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) tick();
  }, 1_000);
  document.addEventListener('visibilitychange', tick);
}
