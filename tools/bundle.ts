/** Bundles the pages ahead of the first request: `node bin/run.mjs tools/bundle.ts`. For container images, which are read-only. */
import { dashboardBundle } from '../src/server/dashboard/bundle.ts';
import { openBundle } from '../src/server/explorer/bundle.ts';

console.log(await openBundle());
const { script, style } = await dashboardBundle();
console.log(script.name, style.name);
