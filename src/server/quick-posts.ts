import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { Metrics } from '../observability/metrics.ts';
import type { ErrorLog } from '../operations/format-error.ts';
import { AbortTokenSource } from '../runtime/abort-token.ts';
import { TurnBatch } from '../runtime/turn-batch.ts';
import type { Answerer } from '../transports/http.ts';
import { ConnectionQueues } from './connection-queue.ts';
import { corsHeaders, type OriginPolicy } from './cors.ts';
import { type Answer, httpErrorResponse } from './http-error.ts';
import { ALWAYS, requestIdOf } from './http-server.ts';
import { LARGE_BYTES, LargeResponse } from './large-response.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { WholeRequest } from './whole-request.ts';

export interface QuickPostsOptions {
  readonly answer: Answerer;
  readonly metrics: Metrics;
  readonly log: ErrorLog & { info(details: object, message: string): void };
  readonly maxBodyBytes: number;
  readonly origins: OriginPolicy;
  /** What is unsent on all connections. */
  readonly unread: MemoryBudget;
  /** While the gateway ends, the framework answers everything. */
  readonly isDraining: () => boolean;
}

const PATH = '/graphql';
/** Names and values in turn, as Node writes them without a look at each. */
const ALWAYS_SENT: readonly string[] = [...Object.entries(ALWAYS).flat(), 'vary', 'Origin'];
const JSON_TYPES: ReadonlySet<string | undefined> = new Set(['application/json', 'application/json; charset=utf-8']);

/**
 * Answers the one kind of request that nearly all are, a POST of JSON, without the framework: its routing, hooks and streams cost as
 * much as the rest of a small query. Whatever is out of the ordinary is the framework's, and `answer` makes the same answers for both.
 */
export function takeQuickPosts(server: Server, options: QuickPostsOptions, queues = new ConnectionQueues()): void {
  const [framework] = server.listeners('request');
  if (framework === undefined) throw new Error('The server has nothing that listens for requests.');
  server.removeAllListeners('request');
  const complete = new TurnBatch<Complete>(({ deal, body }) => deal(body), weightOf);
  queues.attach(server, (request, response) => {
    if (request instanceof WholeRequest && request.isFresh && isQuick(request, options))
      read(request, response, complete, options);
    else framework.call(server, request, response);
  });
}

/** A request that has come whole. */
interface Complete {
  readonly deal: (body: Buffer) => void;
  readonly body: Buffer;
}

/** What any request is in work besides its size, in bytes. */
const WEIGHT_OF_ANY = 1_000;

const weightOf = ({ body }: Complete): number => WEIGHT_OF_ANY + body.length;

function isQuick({ method, url, headers }: IncomingMessage, { maxBodyBytes, isDraining }: QuickPostsOptions): boolean {
  if (method !== 'POST' || url !== PATH || !JSON_TYPES.has(headers['content-type'])) return false;
  if (headers['content-encoding'] !== undefined || headers.expect !== undefined) return false;
  const length = Number(headers['content-length'] ?? Number.NaN);
  return length > 0 && length <= maxBodyBytes && !isDraining();
}

/** @param complete is given what deals with the request, when all of it is here. */
function read(
  request: WholeRequest,
  response: ServerResponse,
  complete: TurnBatch<Complete>,
  options: QuickPostsOptions,
): void {
  const began = performance.now();
  const requestId = requestIdOf(request);
  const stop = new AbortTokenSource();
  const deal = (body: Buffer): void => {
    // The client went away meanwhile.
    if (stop.aborted) return;
    const { headers, socket } = request;
    const reply = (answer: Answer): void =>
      send(response, requestId, corsHeaders(headers, options.origins), answer, options.unread);
    const failed = (err: unknown): void => {
      options.log.error({ correlationId: requestId, err }, 'unexpected error');
      const message = `Something went wrong inside the gateway. Quote ${requestId} when you report it.`;
      if (!response.headersSent) reply(httpErrorResponse({ status: 500, code: 'INTERNAL_SERVER_ERROR', message }));
    };
    try {
      options
        .answer({ method: 'POST', headers, url: PATH, socket, requestId, body, signal: stop }, reply)
        ?.catch(failed);
    } catch (err) {
      failed(err);
    }
  };
  request.whenWhole((body) => {
    complete.add({ deal, body });
  });
  // Also when the client goes away before.
  response.on('close', () => {
    if (!response.writableFinished) stop.abort();
    const ms = performance.now() - began;
    const { statusCode: status } = response;
    options.metrics.request('POST', PATH, status, ms);
    options.log.info({ requestId, method: 'POST', route: PATH, status, ms: Math.round(ms) }, 'request');
  });
}

function send(
  response: ServerResponse,
  requestId: string,
  readable: Readonly<Record<string, string>>,
  { status, headers, body }: Answer,
  unread: MemoryBudget,
): void {
  const length = Buffer.byteLength(body);
  const all = [...ALWAYS_SENT, 'x-request-id', requestId, 'content-length', String(length)];
  for (const name in readable) all.push(name, readable[name] ?? '');
  for (const name in headers) if (name !== 'content-length') all.push(name, headers[name] ?? '');
  response.writeHead(status, all);
  // Ends the response when the client leaves or is ended, which nobody else has to know.
  if (length > LARGE_BYTES) return void pipeline(new LargeResponse(body, length, unread), response, () => {});
  // The same bytes where all characters are ASCII, and written with less ado.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}
