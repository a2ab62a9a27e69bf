import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, type OperationTypeNode } from 'graphql';
import { CloseCode, type Context, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Caller, type CallerRules, readCaller } from '../../auth/caller.ts';
import { clientAddress } from '../../auth/client-address.ts';
import type { GraphContext } from '../../graph/context.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { type ErrorLog, formatError } from '../../operations/format-error.ts';
import { located } from '../../operations/limits/limits.ts';
import { Results } from '../../operations/result-stream.ts';
import type { Prepared, StreamGraph } from '../../operations/stream-execution.ts';
import { type AbortToken, AbortTokenSource } from '../../runtime/abort-token.ts';
import type { OriginPolicy } from '../../server/cors.ts';
import { endSoon } from '../../server/end-soon.ts';
import type { MemoryBudget } from '../../server/memory-budget.ts';
import { callerSource } from '../caller-source.ts';
import type { Quotas } from '../quotas.ts';
import { countRefusal, isRefusal, withMetrics } from '../with-metrics.ts';
import { withQuotas } from '../with-quotas.ts';
import { FlowControl } from './flow-control.ts';
import { enforceMessageDeadline } from './message-deadline.ts';
import { MessageQueue } from './message-queue.ts';
import { OperationAborts } from './operation-aborts.ts';
import { OperationLimit } from './operation-limit.ts';
import { OperationQueue } from './operation-queue.ts';
import { ResultPump } from './result-pump.ts';
import type { SocketSlots } from './socket-slots.ts';
import { type Send, SocketWriter } from './socket-writer.ts';

export interface SocketOptions {
  readonly graph: StreamGraph;
  readonly callers: CallerRules;
  readonly origins: OriginPolicy;
  readonly createContext: (
    caller: Caller,
    requestId: string | undefined,
    signal: AbortToken,
    onStreamEnd?: GraphContext['onStreamEnd'],
  ) => GraphContext;
  readonly log: ErrorLog;
  readonly metrics: Metrics;
  readonly quotas: Quotas;
  readonly slots: SocketSlots;
  readonly maxMessageBytes: number;
  /** What is unsent on all connections. */
  readonly unread: MemoryBudget;
  /** What has come of messages that are not whole. */
  readonly arriving: MemoryBudget;
  /** Most subscriptions that run at the same time on one socket, and most other operations. */
  readonly maxSubscriptions: number;
  readonly pace?: Partial<SocketPace>;
}

export interface Sockets {
  /** Closes every socket with 1012, which clients take as an invitation to come back, spread over the time given. */
  drain(spreadMs: number): Promise<void>;
  readonly count: number;
}

/** How long sockets may be silent, in ms. */
export interface SocketPace {
  /** A ping this often; a socket that has not answered the last one by then is dropped. */
  readonly pingMs: number;
  /** connection_init must come within this time. */
  readonly initMs: number;
  /** A message must have come whole within this time. */
  readonly messageMs: number;
  /** A client to which much is unsent must take some of it within this time. */
  readonly stallMs: number;
}

const PACE: SocketPace = { pingMs: 12_000, initMs: 10_000, messageMs: 30_000, stallMs: 15_000 };
/** How long a client may take to acknowledge that it is closed, in ms. */
const CLOSE_MS = 10_000;
/**
 * A reader that does not read cannot see pings either. So a socket with something unsent may miss this many: by then its streams
 * have been ended for that, with the close code that says so.
 */
const MOST_UNANSWERED = 5;
const RESTART = 1012;
/** What one reader's event is made of serves other sockets too, and must not end with this one. */
const NEVER: AbortToken = new AbortTokenSource();
const PATH = /^\/graphql\/?(?:\?|$)/;

/** What we keep for each socket. */
interface Extra extends Record<PropertyKey, unknown> {
  /** Not the request itself, which would be held for as long as the socket lives. */
  readonly source: ReturnType<typeof callerSource>;
  readonly closed: AbortController;
  readonly leaving: OperationAborts;
  readonly places: OperationLimit;
  readonly send: Send;
  readonly onStreamEnd: GraphContext['onStreamEnd'];
  caller: Caller | undefined;
}

type Connected = Context<Record<string, unknown> | undefined, Extra>;

/** The smallest segments of TCP bring 536 bytes, but for the last of what is written at once. */
const mostPieces = (maxMessageBytes: number): number => Math.max(1_024, Math.ceil(maxMessageBytes / 256));

