/** `npm run bench -- watcher`: what many callers who watch cost Waldur, with and without `WATCH_TOKEN`. */
import { parseArgs } from 'node:util';
import { describeMachine } from '../lib/machine.ts';
import { pinThisProcess } from '../lib/processes.ts';
import { quantile } from '../lib/statistics.ts';
import { startWorld, type World } from '../live/servers.ts';
import { loadNow, saveRun } from '../replicas/record.ts';
import { measurePhase, measureQueries, type Plan } from './phase.ts';
import { figuresOf, type Measured, reportOf, type WatcherRun, writeReport } from './report.ts';
import { teamsDataset, withDatasetFile } from './teams.ts';
import { simulatePhase } from './virtual.ts';

const { values: flags } = parseArgs({
  args: process.argv.slice(3),
  options: {
    /** Two or three minutes, with few callers: figures that are too coarse to be kept. */
    quick: { type: 'boolean', default: false },
  },
});

const callers = flags.quick ? 20 : 200;
const WORKERS = 4;
/** That each caller sees. */
const SNAPSHOTS = 500;
/** Each caller belongs to one of these in the second part; in the first one all belong to one. */
const TEAMS = flags.quick ? 2 : 20;

interface Token {
  readonly username: string;
  readonly role: string;
  readonly token: string;
}

const settings = {
  windowMs: flags.quick ? 12_000 : 60_000,
  // Hints replace the polls of all callers after about ten seconds.
  settleMs: flags.quick ? 20_000 : 60_000,
  changesPerMinute: 20,
  queriesPerSecond: 4,
};

/** Measures callers in so many teams: without subscriptions, with them, and with `WATCH_TOKEN`, too. */
function measureTeams(title: string, teams: number): Promise<Measured> {
  const callersOfTeam = callers / teams;
  const dataset = teamsDataset({ teams, callersOfTeam, snapshots: SNAPSHOTS });
  return withDatasetFile(dataset, async (file) => {
    const world = await startWorld('--cost', 'real', '--workers', String(WORKERS), '--dataset', file);
    try {
      return await measureWorld(title, world, callersOfTeam);
    } finally {
      await world.simulator.stop();
    }
  });
}

async function measureWorld(title: string, world: World, audience: number): Promise<Measured> {
  await world.settle();
  const tokens = (await (await fetch(`${world.url}/__sim/tokens`)).json()) as Token[];
  const watchToken = tokens.find(({ role }) => role === 'support')?.token;
  if (watchToken === undefined) throw new Error('the embedded Waldur has no support');
  const members = tokens.filter(({ username }) => username.startsWith('caller-'));
  if (members.length !== callers) throw new Error(`the embedded Waldur has ${members.length} callers`);
  const plan: Plan = { ...settings, audience, tokens: members.map(({ token }) => token) };
  console.log(`${title}: queries alone ...`);
  const alone = await measureQueries(world, plan);
  console.log(`${title}: all watch ...`);
  const without = await measurePhase(world, plan, {});
  console.log(`${title}: the same with WATCH_TOKEN ...`);
  const withToken = await measurePhase(world, plan, { WATCH_TOKEN: watchToken });
  return { queryMs: { median: quantile(alone, 0.5), p95: quantile(alone, 0.95) }, without, with: withToken };
}

pinThisProcess();
const before = loadNow();
const together = await measureTeams('the same snapshots', 1);
const inTeams = await measureTeams('teams', TEAMS);
console.log('the same snapshots, in virtual time ...');
const virtualPlan = { ...settings, callers, snapshots: SNAPSHOTS, workers: WORKERS };
const run: WatcherRun = {
  at: new Date().toISOString(),
  machine: describeMachine(),
  load: [before, loadNow()],
  callers,
  snapshots: SNAPSHOTS,
  workers: WORKERS,
  changesPerMinute: settings.changesPerMinute,
  ...together,
  teams: { ...inTeams, teams: TEAMS },
  virtual: {
    alone: await simulatePhase({ ...virtualPlan, callers: 0 }, false),
    without: await simulatePhase(virtualPlan, false),
    with: await simulatePhase(virtualPlan, true),
  },
};
console.log(`\n${reportOf(run)}`);
if (!flags.quick) {
  saveRun('watcher', run);
  writeReport(run);
}
process.exit(figuresOf(run).every(({ reached }) => reached) ? 0 : 1);
