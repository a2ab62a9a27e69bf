/**
 * `npm run bench -- real-cost`: how long somebody waits who opens a page, on an upstream as slow as a real Waldur (contract 3.6, one
 * request of a user at a time). The process is warm, the caller is not: other users have asked the same before, and nothing of that
 * may be shared. No cache.
 */
import path from 'node:path';
import { figure, table } from '../lib/markdown.ts';
import { NODE_FLAGS } from '../lib/node-flags.ts';
import { type Running, start } from '../lib/processes.ts';
import { median } from '../lib/statistics.ts';
import { check, type GraphRequest, type Scenario, storagesOf, tablesOf } from './scenarios.ts';
import { findSubject, makeRegular } from './tenants.ts';
import { type Timed, Waldur } from './waldur.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const RUN = path.join(ROOT, 'bin/run.mjs');
const TIMES = 3;
/** Requests of each other user before: enough that the process runs compiled code, as one does that serves people. */
const WARM_UPS = 6;

interface Users {
  /** Whose requests warm the process. */
  readonly warm: readonly string[];
  /** Who is measured, and has not been seen before. */
  readonly cold: string;
}

interface Outcome {
  readonly gateway: Timed<unknown>;
  readonly rest: Timed<unknown>;
}

async function ask(gateway: Running, token: string, request: GraphRequest): Promise<never> {
  const response = await fetch(`http://127.0.0.1:${gateway.port}/graphql`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const { data, errors } = (await response.json()) as { data: never; errors?: unknown };
  if (errors !== undefined) throw new Error(`the gateway answered ${JSON.stringify(errors).slice(0, 500)}`);
  return data;
}

/** One page, opened by a user who is new to the process. */
async function open(waldur: Waldur, scenario: Scenario, users: Users): Promise<Outcome> {
  const gateway = await start({
    name: 'gateway',
    args: [...NODE_FLAGS, RUN, path.join(ROOT, 'src/main.ts')],
    // Without a cache the requests that warm up go the whole way each time.
    env: { WALDUR_API_URL: waldur.url, PORT: '0', LOG_LEVEL: 'error', CACHE_TTL_MS: '0' },
    place: 'tested',
  });
  try {
    for (let time = 0; time < WARM_UPS; time++) {
      await Promise.all(users.warm.map((token) => ask(gateway, token, scenario.request)));
    }
    const asked = await waldur.time(() => ask(gateway, users.cold, scenario.request));
    const rest = await waldur.time(() => scenario.byRest(waldur.restFor(users.cold)));
    check(scenario.title, scenario.byGateway(asked.value), rest.value);
    return { gateway: asked, rest };
  } finally {
    await gateway.stop();
  }
}

function row({ title, other, least }: Scenario, outcomes: readonly Outcome[]): string[] {
  const ms = (of: keyof Outcome): string => figure(median(outcomes.map((outcome) => outcome[of].tookMs)));
  const calls = (of: keyof Outcome): string => figure(median(outcomes.map((outcome) => outcome[of].calls)));
  const times = median(outcomes.map(({ gateway, rest }) => rest.tookMs / gateway.tookMs));
  const target = least === undefined ? ['-', '-'] : [`>= ${least} x`, times >= least ? 'yes' : '**no**'];
  return [
    title,
    `${ms('gateway')} (${calls('gateway')})`,
    other,
    `${ms('rest')} (${calls('rest')})`,
    `${figure(times)} x`,
    ...target,
  ];
}

/** The lines of the report. */
async function measure(waldur: Waldur): Promise<string[][]> {
  const users: Users = {
    warm: [await waldur.tokenOf('staff'), await waldur.tokenOf('support')],
    cold: await waldur.tokenOf('owner'),
  };
  const rest = waldur.restFor(users.cold);
  const subject = await findSubject(rest);
  const rows: string[][] = [];
  const run = async (scenarios: readonly Scenario[]): Promise<void> => {
    for (const scenario of scenarios) {
      const outcomes: Outcome[] = [];
      for (let time = 0; time < TIMES; time++) outcomes.push(await open(waldur, scenario, users));
      rows.push(row(scenario, outcomes));
    }
  };
  await run(tablesOf(subject));
  await run(storagesOf(subject, 'as made up: few volumes have snapshots', undefined));
  await makeRegular(waldur, rest, subject.tenant, { volumes: 100, snapshotsEach: 5 });
  await run(storagesOf(subject, '100 volumes with 5 snapshots each', 10));
  return rows;
}

const simulator = await start({
  name: 'the embedded Waldur',
  args: [RUN, path.join(ROOT, 'simulator/main.ts'), '--port', '0', '--frozen', '--cost', 'real'],
  env: {},
  place: 'load',
});
try {
  const rows = await measure(new Waldur(simulator));
  console.log('An upstream with the costs of a real Waldur, a user whom the gateway has not seen before.');
  console.log('Medians in ms, in brackets calls to Waldur.\n');
  console.log(table(['Page', 'gateway', 'instead', 'REST', 'faster', 'to reach', 'reached'], rows));
} finally {
  await simulator.stop();
}
