import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import type { Metrics } from '../observability/metrics.ts';
import { RequestLog } from '../observability/request-log.ts';
import { nodeHttp } from '../runtime/node-http.ts';
import type { Span, Tracer } from '../runtime/span.ts';
import type { BasePath } from './base-path.ts';
import { answerClientErrors, endUnread } from './client-error.ts';
import { ConnectionQueues } from './connection-queue.ts';
import { type OriginPolicy, preflightHeaders } from './cors.ts';
import { isDisconnect } from './disconnect.ts';
import { Exchange } from './exchange.ts';
import type { HttpError } from './http-error.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { allAccepted } from './pending-connections.ts';
import { allowedMethods, pathOf, type Route, Router, supports } from './router.ts';

export interface HttpOptions {
  readonly routes: readonly Route[];
  readonly log: HttpLog;
  /** Absent: all requests are logged. */
  readonly requestLog?: RequestLog | undefined;
  /** Whose X-Request-Id is taken over. Absent: nobody's. */
  readonly isTrustedProxy?: ((address: string | undefined) => boolean) | undefined;
  readonly metrics: Metrics;
  readonly origins: OriginPolicy;
  /** Absent: requests are not traced. */
  readonly tracer?: Tracer | undefined;
  /** Absent: paths have no prefix. */
  readonly basePath?: BasePath | undefined;
  /** Unsent data of all connections. */
  readonly unread: MemoryBudget;
  readonly maxBodyBytes: number;
  readonly maxUrlBytes: number;
  /** Largest headers of a request, its URL apart, in bytes. */
  readonly maxHeaderBytes: number;
  /** How long the headers of a request may take to come, in ms. */
  readonly headersTimeoutMs: number;
  /** Open connections, WebSockets among them. */
  readonly maxConnections: number;
  /** How long a client may read nothing of its answer, in ms; see `endUnread`. */
  readonly stallMs?: number | undefined;
}

export interface HttpLog {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface HttpServer {
  /** For upgrades. */
  readonly server: Server;
  readonly isDraining: boolean;
  /**
   * @returns the address, `http://HOST:PORT`, without a slash at the end.
   * @throws the error of `listen` when the port is taken.
   */
  listen(port: number, host: string): Promise<string>;
  /** From now on the server is not ready. It serves everything as before. */
  drain(): void;
  /**
   * Stops listening, and closes each connection after its next answer, or the current one. Resolves when all connections are closed.
   * @param patienceMs time after which the remaining connections are destroyed, in ms.
   * @param idleMs time that connections without a request have for their last one, in ms. A client may be sending it.
   */
  close(patienceMs: number, idleMs?: number): Promise<void>;
}

/** How long a request may take to arrive, with its body. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How long a client may read nothing of its answer, in ms. */
const STALL_MS = 15_000;
/** Longer than proxies keep idle connections, usually 60 s. Otherwise a proxy could send into a connection that is being closed. */
const KEEP_ALIVE_MS = 72_000;

const BAD_URL: HttpError = { status: 400, code: 'BAD_REQUEST', message: 'The URL is malformed.' };
const NOT_FOUND: HttpError = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'This path does not exist. The API is at /graphql.',
};
const EXPECTATION_FAILED: HttpError = {
  status: 417,
  code: 'BAD_REQUEST',
  message: 'The only supported value of the header Expect is 100-continue.',
};

