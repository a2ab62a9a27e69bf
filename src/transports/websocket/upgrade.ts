import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import type { CallerRules } from '../../auth/caller.ts';
import { clientAddress } from '../../auth/client-address.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { BasePath } from '../../server/base-path.ts';
import { endSoon } from '../../server/client-error.ts';
import type { OriginPolicy } from '../../server/cors.ts';
import { callerSource } from '../caller-source.ts';

export interface UpgradeOptions {
  readonly callers: CallerRules;
  readonly origins: OriginPolicy;
  readonly basePath: BasePath;
  /** Maximum open sockets. */
  readonly maxSockets: number;
  /** Maximum open sockets of one client address; 0: no limit. */
  readonly maxSocketsPerAddress: number;
  readonly metrics: Metrics;
}

/** What the answer to an upgrade depends on; no cache may keep it. */
const HEADERS = 'Connection: close\r\nContent-Length: 0\r\nCache-Control: no-store\r\nVary: Origin';

/** While draining, another replica can accept the socket at once. */
const DRAINING = '503 Service Unavailable\r\nRetry-After: 1';

const PATH = /^\/graphql\/?(?:\?|$)/;

/** Accepts or refuses the upgrade requests of a server. */
export function acceptUpgrades(
  server: Server,
  sockets: WebSocketServer,
  options: UpgradeOptions & { readonly isDraining: () => boolean },
): void {
  const { callers, isDraining } = options;
  const slots = new SocketSlots(options);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node removes its own error handler at an upgrade. Without this one, a client that resets a connection that is being refused would
    // end the process.
    socket.on('error', destroy);
    const address = clientAddress(callerSource(request.headers, request.socket), callers) ?? '';
    const refusal = refuseUpgrade(request, options) ?? (isDraining() ? DRAINING : slots.take(address));
    if (refusal === undefined) {
      freeAtClose(socket, slots, address);
      sockets.handleUpgrade(request, socket, head, (accepted) => sockets.emit('connection', accepted, request));
    } else {
      endSoon(socket, `HTTP/1.1 ${refusal}\r\n${HEADERS}\r\n\r\n`);
    }
  });
}

/** @returns the status of the refusal. */
function refuseUpgrade(request: IncomingMessage, { origins, basePath }: UpgradeOptions): string | undefined {
  basePath.remove(request);
  if (!PATH.test(request.url ?? '')) {
    basePath.notFound(request);
    return '404 Not Found';
  }
  // CORS does not apply to WebSockets, so the Origin header, which browsers always send, is the only protection.
  if (!origins.allows(request)) return '403 Forbidden';
  return undefined;
}

// Listeners that live as long as the socket are made outside the upgrade handler: a closure made inside it would keep the request alive.
function destroy(this: Duplex): void {
  this.destroy();
}

function freeAtClose(socket: Duplex, slots: SocketSlots, address: string): void {
  socket.once('close', () => slots.free(address));
}

/** Counts open sockets, in total and for each client address. */
class SocketSlots {
  readonly #options: UpgradeOptions;
  readonly #ofAddress = new Map<string, number>();
  #open = 0;

  constructor(options: UpgradeOptions) {
    this.#options = options;
  }

  /** Takes a slot; `free` must follow. @returns status and headers of the refusal when no slot is free. */
  take(address: string): string | undefined {
    const { maxSockets, maxSocketsPerAddress, metrics } = this.#options;
    if (this.#open >= maxSockets) {
      metrics.refused('sockets');
      return '503 Service Unavailable\r\nRetry-After: 5';
    }
    const open = this.#ofAddress.get(address) ?? 0;
    if (maxSocketsPerAddress > 0 && open >= maxSocketsPerAddress) {
      metrics.refused('socketsOfAddress');
      return '429 Too Many Requests\r\nRetry-After: 5';
    }
    this.#open += 1;
    this.#ofAddress.set(address, open + 1);
    return undefined;
  }

  free(address: string): void {
    this.#open -= 1;
    const left = (this.#ofAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#ofAddress.delete(address);
    else this.#ofAddress.set(address, left);
  }
}
