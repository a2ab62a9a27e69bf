import { openBundle } from '../../src/server/bundle.ts';

/** Builds the scripts of the explorer before the tests, unless they exist. */
export async function setup(): Promise<void> {
  await openBundle('explorer');
}
