/** `npm run bench -- watcher`: what many callers who watch the same cost Waldur, with and without `WATCH_TOKEN`. */
import { parseArgs } from 'node:util';
import { describeMachine } from '../lib/machine.ts';
import { pinThisProcess } from '../lib/processes.ts';
import { quantile } from '../lib/statistics.ts';
import { startWorld, type World } from '../live/servers.ts';
import { loadNow, saveRun } from '../replicas/record.ts';
import { measurePhase, measureQueries, type Plan } from './phase.ts';
import { figuresOf, reportOf, type WatcherRun, writeReport } from './report.ts';
import { simulatePhase } from './virtual.ts';

const { values: flags } = parseArgs({
  args: process.argv.slice(3),
  options: {
    /** Less than a minute, with few callers: figures that are too coarse to be kept. */
    quick: { type: 'boolean', default: false },
  },
});

const callers = flags.quick ? 20 : 200;
const WORKERS = 4;
const SNAPSHOTS = 500;

interface Token {
  readonly username: string;
  readonly role: string;
  readonly token: string;
}

async function tokensOf(world: World): Promise<Token[]> {
  return (await (await fetch(`${world.url}/__sim/tokens`)).json()) as Token[];
}

pinThisProcess();
const before = loadNow();
const sizes = ['--users', String(callers), '--snapshots', String(SNAPSHOTS), '--workers', String(WORKERS)];
const world = await startWorld('--cost', 'real', ...sizes);
try {
  await world.settle();
  const tokens = await tokensOf(world);
  const watchToken = tokens.find(({ role }) => role === 'support')?.token;
  if (watchToken === undefined) throw new Error('the embedded Waldur has no support');
  const plan: Plan = {
    tokens: tokens.filter(({ username }) => username.startsWith('caller-')).map(({ token }) => token),
    windowMs: flags.quick ? 12_000 : 60_000,
    settleMs: flags.quick ? 6_000 : 60_000,
    changesPerMinute: 20,
    queriesPerSecond: 4,
  };
  console.log('queries alone ...');
  const alone = await measureQueries(world, plan);
  console.log(`${callers} callers who watch ...`);
  const without = await measurePhase(world, plan, {});
  console.log('the same with WATCH_TOKEN ...');
  const withToken = await measurePhase(world, plan, { WATCH_TOKEN: watchToken });
  console.log('the same in virtual time ...');
  const virtualPlan = { ...plan, callers, snapshots: SNAPSHOTS, workers: WORKERS };
  const virtual = {
    alone: await simulatePhase({ ...virtualPlan, callers: 0 }, false),
    without: await simulatePhase(virtualPlan, false),
    with: await simulatePhase(virtualPlan, true),
  };
  const run: WatcherRun = {
    at: new Date().toISOString(),
    machine: describeMachine(),
    load: [before, loadNow()],
    callers,
    snapshots: SNAPSHOTS,
    workers: WORKERS,
    changesPerMinute: plan.changesPerMinute,
    queryMs: { median: quantile(alone, 0.5), p95: quantile(alone, 0.95) },
    without,
    with: withToken,
    virtual,
  };
  console.log(`\n${reportOf(run)}`);
  if (!flags.quick) {
    saveRun('watcher', run);
    writeReport(run);
  }
  process.exitCode = figuresOf(run).every(({ reached }) => reached) ? 0 : 1;
} finally {
  await world.simulator.stop();
}
process.exit();
