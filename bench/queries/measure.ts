import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { HttpRequest } from '../lib/load.ts';
import type { Running } from '../lib/processes.ts';
import type { GeneratorName, Generators } from './generators.ts';
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
  /** How many users ask: each connection is another one, or all are the same. */
  readonly users: 'many' | 'one';
  readonly generator: GeneratorName;
}

/** What sends load, and what servers ask. */
export interface Surroundings {
  readonly upstream: Upstream;
  readonly generators: Generators;
}

/** Slower than this, in answers a second, fewer connections keep a server as busy and windows short. */
const SLOW_PER_SECOND = 100;
const SLOW_CONNECTIONS = 8;
/** Variants of which the whole answer is compared. */
const VERIFIED = 4;
/** Answers under load that are on average much shorter than those verified are errors. */
const LEAST_PART = 0.6;

const tokenOf = (user: number): string => createHash('sha1').update(`user ${user}`).digest('hex');

const runs = ({ server }: Started, work: Work): boolean => server.works?.includes(work.name) ?? true;

/** Those who do this work. */
export const doing = (all: readonly Started[], work: Work): Started[] => all.filter((each) => runs(each, work));

/** Asks for some variants and compares the whole answers. @returns their mean length in bytes. @throws when one is not what it must be. */
export async function verify({ server, running }: Started, work: Work): Promise<number> {
  let bytes = 0;
  for (let sample = 0; sample < VERIFIED; sample++) {
    const variant = Math.floor((sample * (work.variants - 1)) / (VERIFIED - 1));
    const { status, text, body } = await ask(running.port, server.request(work, variant, tokenOf(0)));
    const isRight = status === 200 && isDeepStrictEqual(server.read(body, work), server.expected(work, variant));
    if (!isRight) throw new Error(`${server.title} does not answer "${work.title}" (${status}): ${text.slice(0, 500)}`);
    bytes += Buffer.byteLength(text);
  }
  return bytes / VERIFIED;
}

/** Asks once, through fetch, whose parser is stricter than the load generator's. `body` is undefined when it is no JSON. */
export async function ask(
  port: number,
  { method, target, headers, body }: HttpRequest,
): Promise<{ status: number; text: string; body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${port}${target}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  try {
    return { status: response.status, text, body: JSON.parse(text) };
  } catch {
    return { status: response.status, text, body: undefined };
  }
}

/** Requests of one connection: the variants are dealt out, so that no two connections ask for the same. */
function requestsOf(server: Server, work: Work, connection: number, { connections, users }: Pace): HttpRequest[] {
  const token = tokenOf(users === 'one' ? 0 : connection);
  const requests: HttpRequest[] = [];
  for (let variant = connection; variant < work.variants; variant += connections) {
    requests.push(server.request(work, variant, token));
  }
  return requests;
}

/** @param bytes of a right answer. @throws when a server answers wrongly under load. */
export async function measure(
  started: Started,
  work: Work,
  bytes: number,
  { upstream, generators }: Surroundings,
  pace: Pace,
): Promise<Window> {
  const { server, running } = started;
  const connections = Array.from({ length: pace.connections }, (_, index) => requestsOf(server, work, index, pace));
  const [callsBefore, cpuBefore] = [await upstream.calls(), running.cpuMs()];
  const counted = await generators.run(pace.generator, { port: running.port, forMs: pace.forMs, connections });
  const { answers, bad, tookMs } = counted;
  const cpuMs = running.cpuMs() - cpuBefore;
  if (bad > 0 || answers === 0 || counted.bytes / answers < bytes * LEAST_PART) {
    const mean = Math.round(counted.bytes / answers);
    throw new Error(
      `${server.title}, "${work.title}": ${bad} of ${answers} answers under load were errors, ${mean} bytes on average`,
    );
  }
  return {
    perSecond: (answers / tookMs) * 1000,
    cpuUs: (cpuMs / answers) * 1000,
    busy: cpuMs / tookMs,
    residentMib: running.residentMib(),
    callsPerAnswer: ((await upstream.calls()) - callsBefore) / answers,
    p50Ms: counted.p50Ms,
    p99Ms: counted.p99Ms,
  };
}

/** How many connections suit a server that answered a warm-up so fast. */
export const connectionsFor = (perSecond: number, most: number): number =>
  perSecond < SLOW_PER_SECOND ? Math.min(most, SLOW_CONNECTIONS) : most;
