import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { CloseCode, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Metrics } from '../../observability/metrics.ts';
import type { ErrorLog } from '../../operations/format-error.ts';
import type { TrustedDocuments } from '../../operations/trusted-documents.ts';
import type { MemoryBudget } from '../../server/memory-budget.ts';
import { callerSource } from '../caller-source.ts';
import { FlowControl, MessageQueue, readMessage } from './flow-control.ts';
import { enforceMessageDeadline } from './message-deadline.ts';
import { Operations } from './operations.ts';
import type { Extra } from './protocol.ts';
import { type Send, SocketWriter } from './socket-writer.ts';

/** How long a socket may be silent, in ms. */
export interface SocketPace {
  /** Interval of pings. A socket that has not answered the last ping by the next one is dropped. */
  readonly pingMs: number;
  /** connection_init must come within this time. */
  readonly initMs: number;
  /** A message must be complete within this time after its first byte. */
  readonly messageMs: number;
  /** A client with much unsent must take some of it within this time. */
  readonly stallMs: number;
  /** A close must be acknowledged within this time. */
  readonly closeMs: number;
}

export interface ConnectionLog extends ErrorLog {
  debug(details: { err: unknown }, message: string): void;
}

export interface ConnectionOptions {
  readonly log: ConnectionLog;
  readonly metrics: Metrics;
  /** Undefined: none. */
  readonly trusted?: TrustedDocuments | undefined;
  /** Unsent data of all connections. */
  readonly unread: MemoryBudget;
  /** Incomplete messages on all sockets. */
  readonly arriving: MemoryBudget;
  /** Maximum concurrent subscriptions of one socket, and maximum concurrent queries and mutations. */
  readonly maxSubscriptions: number;
}

/**
 * A client that does not read does not see pings either. A socket with something unsent may miss this many: by then its subscriptions have
 * ended as slow readers, with a close code that says so.
 */
const MAX_UNANSWERED_PINGS = 5;
/** What a close frame has room for. */
const MAX_REASON_BYTES = 123;
const INTERNAL_ERROR = 1011;
/** What `ws` reports when the connection ended without a close frame. */
const NO_CLOSE_FRAME = 1006;

/** Serves one socket until it closes. */
export function openConnection(
  socket: WebSocket,
  request: IncomingMessage,
  protocol: Server<Extra>,
  pace: SocketPace,
  { log, metrics, trusted, unread, arriving, maxSubscriptions }: ConnectionOptions,
): void {
  const connection = request.socket;
  const flow = new FlowControl(socket, connection);
  const queue = new MessageQueue(flow);
  const writer = new SocketWriter({
    socket,
    connection,
    flow,
    unread,
    stallMs: pace.stallMs,
    onSlowReader: () => metrics.refused('unread'),
  });
  /** The reason why the connection was lost, if it was. */
  let lost: unknown;
  /** A message that cannot be sent is not a failure of the operation: its client has disconnected, and `close` follows. */
  const send: Send = (message) =>
    writer.send(message).catch((error: unknown) => {
      lost ??= error;
    });
  const close = (code: number, reason: string): void => {
    queue.close();
    socket.close(code, fitted(reason));
  };
  const operations = new Operations(maxSubscriptions, close);
  const stopPinging = keepAlive(socket, flow, pace.pingMs);
  const extra: Extra = {
    source: callerSource(request.headers, connection),
    traceContext: traceContextOf(request.headers),
    operations,
    send,
    onStreamEnd: ({ closeCode, reason }) => {
      // After the Error message that says why.
      if (closeCode !== null) setImmediate(() => close(closeCode, reason));
    },
    caller: undefined,
  };
  enforceMessageDeadline({
    socket,
    connection,
    arriving,
    messageMs: pace.messageMs,
    isInitialised: () => extra.caller !== undefined,
    end: (code, reason) => {
      metrics.refused('unfinishedMessage');
      queue.close();
      writer.end(code, reason);
    },
  });
  const fail = (error: unknown): void => {
    // graphql-ws throws for a type that only servers send, where its protocol asks for this code.
    if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
      close(CloseCode.BadRequest, 'Invalid message received');
      return;
    }
    log.error({ correlationId: randomUUID(), err: error }, 'a socket failed');
    close(INTERNAL_ERROR, 'Internal server error');
  };
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send,
      close,
      onMessage: (handle) => {
        // Not an async function, which would hold the message as long as its subscription.
        socket.on('message', (data, isBinary) => {
          if (isBinary) return close(CloseCode.BadRequest, 'Binary messages are not supported');
          const message = readMessage(String(data), trusted);
          if (message.limit !== undefined) metrics.refused(message.limit);
          queue.add(message, () => void operations.receive(message, handle).catch(fail));
        });
      },
    },
    extra,
  );
  // Such as an oversized frame or a reset. They concern this socket alone.
  socket.on('error', (error) => {
    lost ??= error;
    socket.terminate();
  });
  socket.once('close', (code, reason) => {
    if (code === NO_CLOSE_FRAME) {
      metrics.disconnected('websocket');
      log.debug({ err: lost }, 'WebSocket client disconnected without a close frame');
    }
    stopPinging();
    queue.close();
    operations.close();
    void closed(code, String(reason));
  });
}

/** Not the headers themselves, which would stay in memory as long as the socket. */
const traceContextOf = ({ traceparent, tracestate }: IncomingHttpHeaders): Extra['traceContext'] =>
  traceparent === undefined ? NO_TRACE : { traceparent, tracestate };

const NO_TRACE: Extra['traceContext'] = {};

/** Cuts a reason to what a close frame holds; `ws` throws for a longer one. graphql-ws puts ids into reasons, and clients choose ids. */
const fitted = (reason: string): string =>
  reason.slice(0, new TextEncoder().encodeInto(reason, new Uint8Array(MAX_REASON_BYTES)).read);

/** Pings the client and drops a socket that does not answer. @returns a function that stops it. */
function keepAlive(socket: WebSocket, flow: FlowControl, everyMs: number): () => void {
  let unanswered = 0;
  socket.on('pong', () => {
    unanswered = 0;
  });
  const timer = setInterval(() => {
    // A closing socket has a deadline of its own.
    if (socket.readyState !== socket.OPEN) return;
    // Pongs are not read now. The writer ends a client that takes nothing.
    if (flow.isPausedFor('unsent')) return;
    if (unanswered > (socket.bufferedAmount > 0 ? MAX_UNANSWERED_PINGS : 0)) return socket.terminate();
    unanswered += 1;
    socket.ping();
  }, everyMs);
  return () => clearInterval(timer);
}
