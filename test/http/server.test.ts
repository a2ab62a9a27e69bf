import type { IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NO_METRICS } from '../../src/observability/metrics.ts';
import { createOriginPolicy } from '../../src/server/cors.ts';
import { createHttpServer, type HttpServer } from '../../src/server/http-server.ts';
import { MemoryBudget } from '../../src/server/memory-budget.ts';
import type { Route } from '../../src/server/router.ts';
import { graphqlRoute } from '../../src/transports/http.ts';
import { Quotas } from '../../src/transports/quotas.ts';
import { dial, postText, requestText } from '../support/connection.ts';

/** The server with routes of the test's own. */

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const BODY = '{"query":"{ __typename }"}';

async function serve(routes: readonly Route[]): Promise<{ http: HttpServer; url: string; log: object[] }> {
  const log: object[] = [];
  const note = (details: object, message: string): void => void log.push({ ...details, message });
  const http = createHttpServer({
    routes,
    log: { debug: note, info: note, error: note },
    metrics: NO_METRICS,
    origins: createOriginPolicy({
      allowed: [],
      anyLocalhost: false,
      proxies: { isTrustedProxy: () => false, forwardedHeader: 'x-forwarded-for' },
      moreHeaders: [],
      log: { warn: note },
    }),
    unread: new MemoryBudget({ mostBytes: 1_048_576, graceMs: 0 }),
    maxBodyBytes: 1_000,
    maxUrlBytes: 1_000,
    maxHeaderBytes: 10_000,
    headersTimeoutMs: 10_000,
    maxConnections: 100,
    isTrustedProxy: () => true,
  });
  onTestFinished(() => http.close(0));
  return { http, url: await http.listen(0, '127.0.0.1'), log };
}

describe('an unexpected error', () => {
  const failing: Route[] = [
    {
      path: '/at-once',
      handle: () => {
        throw new Error('secret');
      },
    },
    { path: '/later', handle: () => Promise.reject(new Error('secret')) },
    {
      path: '/within',
      handle(exchange) {
        exchange.begin(200, { 'content-length': '1000' });
        exchange.response.write('part of it');
        throw new Error('secret');
      },
    },
  ];

  it.each(['/at-once', '/later'])(
    'has the id of the request in its response, and its message only in the log: %s',
    async (path) => {
      const { url, log } = await serve(failing);
      const response = await fetch(url + path, { headers: { 'x-request-id': 'of-this' } });
      expect([response.status, response.headers.get('x-request-id')]).toEqual([500, 'of-this']);
      expect(await response.json()).toEqual({
        errors: [
          {
            message: 'Something went wrong inside the gateway. Quote of-this when you report it.',
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
        ],
      });
      const err = expect.objectContaining({ message: 'secret' });
      expect(log).toContainEqual({ requestId: 'of-this', err, message: 'unexpected error' });
      await vi.waitFor(() => expect(log).toContainEqual(expect.objectContaining({ message: 'request', status: 500 })));
    },
  );

  it('within a response truncates it, so that it does not seem complete', async () => {
    const { url, log } = await serve(failing);
    const { socket, closed } = dial(url);
    socket.write(requestText('GET', '/within'));
    expect(await closed).not.toContain('INTERNAL_SERVER_ERROR');
    expect(log).toContainEqual(expect.objectContaining({ message: 'unexpected error' }));
  });
});

it('an idle connection keeps no reference to an answered request', async () => {
  const { http, url } = await serve([
    {
      path: '/read',
      async handle(exchange) {
        exchange.answerJson(200, { length: (await exchange.readBody())?.length });
      },
    },
    { path: '/unread', handle: (exchange) => exchange.answerJson(200, {}) },
  ]);
  const requests: WeakRef<IncomingMessage>[] = [];
  http.server.on('request', (request) => void requests.push(new WeakRef(request)));
  const { socket, statuses } = dial(url);
  for (const path of ['/read', '/unread']) socket.write(requestText('POST', path, { 'Content-Length': '4' }, 'body'));
  await expect.poll(statuses).toEqual([200, 200]);
  await expect
    .poll(() => {
      gc();
      return requests.map((request) => request.deref());
    })
    .toEqual([undefined, undefined]);
  expect(socket.readyState).toBe('open');
});

it('a request whose client left while it waited for its batch is not processed', async () => {
  const executed: unknown[] = [];
  const { http, url, log } = await serve([
    graphqlRoute({
      graph: {
        again(_method, { 'x-request-id': id }) {
          executed.push(id);
          return { contentType: 'application/json', body: '{}' };
        },
        execute: () => Promise.reject(new Error('There is an answer already.')),
      },
      streams: {
        handle: () => Promise.reject(new Error('There is no stream.')),
        serve: () => Promise.reject(new Error('There is no stream.')),
        isSubscription: () => false,
      },
      callers: { impersonation: false, isTrustedProxy: () => false, forwardedHeader: 'x-forwarded-for' },
      metrics: NO_METRICS,
      quotas: new Quotas({ requestsPerSecond: 0, subscriptions: 1, metrics: NO_METRICS, now: () => performance.now() }),
      createContext: () => {
        throw new Error('There is an answer already.');
      },
    }),
  ]);
  // As Node does when a client leaves, in the moment in which all of its request has come.
  http.server.on('request', (request: IncomingMessage, response) => {
    if (request.headers['x-request-id'] === 'left') request.once('end', () => response.emit('close'));
  });
  const [left, stays] = [dial(url), dial(url)];
  left.socket.write(postText(BODY, { 'X-Request-Id': 'left' }));
  await vi.waitFor(() => expect(log).toContainEqual(expect.objectContaining({ requestId: 'left', status: 499 })));
  stays.socket.write(postText(BODY, { 'X-Request-Id': 'stays' }));
  await expect.poll(stays.statuses).toEqual([200]);
  expect(executed).toEqual(['stays']);
});
