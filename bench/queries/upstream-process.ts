import path from 'node:path';
import { type Running, start } from '../lib/processes.ts';
import type { RowSet } from './world.ts';

export interface Upstream {
  readonly url: string;
  /** Calls received so far. */
  calls(): Promise<number>;
  /** From now on it answers so late, with these rows. */
  set(manner: { readonly latencyMs: number; readonly rows: RowSet }): Promise<void>;
  stop(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  const running: Running = await start({
    name: 'upstream',
    args: [path.join(import.meta.dirname, 'upstream.ts')],
    env: {},
    place: 'load',
  });
  return {
    url: `http://127.0.0.1:${running.port}`,
    calls: async () => Number(await running.ask({})),
    set: async ({ latencyMs, rows }) => void (await running.ask({ latencyMs, rows })),
    stop: () => running.stop(),
  };
}
