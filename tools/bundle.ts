/** Bundles the pages ahead of the first request: `node bin/run.mjs tools/bundle.ts`. For container images, which are read-only. */
import { openBundle } from '../src/server/bundle.ts';

console.log(await openBundle('explorer'));
console.log(await openBundle('dashboard'));
