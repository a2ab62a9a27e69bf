import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Metrics } from '../observability/metrics.ts';
import type { ConnectionQueues } from './connection-queue.ts';
import { httpErrorBody } from './http-error.ts';

/** What Node's parser could not make a request of, or not in time. */
const CLIENT_ERRORS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
};
const NOT_HTTP = ['400 Bad Request', 'This is no HTTP request.'] as const;
/** How long a client may take to read the last answer and to close, in ms. */
const LAST_MS = 5_000;

/** Answers what never becomes a request, with an error of the same shape as any other. */
export function answerClientErrors(server: Server, queues: ConnectionQueues): void {
  server.on('clientError', (error: Error & { code?: string }, connection: Duplex) => {
    const end = (): void => {
      // What stands in the middle of another answer would be taken for a part of it.
      if (error.code === 'ECONNRESET' || queues.isAnswering(connection)) connection.destroy();
      else answerClientError(error.code ?? '', connection);
    };
    if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT' || !queues.excuses(connection, end)) end();
  });
}

function answerClientError(code: string, connection: Duplex): void {
  if (!connection.writable) return void connection.destroy();
  const [status, message] = CLIENT_ERRORS[code] ?? NOT_HTTP;
  const body = httpErrorBody({ status: 400, code: 'BAD_REQUEST', message });
  endSoon(
    connection,
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Writes the last bytes of a connection and ends it. A client that does not read them, or does not close, is cut off. */
export function endSoon(connection: Duplex, last: string): void {
  const deadline = setTimeout(() => connection.destroy(), LAST_MS);
  connection.once('close', () => clearTimeout(deadline));
  connection.end(last);
}

/**
 * Ends connections whose client does not read its answer. Node reports a connection on which nothing moved for a time: one with
 * something unsent is not read; one with the timeout of idle connections has nothing under way. Any other waits for an answer, which has deadlines of
 * its own.
 * @param stallMs how long a client may take nothing of its answer, in ms; twice as long for what the network had room for at first.
 */
export function endUnread(server: Server, stallMs: number, metrics: Metrics): void {
  server.timeout = stallMs;
  server.on('timeout', (socket) => {
    const unread = socket.writableLength > 0;
    if (unread) metrics.refused('unread');
    if (unread || socket.timeout !== stallMs) socket.destroy();
  });
}
