import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';

/**
 * Counts unhandled rejections instead of failing the run: graphql-js leaves some behind when a list of non-nullable items fails while other
 * items are still to fail.
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
    /** The number since the last call, including those of work that is still running. */
    async take() {
      await setImmediate();
      const taken = count;
      count = 0;
      return taken;
    },
  };
}
