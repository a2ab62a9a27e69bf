import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Metrics } from '../observability/metrics.ts';
import type { ConnectionQueues } from './connection-queue.ts';
import { corsHeaders, NO_CORS_HEADERS, type OriginPolicy } from './cors.ts';
import { endSoon } from './end-soon.ts';
import { type HttpError, httpErrorBody, httpErrorResponse } from './http-error.ts';
import { countRequests } from './metrics-route.ts';
import { bodyReader } from './read-body.ts';
import { WholeRequest } from './whole-request.ts';

export interface HttpOptions {
  readonly log: FastifyBaseLogger;
  readonly maxBodyBytes: number;
  readonly maxUrlBytes: number;
  /** Largest headers of a request, its URL apart, in bytes. */
  readonly maxHeaderBytes: number;
  /** How long the headers of a request may take to come, in ms. */
  readonly headersTimeoutMs: number;
  /** Open connections, sockets among them. */
  readonly maxConnections: number;
  readonly queues: ConnectionQueues;
  readonly origins: OriginPolicy;
  readonly metrics: Metrics;
  /** How long a client may take nothing of its answer, in ms; twice as long for what the network had room for at first. */
  readonly stallMs?: number;
}

/** Headers of every answer; pages set others in their place. HSTS is the proxy's to send, which has the certificate. */
export const ALWAYS = {
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // A GET has its document in the URL.
  'referrer-policy': 'no-referrer',
};

/** How long a request may take to come, with its body. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How long a client may take nothing of its answer, in ms. */
const STALL_MS = 15_000;
const REQUEST_ID = /^[\w.:-]{1,100}$/;

/** The HTTP server without routes: limits, headers of every answer, CORS, and errors that look like any other error of the API. */
export function createHttpServer(options: HttpOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.maxBodyBytes,
    genReqId: requestIdOf,
    http: {
      maxHeaderSize: options.maxUrlBytes + options.maxHeaderBytes,
      headersTimeout: options.headersTimeoutMs,
      // Node looks only this often for those who are late.
      connectionsCheckingInterval: Math.min(options.headersTimeoutMs, 5_000),
      shouldUpgradeCallback: wantsSocket,
      IncomingMessage: WholeRequest,
    },
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    clientErrorHandler: (error: { code?: string }, socket: Duplex) => {
      const end = (): void => answerNoHttp(error, socket);
      if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT' || !options.queues.excuses(socket, end)) end();
    },
    // A path that cannot be decoded: it reaches no hook, and the framework would answer in its own words.
    frameworkErrors: (_error, _request, reply) =>
      void refuse(reply.headers(ALWAYS), { status: 400, code: 'BAD_REQUEST', message: 'The URL cannot be read.' }),
  });

  // A logger for each request would cost more than the lines that it writes; those few name the request themselves.
  app.setChildLoggerFactory((log) => log);
  app.server.maxConnections = options.maxConnections;
  endUnread(app.server, options);
  app.server.on('drop', () => options.metrics.refused('connections'));

  // Bodies are parsed by the route that knows what it wants.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', bodyReader(options.maxBodyBytes));

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(ALWAYS).header('x-request-id', request.id);
    allowOrigin(request, reply, options.origins);
    if (Buffer.byteLength(request.url) > options.maxUrlBytes) {
      options.metrics.refused('url');
      return refuse(reply, {
        status: 414,
        code: 'BAD_REQUEST',
        message: `The URL may have at most ${options.maxUrlBytes} bytes; send the document by POST.`,
      });
    }
  });

  countRequests(app, options.metrics);
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    request.log.info(
      {
        requestId: request.id,
        method,
        route: routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });

  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      request.log.error({ requestId: request.id, err: error }, 'unexpected error');
      const message = `Something went wrong inside the gateway. Quote ${request.id} when you report it.`;
      return refuse(reply, { status: 500, code: 'INTERNAL_SERVER_ERROR', message });
    }
    const tooLarge = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
    if (tooLarge) options.metrics.refused('body');
    const message = tooLarge
      ? `The body may have at most ${options.maxBodyBytes} bytes.`
      : 'The request could not be read.';
    return refuse(reply, { status, code: 'BAD_REQUEST', message });
  });

  app.setNotFoundHandler((_request, reply) =>
    refuse(reply, { status: 404, code: 'NOT_FOUND', message: 'Nothing is served here. The API is at /graphql.' }),
  );
  return app;
}

/**
 * Offers to go on in another protocol are ignored, as HTTP has it: Java's own client and `curl --http2` make one (h2c) with every first
 * request. Older Nodes (below 22.21) do not ask, and refuse those.
 */
const wantsSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

/** What Node's parser could not make a request of, or not in time. */
const NO_HTTP: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
};
const NOT_HTTP = ['400 Bad Request', 'This is no HTTP request.'] as const;

function answerNoHttp({ code }: { code?: string }, socket: Duplex): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, message] = NO_HTTP[code ?? ''] ?? NOT_HTTP;
  const body = httpErrorBody({ status: 400, code: 'BAD_REQUEST', message });
  const length = Buffer.byteLength(body);
  endSoon(
    socket,
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${length}\r\n\r\n${body}`,
  );
}

/**
 * Ends who does not read. Node tells of a connection on which nothing moved: one with something unsent is not read, one with the time of
 * idle ones has nothing to wait for, and any other waits for its answer, which has deadlines of its own.
 */
function endUnread(server: Server, { stallMs = STALL_MS, metrics }: HttpOptions): void {
  server.timeout = stallMs;
  server.on('timeout', (socket) => {
    const unread = socket.writableLength > 0;
    if (unread) metrics.refused('unread');
    if (unread || socket.timeout !== stallMs) socket.destroy();
  });
}

/** A caller's own request id is kept when it is harmless, so that one id follows a request through every log. */
export function requestIdOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Answers a request that never becomes an operation. */
export function refuse(reply: FastifyReply, refusal: HttpError): FastifyReply {
  const { status, headers, body } = httpErrorResponse(refusal);
  return reply.code(status).headers(headers).send(body);
}

const CORS_HEADERS =
  'Authorization, Content-Type, X-Request-Id, X-Impersonated-User-Uuid, X-Explain, Apollo-Require-Preflight, X-Apollo-Operation-Name';

/** Answers carry the origin only when it is allowed; the browser keeps everything else from the page that asked. */
function allowOrigin(request: FastifyRequest, reply: FastifyReply, origins: OriginPolicy): void {
  const readable = corsHeaders(request.headers, origins);
  reply.header('vary', 'Origin').headers(readable);
  if (request.method !== 'OPTIONS' || readable === NO_CORS_HEADERS) return;
  reply
    .header('access-control-allow-methods', 'GET, POST')
    .header('access-control-allow-headers', CORS_HEADERS)
    .header('access-control-max-age', '600');
}
