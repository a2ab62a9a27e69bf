/** `npm run bench [-- NAME]`: each benchmark runs its peers and us in one run and reports ratios. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** What can be run, by name; without a name: `queries`. */
const BENCHES: Readonly<Record<string, string>> = {
  queries: 'requests a second, CPU, memory and upstream calls against the pass-through and peers; writes RESULTS.md',
  live: 'subscriptions: the promises of docs/live.md, many callers, many readers, memory a socket; --only PARTS',
  replicas: 'several gateways with one Redis: calls, latency, takeover, Redis; --quick',
  watcher: '200 callers with and without WATCH_TOKEN, on a Waldur of real costs; --quick',
  'real-cost': 'an upstream as slow as a real Waldur: what projection and planning save',
  rest: 'CPU time of requests right after a rest, of what they take before',
  hostile: 'CPU time to refuse hostile documents',
};

const [name = 'queries'] = process.argv.slice(2);
const file = path.join(import.meta.dirname, name, 'main.ts');
if (!Object.hasOwn(BENCHES, name) || !existsSync(file)) {
  console.error(`There is no benchmark ${JSON.stringify(name)}. There are:`);
  for (const [known, about] of Object.entries(BENCHES)) console.error(`  ${known.padEnd(10)} ${about}`);
  process.exit(1);
}
await import(file);