/** Creates the HTTP server: limits, routes, headers of every answer, CORS, and errors in the format of the API. */
export function createHttpServer(options: HttpOptions): HttpServer {
  const { log, metrics, maxUrlBytes, headersTimeoutMs, requestLog = new RequestLog(log) } = options;
  const server = nodeHttp.createServer({
    maxHeaderSize: maxUrlBytes + options.maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node checks for late requests at this interval.
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
  let isClosing = false;
  const shared = { ...options, isClosing: () => isClosing };

  // All requests are handled here.
  queues.attach(server, (request, response) => {
    const began = performance.now();
    options.basePath?.remove(request);
    const exchange = new Exchange(request, response, shared);
    const path = pathOf(exchange.url);
    const route = path === undefined ? undefined : router.find(path);
    if (route === undefined) options.basePath?.notFound(request);
    if (route !== undefined && route.isProbe !== true) exchange.span = startSpan(exchange, route);
    // Also when the client disconnects before it was answered.
    response.on('close', () => {
      report(exchange, route, performance.now() - began);
      if (!response.writableFinished) reportDisconnect(exchange, route?.path);
    });
    handle(exchange, path, route).catch((error: unknown) => fail(exchange, error));
  });

  async function handle(exchange: Exchange, path: string | undefined, route: Route | undefined): Promise<void> {
    const { method, url, expectation } = exchange;
    if (Buffer.byteLength(url) > maxUrlBytes) {
      metrics.refused('url');
      const message = `The URL can have at most ${maxUrlBytes} bytes. Send the document by POST.`;
      return exchange.refuse({ status: 414, code: 'BAD_REQUEST', message });
    }
    if (expectation !== undefined && expectation !== '100-continue') return exchange.refuse(EXPECTATION_FAILED);
    if (path === undefined) return exchange.refuse(BAD_URL);
    if (route === undefined) return exchange.refuse(NOT_FOUND);
    if (method === 'OPTIONS') {
      const allow = allowedMethods(route);
      const cors = preflightHeaders(exchange, options.origins);
      return exchange.answer({ status: 204, headers: { allow, vary: 'Origin', ...cors } });
    }
    if (!supports(route, method)) {
      const allow = allowedMethods(route);
      const message = `The methods of this path are ${allow}.`;
      return exchange.refuse({ status: 405, code: 'BAD_REQUEST', message, headers: { allow } });
    }
    await route.handle(exchange);
  }

  function fail(exchange: Exchange, err: unknown): void {
    const { requestId, response } = exchange;
    if (response.destroyed && isDisconnect(err)) return;
    log.error({ requestId, err }, 'unexpected error');
    // Part of the answer may have been sent. Without the rest, the client sees that it is incomplete.
    if (response.headersSent) return void response.destroy();
    const message = `Something went wrong inside the gateway. Quote ${requestId} when you report it.`;
    exchange.refuse({ status: 500, code: 'INTERNAL_SERVER_ERROR', message });
  }

  const startSpan = ({ method, headers }: Exchange, { path }: Route): Span | undefined => {
    const span = options.tracer?.start(`${method} ${path}`, headers, 'server');
    span?.set({ 'http.request.method': method, 'http.route': path });
    return span;
  };

  function report(exchange: Exchange, route: Route | undefined, ms: number): void {
    const { requestId, method, status, operation } = exchange;
    metrics.request(method, route?.path ?? 'none', status, ms);
    exchange.span?.set({ 'http.response.status_code': status });
    exchange.span?.end(status >= 500 ? String(status) : undefined);
    requestLog.request({ requestId, method, route: route?.path, status, ms }, operation, route?.isProbe === true);
  }

  /** Clients may leave at any time, so this is not an error. */
  function reportDisconnect({ requestId, method }: Exchange, route: string | undefined): void {
    metrics.disconnected('http');
    log.debug({ requestId, method, route }, 'client disconnected before the end of its response');
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
    },
    async close(patienceMs, idleMs = 0) {
      const impatience = setTimeout(() => server.closeAllConnections(), patienceMs);
      // Requests wait meanwhile: clients that connect for each of them would keep connecting.
      const release = queues.hold();
      await allAccepted(server);
      // Before the first answer that closes its connection: the client would connect again. The method of the HTTP server would close
      // idle connections at the same time.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      isDraining = true;
      isClosing = true;
      release();
      const closeIdle = (): void => {
        // For answers that began without the header that closes the connection.
        server.keepAliveTimeout = 1;
        // Its callback gets the error that the server does not listen.
        server.close(() => {});
      };
      const idle = setTimeout(closeIdle, idleMs);
      if (idleMs === 0) closeIdle();
      await closed;
      clearTimeout(idle);
      clearTimeout(impatience);
    },
  };
}

/**
 * Offers of other protocols are ignored, as HTTP requires: the client of Java and `curl --http2` offer h2c with the first request. Node
 * below 22.21 does not call this, and refuses such requests.
 */
const wantsWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
