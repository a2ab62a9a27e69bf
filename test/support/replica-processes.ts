import { once } from 'node:events';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { type GatewayProcess, startGatewayProcess } from '../../tools/gateway-process.ts';

/** A proxy on loopback before Redis, to cut the network of one replica. */
export class CuttableProxy {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(port: number): Promise<CuttableProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const proxy = new CuttableProxy(server, `redis://127.0.0.1:${address.port}`);
    server.on('connection', (client) => proxy.#connect(client, port));
    return proxy;
  }

  /** Nothing passes any more, and nobody is told. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** The network works again; old connections are gone. */
  heal(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #connect(client: Socket, port: number): void {
    const redis = connectTcp(port, '127.0.0.1');
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#isCut) from.pause();
    }
  }
}

/** A replica in a process of its own. */
export function startReplica(waldurUrl: string, redisUrl: string): Promise<GatewayProcess> {
  return startGatewayProcess({
    WALDUR_API_URL: waldurUrl,
    REDIS_URL: redisUrl,
    CURSOR_KEY: 'a key that all replicas have',
    CACHE_TTL_MS: '0',
    SOCKET_DRAIN_MS: '0',
    LOG_LEVEL: 'info',
  });
}

/** Ends a process, and waits for its end. */
export async function end({ child }: GatewayProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
