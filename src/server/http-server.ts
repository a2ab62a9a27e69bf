import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../observability/metrics.ts';
import type { BasePath } from './base-path.ts';
import { answerClientErrors, endUnread } from './client-error.ts';
import { ConnectionQueues } from './connection-queue.ts';
import { type OriginPolicy, preflightHeaders } from './cors.ts';
import { Exchange } from './exchange.ts';
import type { HttpError } from './http-error.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { pathOf, type Route, Router } from './router.ts';

export interface HttpOptions {
  readonly routes: readonly Route[];
  readonly log: HttpLog;
  readonly metrics: Metrics;
  readonly origins: OriginPolicy;
  /** Absent: paths have no prefix. */
  readonly basePath?: BasePath | undefined;
  /** What is unsent on all connections. */
  readonly unread: MemoryBudget;
  readonly maxBodyBytes: number;
  readonly maxUrlBytes: number;
  /** Largest headers of a request, its URL apart, in bytes. */
  readonly maxHeaderBytes: number;
  /** How long the headers of a request may take to come, in ms. */
  readonly headersTimeoutMs: number;
  /** Open connections, WebSockets among them. */
  readonly maxConnections: number;
  /** How long a client may take nothing of its answer, in ms; see `endUnread`. */
  readonly stallMs?: number | undefined;
}

export interface HttpLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface HttpServer {
  /** For what is no request: upgrades. */
  readonly server: Server;
  readonly isDraining: boolean;
  /**
   * @returns the address, `http://HOST:PORT`, without a slash at the end.
   * @throws the error of `listen` when the port is taken.
   */
  listen(port: number, host: string): Promise<string>;
  /** From now on each connection is closed with the answer that it waits for. */
  drain(): void;
  /** Ends once all requests are answered. @param patienceMs after this time, in ms, the remaining connections are cut. */
  close(patienceMs: number): Promise<void>;
}

/** How long a request may take to come, with its body. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How long a client may take nothing of its answer, in ms. */
const STALL_MS = 15_000;
/** Longer than proxies keep a connection idle, mostly 60 s: else one might send into a connection that is being closed. */
const KEEP_ALIVE_MS = 72_000;

const BAD_URL: HttpError = { status: 400, code: 'BAD_REQUEST', message: 'The URL cannot be read.' };
const NOT_FOUND: HttpError = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'Nothing is served here. The API is at /graphql.',
};
const EXPECTATION_FAILED: HttpError = {
  status: 417,
  code: 'BAD_REQUEST',
  message: 'Nothing but 100-continue can be expected.',
};

/** The HTTP server: limits, routes, headers of every answer, CORS, and errors that look like any other error of the API. */
export function createHttpServer(options: HttpOptions): HttpServer {
  const { log, metrics, maxUrlBytes, headersTimeoutMs } = options;
  const server = createServer({
    maxHeaderSize: maxUrlBytes + options.maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node looks only this often for requests that are late.
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 5_000),
    keepAliveTimeout: KEEP_ALIVE_MS,
    shouldUpgradeCallback: wantsWebSocket,
  });
  server.maxConnections = options.maxConnections;
  server.on('drop', () => metrics.refused('connections'));
  endUnread(server, options.stallMs ?? STALL_MS, metrics);

  const router = new Router(options.routes);
  const queues = new ConnectionQueues();
  answerClientErrors(server, queues);
  let isDraining = false;
  const shared = { ...options, isDraining: () => isDraining };

  // Every request takes this way.
  queues.attach(server, (request, response) => {
    const began = performance.now();
    options.basePath?.remove(request);
    const exchange = new Exchange(request, response, shared);
    const path = pathOf(exchange.url);
    const route = path === undefined ? undefined : router.find(exchange.method, path);
    if (route === undefined) options.basePath?.notFound(request);
    // Also when the client leaves before it was answered.
    response.on('close', () => report(exchange, route?.path, performance.now() - began));
    handle(exchange, path, route).catch((error: unknown) => fail(exchange, error));
  });

  async function handle(exchange: Exchange, path: string | undefined, route: Route | undefined): Promise<void> {
    const { method, url, expectation } = exchange;
    if (Buffer.byteLength(url) > maxUrlBytes) {
      metrics.refused('url');
      const message = `The URL may have at most ${maxUrlBytes} bytes; send the document by POST.`;
      return exchange.refuse({ status: 414, code: 'BAD_REQUEST', message });
    }
    if (expectation !== undefined && expectation !== '100-continue') return exchange.refuse(EXPECTATION_FAILED);
    if (path === undefined) return exchange.refuse(BAD_URL);
    if (route === undefined) return exchange.refuse(NOT_FOUND);
    if (method === 'OPTIONS')
      return exchange.answer({ status: 204, headers: preflightHeaders(exchange, options.origins) });
    await route.handle(exchange);
  }

  function fail(exchange: Exchange, err: unknown): void {
    const { requestId, response } = exchange;
    log.error({ requestId, err }, 'unexpected error');
    // An answer that has begun cannot be taken back; the client shall see that it is not whole.
    if (response.headersSent) return void response.destroy();
    const message = `Something went wrong inside the gateway. Quote ${requestId} when you report it.`;
    exchange.refuse({ status: 500, code: 'INTERNAL_SERVER_ERROR', message });
  }

  function report({ requestId, method, status }: Exchange, route: string | undefined, ms: number): void {
    metrics.request(method, route ?? 'none', status, ms);
    log.info({ requestId, method, route, status, ms: Math.round(ms) }, 'request');
  }

  return {
    server,
    get isDraining() {
      return isDraining;
    },
    async listen(port, host) {
      const listening = once(server, 'listening');
      server.listen(port, host);
      await listening;
      server.on('error', (err) => log.error({ err }, 'a connection could not be accepted'));
      const url = urlOf(server.address());
      log.info({}, `Server listening at ${url}`);
      return url;
    },
    drain() {
      isDraining = true;
      // For answers that began before, and do not say that their connection is closed.
      server.keepAliveTimeout = 1;
    },
    async close(patienceMs) {
      const impatience = setTimeout(() => server.closeAllConnections(), patienceMs);
      // Closes idle connections, too. The one error is that it did not listen.
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(impatience);
    },
  };
}

/**
 * Offers of other protocols are ignored, as HTTP has it: Java's own client and `curl --http2` make one (h2c) with every first
 * request. Older Nodes (below 22.21) do not ask, and refuse those.
 */
const wantsWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
