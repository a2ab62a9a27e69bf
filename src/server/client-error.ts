import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Metrics } from '../observability/metrics.ts';
import type { ConnectionQueues } from './connection-queue.ts';
import { COMMON_HEADERS } from './exchange.ts';
import { httpErrorBody } from './http-error.ts';

/** Answers to errors of Node's parser, by their code. */
const CLIENT_ERRORS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request was not completed in time.'],
};
const NOT_HTTP = ['400 Bad Request', 'The request is not valid HTTP/1.1.'] as const;
/** How long a client may take to read the last answer and to close the connection, in ms. */
const LAST_MS = 5_000;

/** Answers data that is not a valid request, with an error in the format of the API. */
export function answerClientErrors(server: Server, queues: ConnectionQueues): void {
  server.on('clientError', (error: Error & { code?: string }, connection: Duplex) => {
    const end = (): void => {
      // Within another answer, this one would be read as a part of it.
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
  const headers = {
    ...COMMON_HEADERS,
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  endSoon(connection, `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`);
}

/** Writes the last bytes of a connection and ends it. A client that does not read them, or does not close, is disconnected. */
export function endSoon(connection: Duplex, last: string): void {
  const deadline = setTimeout(() => connection.destroy(), LAST_MS);
  connection.once('close', () => clearTimeout(deadline));
  connection.end(last);
}

/**
 * Disconnects clients that do not read their answer. Node reports connections without traffic. If something is unsent, the client does not
 * read. If the timeout is that of idle connections, no request is in progress. Otherwise the client waits for an answer, which has its own
 * deadline.
 * @param stallMs how long a client may read nothing of its answer, in ms; twice as long for data that the network buffers hold.
 */
export function endUnread(server: Server, stallMs: number, metrics: Metrics): void {
  server.timeout = stallMs;
  server.on('timeout', (socket) => {
    const unread = socket.writableLength > 0;
    if (unread) metrics.refused('unread');
    if (unread || socket.timeout !== stallMs) socket.destroy();
  });
}
