import http from 'node:http';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Overrides } from '../../../src/gateway.ts';
import { type Running, startGateway, tokenOf } from '../../support/gateway.ts';
import { complaintOf, type Reply } from './verdict.ts';

/** A time that passes between one handful of inputs and the next, in ms: breakers, budgets and caches begin anew. */
const STEP_MS = 120_000;

export interface Target {
  readonly running: Running;
  /** POST /graphql by staff, the body as it is. @returns what is wrong with the answer. */
  post(body: string | Buffer, headers?: http.OutgoingHttpHeaders): Promise<string | undefined>;
  get(path: string, headers?: http.OutgoingHttpHeaders): Promise<string | undefined>;
  /** POST /graphql/stream by staff; leaves after the first event. */
  stream(body: string): Promise<string | undefined>;
  /** Back to the first world; what has gone wrong in the process since the last call. */
  settle(): string | undefined;
  /** Lets time pass. */
  advance(): void;
}

/** A gateway for a test file; it must be whole when the file ends. */
export function useTarget(overrides: Overrides = {}): () => Target {
  let target: Target | undefined;
  let ahead = 0;
  /** What would have ended the process. */
  const fatal: unknown[] = [];
  const onFatal = (reason: unknown) => void fatal.push(reason);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

  beforeAll(async () => {
    process.on('unhandledRejection', onFatal);
    process.on('uncaughtExceptionMonitor', onFatal);
    const running = await startGateway({ logLevel: 'warn' }, { now: () => performance.now() + ahead, ...overrides });
    const settle = (): string | undefined => {
      // A level of 50 or more says that the gateway did not expect what happened.
      const loud = running.log.splice(0).filter((line) => Number(JSON.parse(line).level) >= 50);
      running.simulator.reset();
      running.simulator.faults.clear();
      const wrong = [...loud, ...fatal.splice(0).map((reason) => `the process would have ended: ${String(reason)}`)];
      if (Object.keys(Object.prototype).length > 0) wrong.push('Object.prototype is polluted');
      return wrong.length > 0 ? wrong.join('\n') : undefined;
    };
    const ask = async (path: string, options: http.RequestOptions, body?: string | Buffer) =>
      complaintOf(await request(new URL(path, running.url), { ...options, agent }, body));
    target = {
      running,
      settle,
      advance: () => {
        ahead += STEP_MS;
      },
      post: (body, headers) =>
        ask(
          '/graphql',
          { method: 'POST', headers: { ...asStaff, 'content-type': 'application/json', ...headers } },
          body,
        ),
      stream: (body) =>
        ask(
          '/graphql/stream',
          { method: 'POST', headers: { ...asStaff, 'content-type': 'application/json', accept: EVENTS } },
          body,
        ),
      get: (path, headers) => ask(path, { headers: { ...asStaff, accept: 'application/json', ...headers } }),
    };
  });

  afterAll(async () => {
    const { running, settle } = current();
    expect(settle()).toBeUndefined();
    ahead += STEP_MS;
    const { data, errors } = await running.query(
      '{ snapshots(first: 1) { nodes { uuid state } } viewer { username } }',
    );
    expect([errors, data]).toMatchObject([undefined, { viewer: { username: 'staff' } }]);
    agent.destroy();
    await running.gateway.close();
    process.off('unhandledRejection', onFatal);
    process.off('uncaughtExceptionMonitor', onFatal);
    expect(fatal).toEqual([]);
  });

  const current = (): Target => {
    if (target === undefined) throw new Error('the gateway is not running yet');
    return target;
  };
  return current;
}

const asStaff = { authorization: `Token ${tokenOf('staff')}` };

const EVENTS = 'text/event-stream';

/** One event of a stream, whole. */
const EVENT = /^event: \w+\ndata:.*\n\n/m;

const request = (url: URL, options: http.RequestOptions, body?: string | Buffer): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sending = http.request(url, options, (response) => {
      const chunks: Buffer[] = [];
      const type = response.headers['content-type'] ?? '';
      const answer = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          type,
          caching: response.headers['cache-control'] ?? '',
          body: Buffer.concat(chunks).toString('utf8'),
        });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        // A subscription has no end of its own.
        if (!type.startsWith(EVENTS) || !EVENT.test(Buffer.concat(chunks).toString('utf8'))) return;
        answer();
        response.destroy();
      });
      response.once('error', reject);
      response.once('end', answer);
    });
    sending.once('error', reject);
    sending.end(body);
  });
