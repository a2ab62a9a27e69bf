import path from 'node:path';
import { type Running, start } from '../lib/processes.ts';

export interface Upstream {
  readonly url: string;
  /** Calls received so far. */
  calls(): Promise<number>;
  /** From now on it answers so much later. */
  setLatency(ms: number): Promise<void>;
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
    setLatency: async (latencyMs) => void (await running.ask({ latencyMs })),
    stop: () => running.stop(),
  };
}
