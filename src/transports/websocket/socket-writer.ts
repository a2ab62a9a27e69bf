import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { MemoryBudget, Share } from '../../server/memory-budget.ts';
import type { FlowControl } from './flow-control.ts';

/** Sends a message; resolves when the network has taken it, or will not any more. */
export type Send = (message: string) => Promise<void>;

export interface SocketWriterOptions {
  readonly socket: WebSocket;
  readonly connection: Socket;
  readonly reading: FlowControl;
  /** What is unsent on all connections. */
  readonly unread: MemoryBudget;
  /** How long a client may take nothing of what it is sent, in ms. */
  readonly stallMs: number;
  /** Told when the client is ended because it does not read. */
  readonly onUnread: () => void;
}

/** Past this nothing more is read from a client before it has read. */
const MOST_UNSENT = 65_536;
/** Past this, for what was under way when reading stopped, no further message is taken for the client. */
const MOST_EVER = 33_554_432;
/** How long a client that does not read has to take the close frame, in ms. */
const LAST_MS = 2_000;
const TRY_AGAIN_LATER = 1013;

/**
 * What goes out on a socket, whatever it is: results, errors, pongs. Who sends and does not read is owed more and more, so past a bound
 * nothing more is read from it. It is ended when it takes nothing for a time, or when too much is unsent all the same.
 */
export class SocketWriter {
  readonly #options: SocketWriterOptions;
  #gathers = false;
  /** The latest ping that waits for its pong: only that one has to be answered (RFC 6455, 5.5.3). */
  #ping: Buffer | undefined;
  #share: Share | undefined;
  #last: NodeJS.Timeout | undefined;

  constructor(options: SocketWriterOptions) {
    this.#options = options;
    const { connection, socket } = options;
    // Those of HTTP, which would end the connection without a word.
    connection.removeAllListeners('timeout').on('timeout', () => this.#unread());
    socket.on('ping', (data) => this.#pong(data));
    socket.once('close', () => {
      clearTimeout(this.#last);
      this.#share?.release();
    });
  }

  /** Resolves when the network has taken the message, or will not any more. */
  readonly send: Send = (message) =>
    new Promise((resolve, reject) => {
      const { socket } = this.#options;
      if (socket.readyState !== socket.OPEN) return resolve();
      if (socket.bufferedAmount > MOST_EVER) {
        this.#unread();
        return resolve();
      }
      this.#gather();
      socket.send(message, (error) => {
        if (this.#share !== undefined) this.#taken();
        if (error) reject(error);
        else resolve();
      });
    });

  /** Closes the socket. A client that does not acknowledge it soon is cut off. */
  end(code: number, reason: string): void {
    const { socket } = this.#options;
    if (socket.readyState === socket.OPEN) socket.close(code, reason);
    this.#last ??= setTimeout(() => socket.terminate(), LAST_MS);
  }

  /**
   * Writes made in the same turn of the event loop go out together: an event to many subscriptions of a socket is many messages, and a
   * system call for each would cost more than everything else about them.
   */
  #gather(): void {
    if (this.#gathers) return;
    this.#gathers = true;
    const { connection } = this.#options;
    connection.cork();
    setImmediate(() => {
      this.#gathers = false;
      this.#answerPing();
      connection.uncork();
      this.#look();
    });
  }

  #pong(data: Buffer): void {
    // A view of what was read would keep all of that.
    this.#ping = Buffer.from(data);
    if (this.#share === undefined) this.#gather();
  }

  #answerPing(): void {
    const { socket } = this.#options;
    const data = this.#ping;
    if (data === undefined || this.#share !== undefined || socket.readyState !== socket.OPEN) return;
    this.#ping = undefined;
    socket.pong(data);
  }

  /** Whether too much is unsent, now that the network has been given all of it. */
  #look(): void {
    const { socket, connection, reading, unread, stallMs } = this.#options;
    const unsent = socket.bufferedAmount;
    this.#share?.set(unsent, false);
    if (this.#share !== undefined || unsent <= MOST_UNSENT || connection.destroyed) return;
    reading.stop('unsent');
    this.#share = unread.hold(unsent, () => {
      this.#options.onUnread();
      socket.terminate();
    });
    // Node's own knows of large writes of which only a part was taken.
    connection.setTimeout(stallMs);
  }

  #taken(): void {
    const { socket, connection, reading } = this.#options;
    const unsent = socket.bufferedAmount;
    this.#share?.set(unsent, true);
    if (unsent > MOST_UNSENT) return;
    this.#share?.release();
    this.#share = undefined;
    connection.setTimeout(0);
    reading.resume('unsent');
    if (this.#ping !== undefined) this.#gather();
  }

  #unread(): void {
    if (this.#last !== undefined) return;
    this.#options.onUnread();
    this.end(TRY_AGAIN_LATER, 'slow-reader');
  }
}
