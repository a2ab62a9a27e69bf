/**
 * Large responses of Waldur for many callers at once, against a gateway in a separate process. Measures the growth of its memory and
 * the latency of another caller. Part of `npm run test:soak`; one minute.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Agent, fetch, type Response } from 'undici';
import { startProcess } from '../test/faults/support/process.ts';

/** Limit for the memory growth of one attack, in MB. */
const MOST_MB = 500;
/** How much longer another caller may wait, in ms at the 99th percentile: while large responses of Waldur are read, and while large responses are written. */
const MOST_LONGER_READ_MS = 100;
const MOST_LONGER_WRITTEN_MS = 500;
const CALLERS = 64;
const CALM_MS = 5_000;

/** How the large responses are sent; see the upstream. */
const KINDS = ['with content-length', 'chunked', 'compressed'] as const;
const MODEST = 'modest';

/** In a separate thread, so that it does not delay the measured requests. */
const waldur = new Worker(new URL('./soak-bodies-upstream.ts', import.meta.url));
const [port]: unknown[] = await once(waldur, 'message');

const gateway = startProcess(
  {
    WALDUR_API_URL: `http://127.0.0.1:${String(port)}`,
    CACHE_TTL_MS: '0',
    LOG_LEVEL: 'info',
  },
  { redirections: '2>&1' },
);
process.once('exit', () => gateway.child.kill('SIGKILL'));
const url = await gateway.printed(/listening at (http:\/\/127\.0\.0\.1:\d+)/);

/** The measuring client has its own connection, because new connections are accepted one at a time. */
const own = new Agent({ connections: 1 });

function ask(token: string, query: string, dispatcher?: Agent): Promise<Response> {
  return fetch(`${url}/graphql`, {
    ...(dispatcher && { dispatcher }),
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(60_000),
  });
}

const rssMb = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))?.[1]) / 1_024;

/** Requests a small list as another caller. @returns the 99th percentile in ms and the peak memory in MB. */
async function watch(isOver: () => boolean): Promise<{ p99: number; mostMb: number }> {
  const latencies: number[] = [];
  let mostMb = 0;
  for (; !isOver(); await sleep(10)) {
    const from = performance.now();
    const text = await (await ask(MODEST, '{ snapshots(first: 20) { nodes { name } } }', own)).text();
    if (!text.includes('a small one')) throw new Error(`a small list was answered with ${text.slice(0, 200)}`);
    latencies.push(performance.now() - from);
    mostMb = Math.max(mostMb, rssMb());
  }
  latencies.sort((a, b) => a - b);
  return { p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0, mostMb };
}

const until = (ms: number): (() => boolean) => {
  const end = performance.now() + ms;
  return () => performance.now() >= end;
};

const FEW = '{ snapshots(first: 300) { nodes { uuid name } } }';
const ALL = '{ snapshots(first: 300) { nodes { uuid name description } } }';
const ATTACKS: readonly (readonly [kind: number, query: string, what: string, mostLongerMs: number])[] = [
  [0, FEW, 'two columns used', MOST_LONGER_READ_MS],
  [1, FEW, 'two columns used', MOST_LONGER_READ_MS],
  [2, FEW, 'two columns used', MOST_LONGER_READ_MS],
  [0, ALL, 'all columns used', MOST_LONGER_WRITTEN_MS],
];

let ok = true;
for (const [kind, query, what, mostLongerMs] of ATTACKS) {
  const calm = await watch(until(CALM_MS));
  const before = rssMb();
  const codes: Record<string, number> = {};
  let over = false;
  const from = performance.now();
  const asked = Promise.all(
    Array.from({ length: CALLERS }, async (_, n) => {
      const text = await (await ask(`${kind}${n}`, query)).text();
      const code = text.includes('"errors"') ? (/"code":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 100)) : 'data';
      codes[code] = (codes[code] ?? 0) + 1;
    }),
  ).finally(() => {
    over = true;
  });
  const [during] = await Promise.all([watch(() => over), asked]);
  const ms = performance.now() - from;
  const grown = during.mostMb - before;
  const longer = during.p99 - calm.p99;
  const isKnown = Object.keys(codes).every((code) => code === 'data' || code === 'UPSTREAM_BUSY');
  const fits = grown <= MOST_MB && longer <= mostLongerMs && isKnown;
  ok &&= fits;
  console.log(
    `${CALLERS} responses of 30 MiB, ${KINDS[kind]}, ${what}: ${grown.toFixed(0)} MB more (at most ${MOST_MB}), ` +
      `p99 ${calm.p99.toFixed(0)} to ${during.p99.toFixed(0)} ms, ${(ms / 1_000).toFixed(1)} s, ${JSON.stringify(codes)}${fits ? '' : ' TOO MUCH'}`,
  );
}
gateway.child.kill('SIGTERM');
await gateway.ended;
await waldur.terminate();
process.exit(ok ? 0 : 1);
