import { createClient } from '@redis/client';

export interface RedisConnectionEvents {
  /** The connection was lost, or an attempt to open it failed. */
  readonly onFailed: (error: unknown) => void;
  readonly onReady: () => void;
}

const CONNECT_TIMEOUT_MS = 2_000;
/** How long authentication and the choice of the database may take, in ms. */
const HANDSHAKE_TIMEOUT_MS = 3_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

const createConnection = (url: string) =>
  createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
  });

export type RedisClient = ReturnType<typeof createConnection>;

/**
 * Keeps one connection to Redis open. The client's own reconnection is not used: it waits for ever for a server that accepts a connection
 * and does not respond, and it cannot be told to give up a connection whose commands are not answered.
 */
export class RedisConnection {
  readonly #url: string;
  readonly #events: RedisConnectionEvents;
  /** The current attempt or connection. */
  #client: RedisClient | undefined;
  #isReady = false;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(url: string, events: RedisConnectionEvents) {
    this.#url = url;
    this.#events = events;
    this.#open();
  }

  /** The client, while it is connected. */
  get ready(): RedisClient | undefined {
    return this.#isReady ? this.#client : undefined;
  }

  /** Replaces a connection that no longer responds. Its commands are rejected. */
  replace(client: RedisClient, reason: unknown): void {
    this.#failed(client, reason);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    // A client that is destroyed while TCP connects keeps its socket (@redis/client 5.12); `#open` destroys it later.
    if (this.#isReady) destroy(client);
    this.#isReady = false;
  }

  #open(): void {
    const client = createConnection(this.#url);
    this.#client = client;
    // The HTTP server keeps the process alive, not the cache.
    client.unref();
    let handshake: NodeJS.Timeout | undefined;
    client.on('connect', () => {
      const timedOut = () => this.#failed(client, new Error('The handshake timed out.'));
      handshake = setTimeout(timedOut, HANDSHAKE_TIMEOUT_MS).unref();
    });
    client.on('error', (error) => this.#failed(client, error));
    client
      .connect()
      .then(
        () => this.#opened(client),
        (error) => this.#failed(client, error),
      )
      .finally(() => clearTimeout(handshake));
  }

  #opened(client: RedisClient): void {
    if (client !== this.#client) {
      destroy(client);
      return;
    }
    this.#isReady = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#events.onReady();
  }

  /** The client reports some failures more than once; only the first report of the current client counts. */
  #failed(client: RedisClient, error: unknown): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#isReady = false;
    destroy(client);
    if (this.#isClosed) return;
    this.#events.onFailed(error);
    this.#retry = setTimeout(() => this.#open(), this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}

/** Closes the connection of a client that is not closed yet. */
function destroy(client: RedisClient | undefined): void {
  if (client?.isOpen) client.destroy();
}
