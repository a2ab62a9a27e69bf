import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** What the forked gateway tells. */
export type Reading =
  | { readonly kind: 'ready'; readonly url: string }
  /** CPU time of the process so far, in ms, and calls that its upstream has received. */
  | { readonly kind: 'usage'; readonly cpuMs: number; readonly calls: number };

export interface Usage {
  readonly cpuMs: number;
  readonly calls: number;
}

export interface Gateway {
  readonly url: string;
  usage(): Promise<Usage>;
  stop(): void;
}

/** Forks a gateway on a free port. @throws when it ends instead of becoming ready. */
export async function forkGateway(): Promise<Gateway> {
  const child = fork(path.join(import.meta.dirname, 'gateway.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ready = await readingOf(child);
  if (ready.kind !== 'ready') throw new Error('the gateway did not become ready');
  return {
    url: ready.url,
    async usage() {
      child.send('usage');
      const reading = await readingOf(child);
      if (reading.kind !== 'usage') throw new Error('the gateway did not tell its usage');
      return reading;
    },
    stop: () => child.disconnect(),
  };
}

async function readingOf(child: ChildProcess): Promise<Reading> {
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(([code]): never => {
    throw new Error(`the gateway ended with ${code}`);
  });
  ended.catch(() => undefined);
  try {
    const [reading] = await Promise.race([once(child, 'message', { signal: over.signal }), ended]);
    return reading as Reading;
  } finally {
    over.abort();
  }
}
