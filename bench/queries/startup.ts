import { start } from '../lib/processes.ts';
import { median } from '../lib/statistics.ts';
import { verify } from './measure.ts';
import type { Server, ServerName } from './servers.ts';
import type { Upstream } from './upstream-process.ts';
import type { Work } from './works.ts';

export interface StartUp {
  /** From the spawn to the first right answer, in ms. */
  readonly firstAnswerMs: number;
  /** Resident memory right after it, in MiB. */
  readonly residentMib: number;
}

/** Starts each server some times, with none of the others running: medians. */
export async function measureStarts(
  servers: readonly Server[],
  works: readonly Work[],
  upstream: Upstream,
  times: number,
): Promise<Map<ServerName, StartUp>> {
  const results = new Map<ServerName, StartUp>();
  for (const server of servers) {
    const work = works.find(({ name }) => server.works?.includes(name) ?? true);
    if (work === undefined) continue;
    const seen: StartUp[] = [];
    for (let time = 0; time < times; time++) {
      const began = performance.now();
      const running = await start(server.program(upstream.url));
      try {
        await verify({ server, running }, work);
        seen.push({ firstAnswerMs: performance.now() - began, residentMib: running.residentMib() });
      } finally {
        await running.stop();
      }
    }
    results.set(server.name, {
      firstAnswerMs: median(seen.map(({ firstAnswerMs }) => firstAnswerMs)),
      residentMib: median(seen.map(({ residentMib }) => residentMib)),
    });
  }
  return results;
}