/** GraphQL over WebSocket, subprotocol graphql-transport-ws, on the same path as over HTTP. */
export function attachSockets(server: Server, options: SocketOptions): Sockets {
  const { log, metrics, quotas, slots } = options;
  const graph = withMetrics(withQuotas(options.graph, quotas), 'websocket', metrics);
  const pace = { ...PACE, ...options.pace };
  // Apart, since the library's types do not know of `closeTimeout`.
  const settings = {
    noServer: true,
    maxPayload: options.maxMessageBytes,
    // However large, a message of an honest client comes in fewer; each piece is an object of some hundred bytes until the last is here.
    maxFragments: mostPieces(options.maxMessageBytes),
    maxBufferedChunks: mostPieces(options.maxMessageBytes),
    perMessageDeflate: false,
    // A flood of pings is answered by the outbox, within its bounds.
    autoPong: false,
    closeTimeout: CLOSE_MS,
    handleProtocols: (protocols: Set<string>) => handleProtocols(protocols),
  };
  const wss = new WebSocketServer(settings);

  const over = ({ extra }: Connected, id: string): void => {
    extra.leaving.over(id);
    extra.places.free(id);
  };
  const protocol = makeServer<Record<string, unknown> | undefined, Extra>({
    connectionInitWaitTimeout: pace.initMs,
    onConnect(socket: Connected) {
      // An id is whatever a client chooses: with a prototype `__proto__` and `toString` would seem to be taken.
      Object.setPrototypeOf(socket.subscriptions, null);
      socket.extra.caller = readCaller(sourceOf(socket), options.callers);
    },
    onSubscribe(socket: Connected, id, payload) {
      const { caller, onStreamEnd, places } = socket.extra;
      if (caller === undefined) return [new GraphQLError('Send connection_init first.')];
      const excess = quotas.request(caller.key);
      if (excess) {
        const refusal = [located(excess)];
        countRefusal(refusal, 'websocket', metrics);
        return refusal;
      }
      const prepared = graph.prepare(payload, (kind) => {
        const full = places.take(id, kind);
        if (full) metrics.refused('socketOperations');
        return full ?? options.createContext(caller, undefined, signalFor(kind, id, socket.extra), onStreamEnd);
      });
      if (isRefusal(prepared)) over(socket, id);
      return prepared;
    },
    onComplete: over,
    execute: (args: ExecutionArgs) => graph.run(args as Prepared),
    subscribe: (args: ExecutionArgs) => graph.run(args as Prepared),
    onOperation: ({ extra }: Connected, id, _payload, _args, results) =>
      results instanceof Results
        ? new ResultPump(results, (result) => extra.send(nextMessage(id, graph.print(result))))
        : undefined,
    onNext: (_socket, _id, _payload, _args, result) => graph.format(result as ExecutionResult),
    onError: (_socket, _id, _payload, errors) => errors.map((error) => formatError(error, log)),
  });

  wss.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const closed = new AbortController();
    const leaving = new OperationAborts();
    const places = new OperationLimit(options.maxSubscriptions);
    const reading = new FlowControl(socket);
    const stopPinging = keepAlive(socket, reading, pace.pingMs);
    const connection = request.socket;
    const outbox = new SocketWriter({
      socket,
      connection,
      reading,
      unread: options.unread,
      stallMs: pace.stallMs,
      onUnread: () => metrics.refused('unread'),
    });
    const { send } = outbox;
    const inbox = new MessageQueue(reading);
    connection.on('data', (piece: Buffer) => reading.came(piece.length));
    const close = (code: number, reason: string): void => {
      inbox.close();
      socket.close(code, fitted(reason));
    };
    const extra: Extra = {
      source: callerSource(request.headers, connection),
      closed,
      leaving,
      places,
      send,
      onStreamEnd: ({ closeCode, reason }) => {
        // The message that tells why goes first.
        if (closeCode !== null) setImmediate(() => close(closeCode, reason));
      },
      caller: undefined,
    };
    enforceMessageDeadline({
      socket,
      connection,
      arriving: options.arriving,
      messageMs: pace.messageMs,
      isKnown: () => extra.caller !== undefined,
      end: (code, reason) => {
        metrics.refused('unfinishedMessage');
        inbox.close();
        outbox.end(code, reason);
      },
    });
    const ended = protocol.opened(
      {
        protocol: socket.protocol,
        send,
        close,
        onMessage: (read) => {
          const turns = new OperationQueue((id) => {
            leaving.leave(id);
            places.free(id);
          });
          const fail = (error: unknown): void => {
            // The library throws for a type that only servers send, where the protocol wants the usual closure.
            if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
              close(4400, 'Invalid message received');
              return;
            }
            log.error({ correlationId: randomUUID(), err: error }, 'a socket failed');
            close(1011, 'Internal server error');
          };
          const refuse = (taken: boolean): void => {
            if (!taken) close(CloseCode.SubscriberAlreadyExists, 'Two operations wait for the same id');
          };
          // No async function: its frame would hold on to the message for as long as a subscription lasts.
          socket.on('message', (data, isBinary) => {
            if (isBinary) return close(4400, 'Send messages as text, not binary');
            const text = String(data);
            inbox.add(text, () => void turns.take(text, read).then(refuse, fail));
          });
        },
      },
      extra,
    );
    // Errors of a single socket (a frame too large, a reset) end that socket and are no news.
    socket.on('error', () => socket.terminate());
    socket.once('close', (code, reason) => {
      stopPinging();
      inbox.close();
      closed.abort();
      leaving.close();
      void ended(code, String(reason));
    });
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node leaves the connection to us, its errors too: without this, a client that resets it while it is refused would end the gateway.
    socket.on('error', destroyIt);
    const address = clientAddress(callerSource(request.headers, request.socket), options.callers) ?? '';
    const refusal = refuseUpgrade(request, options.origins) ?? slots.enter(address);
    if (refusal === undefined) {
      leaveAtClose(socket, slots, address);
      wss.handleUpgrade(request, socket, head, (accepted) => wss.emit('connection', accepted, request));
    } else {
      endSoon(socket, `HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
  });

  return {
    get count() {
      return wss.clients.size;
    },
    async drain(spreadMs) {
      const clients = [...wss.clients];
      const closing = clients.map(
        (client, i) =>
          new Promise<void>((resolve) => {
            client.once('close', () => resolve());
            setTimeout(() => client.close(RESTART, 'Service restart'), (spreadMs * i) / clients.length);
          }),
      );
      wss.close();
      await Promise.all(closing);
    },
  };
}

/** The message that graphql-ws would make of a result, from JSON that is made once for all readers. */
const nextMessage = (id: string, json: string): string =>
  `{"id":${JSON.stringify(id)},"type":"next","payload":${json}}`;

/** A close frame has room for 123 bytes of reason; `ws` throws for more. An id that a client chose may be part of it. */
const fitted = (reason: string): string =>
  reason.slice(0, new TextEncoder().encodeInto(reason, new Uint8Array(123)).read);

// Functions of their own, because what is made within a function holds everything that is: here the request, for as long as the socket lives.
function destroyIt(this: Duplex): void {
  this.destroy();
}

function leaveAtClose(socket: Duplex, slots: SocketSlots, address: string): void {
  socket.once('close', () => slots.leave(address));
}

/** When the upstream calls of an operation are given up. */
function signalFor(kind: `${OperationTypeNode}`, id: string, { closed, leaving }: Extra): AbortToken {
  switch (kind) {
    case 'query':
      return leaving.begin(id);
    case 'mutation':
      // A change that is under way cannot be called back; given up, nobody would see how it ended.
      return closed.signal;
    case 'subscription':
      return NEVER;
  }
}

function refuseUpgrade({ url, headers }: IncomingMessage, origins: OriginPolicy): string | undefined {
  if (!PATH.test(url ?? '')) return '404 Not Found';
  // Browsers always send Origin here, and no other protection exists: sockets know no CORS.
  if (headers.origin !== undefined && !origins.allows(headers.origin, headers.host)) return '403 Forbidden';
  return undefined;
}

function keepAlive(socket: WebSocket, reading: FlowControl, everyMs: number): () => void {
  let unanswered = 0;
  socket.on('pong', () => {
    unanswered = 0;
  });
  const timer = setInterval(() => {
    // One that is closing has a deadline of its own.
    if (socket.readyState !== socket.OPEN) return;
    // Its answers are not read either; the outbox ends it when it takes nothing.
    if (reading.isStoppedFor('unsent')) return;
    if (unanswered > (socket.bufferedAmount > 0 ? MOST_UNANSWERED : 0)) return socket.terminate();
    unanswered += 1;
    socket.ping();
  }, everyMs);
  return () => clearInterval(timer);
}

/** Credentials come in the parameters of the connection, as browsers can set no headers there, or in the upgrade's header. */
function sourceOf({ connectionParams, extra }: Connected) {
  const { source } = extra;
  const params = connectionParams ?? {};
  const nested = typeof params.headers === 'object' && params.headers !== null ? params.headers : {};
  const given = [params.Authorization, params.authorization, ...valuesOf(nested, 'authorization')];
  const authorization = given.find((value) => typeof value === 'string') ?? source.authorization;
  return { ...source, authorization };
}

const valuesOf = (headers: object, name: string): unknown[] =>
  Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
