import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type LoadResult, load } from '../lib/load.ts';
import type { Running } from '../lib/processes.ts';
import { quantile } from '../lib/statistics.ts';
import type { Server } from './servers.ts';
import type { Upstream } from './upstream-process.ts';
import type { Work } from './works.ts';

/** A server that runs. */
export interface Started {
  readonly server: Server;
  readonly running: Running;
}

/** What one window of load on one server showed. */
export interface Window {
  readonly perSecond: number;
  /** CPU time of the server's process for each answer, in microseconds. */
  readonly cpuUs: number;
  /** Share of the time in which the server's process had a core. Well below 1: something else was the limit. */
  readonly busy: number;
  readonly residentMib: number;
  readonly callsPerAnswer: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Pace {
  readonly connections: number;
  readonly forMs: number;
  readonly pauseMs?: number;
}

/** A window lasts as long as its slowest answer; after this it is cut. */
const AT_MOST_MS = 60_000;
/** Slower than this, in answers a second, fewer connections keep a server as busy and windows short. */
const SLOW_PER_SECOND = 100;
const SLOW_CONNECTIONS = 8;

/** Each connection is another user, so that nothing is shared between them that a real gateway may not share. */
const tokenOf = (connection: number): string => createHash('sha1').update(`user ${connection}`).digest('hex');

const runs = ({ server }: Started, work: Work): boolean => server.works?.includes(work.name) ?? true;

/** Those who do this work. */
export const doing = (all: readonly Started[], work: Work): Started[] => all.filter((each) => runs(each, work));

/** Asks once and compares the whole answer. @returns its length in bytes. @throws when it is not what it must be. */
export async function verify({ server, running }: Started, work: Work): Promise<number> {
  const variant = work.variants - 1;
  const response = await send(running.port, server.request(work, variant, tokenOf(0)));
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const isRight =
    body !== undefined &&
    response.status === 200 &&
    isDeepStrictEqual(server.read(body, work), server.expected(work, variant));
  if (!isRight) {
    throw new Error(`${server.title} does not answer "${work.title}" (${response.status}): ${text.slice(0, 500)}`);
  }
  return text.length;
}

/** A raw request through fetch, whose parser is stricter than the load generator's. */
function send(port: number, raw: Buffer): Promise<Response> {
  const [head = '', body = ''] = raw.toString().split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const [method = '', target] = line.split(' ');
  const headers = lines
    .map((text) => text.split(': ') as [string, string])
    .filter(([name]) => name !== 'host' && name !== 'content-length');
  return fetch(`http://127.0.0.1:${port}${target}`, { method, headers, ...(method === 'POST' && { body }) });
}

/** Requests ready to be sent, made once for each server, work and connection. */
const prepared = new Map<string, readonly Buffer[]>();

function requestsOf(server: Server, work: Work, connection: number): readonly Buffer[] {
  const key = `${server.name} ${work.name} ${connection}`;
  const before = prepared.get(key);
  if (before !== undefined) return before;
  const token = tokenOf(connection);
  const made = Array.from({ length: work.variants }, (_, variant) => server.request(work, variant, token));
  prepared.set(key, made);
  return made;
}

/** Answers that are much shorter than the one verified are errors. */
const LEAST_PART = 0.7;

/** @throws when a server answers wrongly under load. */
export async function measure(
  started: Started,
  work: Work,
  bytes: number,
  upstream: Upstream,
  pace: Pace,
): Promise<Window> {
  const { server, running } = started;
  const [callsBefore, cpuBefore] = [await upstream.calls(), running.cpuMs()];
  const result = await load({
    port: running.port,
    requests: (connection) => requestsOf(server, work, connection),
    leastBytes: bytes * LEAST_PART,
    atMostMs: AT_MOST_MS,
    ...pace,
  });
  const cpuMs = running.cpuMs() - cpuBefore;
  if (result.bad > 0 || result.answers === 0) throw new Error(wrong(server, work, result));
  return {
    perSecond: (result.answers / result.tookMs) * 1000,
    cpuUs: (cpuMs / result.answers) * 1000,
    busy: cpuMs / result.tookMs,
    residentMib: running.residentMib(),
    callsPerAnswer: ((await upstream.calls()) - callsBefore) / result.answers,
    p50Ms: quantile(result.latencies, 0.5),
    p99Ms: quantile(result.latencies, 0.99),
  };
}

const wrong = ({ title }: Server, work: Work, { bad, answers }: LoadResult): string =>
  `${title}, "${work.title}": ${bad} of ${answers} answers under load were wrong`;

/** How many connections suit a server that answered a warm-up so fast. */
export const connectionsFor = (perSecond: number, most: number): number =>
  perSecond < SLOW_PER_SECOND ? Math.min(most, SLOW_CONNECTIONS) : most;
