import type { Server } from 'node:http';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { type ConnectionLog, type ConnectionOptions, openConnection, type SocketPace } from './connection.ts';
import { createProtocol, type ProtocolOptions } from './protocol.ts';
import { acceptUpgrades, type UpgradeOptions } from './upgrade.ts';

export type { ConnectionLog, SocketPace } from './connection.ts';

export interface SocketOptions extends UpgradeOptions, ProtocolOptions, ConnectionOptions {
  readonly log: ConnectionLog;
  readonly maxMessageBytes: number;
  readonly pace?: Partial<SocketPace>;
}

export interface Sockets {
  /** Number of open sockets. */
  readonly count: number;
  /**
   * Closes all sockets with 1012, spread over the time given. Clients take that code as a request to connect again.
   * @param mostMs time after which sockets are closed whose clients do not answer, in ms.
   */
  drain(spreadMs: number, mostMs: number): Promise<void>;
}

const DEFAULT_PACE: SocketPace = {
  pingMs: 12_000,
  initMs: 10_000,
  messageMs: 30_000,
  stallMs: 15_000,
  closeMs: 10_000,
};
const SERVICE_RESTART = 1012;

/** GraphQL over WebSocket at `/graphql`, by the subprotocol graphql-transport-ws. */
export function attachSockets(server: Server, options: SocketOptions): Sockets {
  const pace = { ...DEFAULT_PACE, ...options.pace };
  const protocol = createProtocol(options, pace.initMs);
  const sockets = new WebSocketServer(serverOptions(options.maxMessageBytes, pace.closeMs));
  sockets.on('connection', (socket, request) => openConnection(socket, request, protocol, pace, options));
  let isDraining = false;
  acceptUpgrades(server, sockets, { ...options, isDraining: () => isDraining });
  return {
    get count() {
      return sockets.clients.size;
    },
    async drain(spreadMs, mostMs) {
      isDraining = true;
      const clients = [...sockets.clients];
      const closing = clients.map(
        (client, i) =>
          new Promise<void>((resolve) => {
            client.once('close', () => resolve());
            setTimeout(() => client.close(SERVICE_RESTART, 'Service restart'), (spreadMs * i) / clients.length);
          }),
      );
      const impatience = setTimeout(() => {
        for (const client of clients) client.terminate();
      }, mostMs);
      sockets.close();
      await Promise.all(closing);
      clearTimeout(impatience);
    },
  };
}

/** Not inline, because the types of `ws` do not know `closeTimeout`. */
const serverOptions = (maxMessageBytes: number, closeMs: number) => ({
  noServer: true,
  maxPayload: maxMessageBytes,
  // Each chunk and each fragment takes some hundred bytes until its message is complete.
  maxFragments: maxChunks(maxMessageBytes),
  maxBufferedChunks: maxChunks(maxMessageBytes),
  perMessageDeflate: false,
  // The writer answers pings, within its bounds.
  autoPong: false,
  closeTimeout: closeMs,
  handleProtocols: (protocols: Set<string>) => handleProtocols(protocols),
});

/** The smallest TCP segments hold 536 bytes, so an honest client needs fewer chunks than this. */
const maxChunks = (maxMessageBytes: number): number => Math.max(1_024, Math.ceil(maxMessageBytes / 256));
