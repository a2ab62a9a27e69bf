import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';

/**
 * Counts unhandled rejections instead of failing the run for them: graphql-js leaves one behind where a list fails while other items
 * of it, which may not be null either, are still to fail.
 */
export function useUnhandled(): { take(): Promise<number> } {
  const listeners = process.listeners('unhandledRejection');
  let count = 0;
  const note = (): void => {
    count += 1;
  };
  beforeAll(() => {
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', note);
  });
  afterAll(() => {
    process.off('unhandledRejection', note);
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  return {
    /** How many there were since the last time, those of work under way included. */
    async take() {
      await setImmediate();
      const taken = count;
      count = 0;
      return taken;
    },
  };
}
