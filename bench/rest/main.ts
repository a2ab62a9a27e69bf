/**
 * `npm run bench -- rest`: what requests cost right after a rest, of what they cost before. V8 collects all garbage of a process that has
 * nothing to do, and forgets the compiled code for objects of which none is left.
 */
import path from 'node:path';
import { describeMachine } from '../lib/machine.ts';
import { figure, table } from '../lib/markdown.ts';
import { pinThisProcess, start } from '../lib/processes.ts';
import { median, rotated } from '../lib/statistics.ts';
import { Generators } from '../queries/generators.ts';
import { measure, type Started, verify } from '../queries/measure.ts';
import { SERVERS, type ServerName } from '../queries/servers.ts';
import { startUpstream } from '../queries/upstream-process.ts';
import { type Work, worksOf } from '../queries/works.ts';

const COMPARED: readonly ServerName[] = ['passthrough', 'ours', 'mercurius', 'apollo'];
const PACE = { connections: 50, users: 'many', generator: 'own' } as const;
const ROUNDS = 5;
const WARM_UP_MS = 6_000;
/** Long enough to see all that is compiled anew. */
const WINDOW_MS = 1_000;

interface Costs {
  readonly before: number[];
  readonly after: number[];
}

async function main(): Promise<void> {
  pinThisProcess();
  const upstream = await startUpstream();
  const generators = new Generators();
  const works = worksOf('2026');
  const all: Started[] = [];
  try {
    for (const server of SERVERS.filter(({ name }) => COMPARED.includes(name))) {
      const program = server.program(upstream.url);
      const collect = path.join(import.meta.dirname, 'collect.mjs');
      const args = ['--expose-gc', '--import', collect, ...program.args];
      all.push({ server, running: await start({ ...program, args }) });
    }
    const costs = new Map<Work, Map<Started, Costs>>();
    for (const work of works) costs.set(work, await measureWork(work));
    const rows = all.map((each) => [each.server.title, ...works.map((work) => cell(costs.get(work)?.get(each)))]);
    process.stdout.write(`${describeMachine()}\n\nCPU time a request in the first second after a full collection, of the time before it; in brackets microseconds.
Median of ${ROUNDS} rounds.\n\n${table(['Server', ...works.map(({ title }) => title)], rows)}\n`);
  } finally {
    generators.stop();
    await Promise.all(all.map(({ running }) => running.stop()));
    await upstream.stop();
  }

  async function measureWork(work: Work): Promise<Map<Started, Costs>> {
    const costs = new Map(all.map((each): [Started, Costs] => [each, { before: [], after: [] }]));
    const bytes = new Map<Started, number>();
    const surroundings = { upstream, generators };
    const cpuUs = async (each: Started, forMs: number): Promise<number> =>
      (await measure(each, work, bytes.get(each) ?? 0, surroundings, { ...PACE, forMs })).cpuUs;
    for (const each of all) {
      bytes.set(each, await verify(each, work));
      await cpuUs(each, WARM_UP_MS);
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const each of rotated(all, round)) {
        costs.get(each)?.before.push(await cpuUs(each, WINDOW_MS));
        await each.running.ask('collect');
        costs.get(each)?.after.push(await cpuUs(each, WINDOW_MS));
      }
    }
    return costs;
  }
}

function cell({ before, after }: Costs = { before: [], after: [] }): string {
  const ratios = after.map((value, round) => value / (before[round] ?? Number.NaN));
  return `${figure(median(ratios), ' x')} (${figure(median(before))} -> ${figure(median(after))})`;
}

await main();
