import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type HttpRequest, load, rawRequest } from '../lib/load.ts';
import { quantile } from '../lib/statistics.ts';

/** Load for one server: each connection walks through its own requests again and again. */
export interface Shots {
  readonly port: number;
  readonly forMs: number;
  readonly connections: readonly (readonly HttpRequest[])[];
}

/** What a generator counted. */
export interface Counted {
  readonly answers: number;
  /** Errors, and answers with another status than 200. */
  readonly bad: number;
  /** From the first request to the last answer, in ms. */
  readonly tookMs: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type GeneratorName = 'own' | 'autocannon';

/** A window lasts as long as its slowest answer; after this it is cut. */
const AT_MOST_MS = 60_000;

/** Our own generator, and the one that others use. */
export class Generators {
  /** Children have the core of their parent, that of the load. */
  readonly #autocannon: ChildProcess = fork(path.join(import.meta.dirname, '../peers/autocannon.ts'));

  /** @throws when a connection breaks, or the process of a generator ends. */
  async run(name: GeneratorName, shots: Shots): Promise<Counted> {
    if (name === 'own') return runOwn(shots);
    this.#autocannon.send(shots);
    const over = new AbortController();
    const ended = once(this.#autocannon, 'exit', { signal: over.signal }).then((): never => {
      throw new Error('autocannon has ended');
    });
    try {
      const [counted] = await Promise.race([once(this.#autocannon, 'message', { signal: over.signal }), ended]);
      return counted as Counted;
    } finally {
      ended.catch(() => undefined);
      over.abort();
    }
  }

  stop(): void {
    this.#autocannon.disconnect();
  }
}

async function runOwn({ port, forMs, connections }: Shots): Promise<Counted> {
  const raw = connections.map((requests) => requests.map(rawRequest));
  const { answers, bad, tookMs, bytes, latencies } = await load({
    port,
    forMs,
    connections: connections.length,
    requests: (connection) => raw[connection] ?? [],
    atMostMs: AT_MOST_MS,
  });
  return { answers, bad, tookMs, bytes, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}
