/** `npm run bench -- replicas`: what several gateways with one Redis cost, and how fast they are told of each other's work. */
import { parseArgs } from 'node:util';
import { hasRedis } from '../../test/support/redis.ts';
import { describeMachine } from '../lib/machine.ts';
import { pinThisProcess } from '../lib/processes.ts';
import { measurePoint, type Point, type Times } from './measure.ts';
import { loadNow, saveRun } from './record.ts';
import type { Setting } from './replicas.ts';
import { figuresOf, type ReplicasRun, reportOf, writeReport } from './report.ts';

const { values: flags } = parseArgs({
  args: process.argv.slice(3),
  options: {
    /** Less than a minute, with short windows: figures that are too coarse to be kept. */
    quick: { type: 'boolean', default: false },
  },
});

const BASE = { callers: 20, each: 3, snapshots: 500 };
const FULL: Times = { settleMs: 1_000, quietMs: 43_000, mutations: 30, takeover: true };
/** For the capacity model: the same with more of one thing. */
const ONLY_QUIET: Times = { settleMs: 1_000, quietMs: 22_000, mutations: 0, takeover: false };
const QUICK: Times = { settleMs: 0, quietMs: 11_000, mutations: 6, takeover: true };

const RUNS: readonly (readonly [Setting, Times])[] = flags.quick
  ? [
      [{ ...BASE, callers: 5, replicas: 1 }, QUICK],
      [{ ...BASE, callers: 5, replicas: 3 }, QUICK],
    ]
  : [
      [{ ...BASE, replicas: 1 }, FULL],
      [{ ...BASE, replicas: 3 }, FULL],
      [{ ...BASE, replicas: 5 }, FULL],
      [{ ...BASE, replicas: 3, callers: 60 }, ONLY_QUIET],
      [{ ...BASE, replicas: 3, each: 30 }, ONLY_QUIET],
      [{ ...BASE, replicas: 3, callers: 5, snapshots: 5_000 }, ONLY_QUIET],
    ];

if (!hasRedis('the benchmark of replicas')) process.exit(1);
pinThisProcess();
const before = loadNow();
const points: Point[] = [];
for (const [setting, times] of RUNS) {
  const { replicas, callers, each, snapshots } = setting;
  console.log(`${replicas} replicas, ${callers} callers, ${each} subscriptions each, ${snapshots} snapshots ...`);
  points.push(await measurePoint(setting, times));
}
const run: ReplicasRun = {
  at: new Date().toISOString(),
  machine: describeMachine(),
  load: [before, loadNow()],
  points,
};
console.log(`\n${reportOf(run)}`);
if (!flags.quick) {
  saveRun('replicas', run);
  writeReport(run);
}
process.exit(figuresOf(run).every(({ reached }) => reached) ? 0 : 1);
