/** Bundles the explorer ahead of the first request: `node bin/run.mjs tools/bundle.ts`. For container images, which are read-only. */
import { openBundle } from '../src/server/explorer/bundle.ts';

console.log(await openBundle());
