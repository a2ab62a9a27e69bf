import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { MemoryBudget, Share } from '../../server/memory-budget.ts';
import type { FlowControl } from './flow-control.ts';

/** Sends a message. Resolves when the network has taken it, or when it never will. */
export type Send = (message: string) => Promise<void>;

export interface SocketWriterOptions {
  readonly socket: WebSocket;
  readonly connection: Socket;
  readonly flow: FlowControl;
  /** What is unsent on all connections. */
  readonly unread: MemoryBudget;
  /** How long a client with much unsent may take none of it, in ms. */
  readonly stallMs: number;
  /** Called when the client is closed because it does not read. */
  readonly onSlowReader: () => void;
}

/** With more than this unsent, nothing more is read from the client. */
const PAUSE_AT_BYTES = 65_536;
/** With more than this unsent, the client is closed: what ran when reading paused may still send. */
const MAX_UNSENT_BYTES = 33_554_432;
/** How long a slow reader has to acknowledge that it is closed, in ms. */
const CLOSE_MS = 2_000;
const TRY_AGAIN_LATER = 1013;

/**
 * Writes to one socket and bounds what is unsent. A client that sends and does not read makes the gateway owe it more and more, so reading
 * from it pauses first. It is closed when it takes nothing for a time, or when too much is unsent nevertheless.
 */
export class SocketWriter {
  readonly #options: SocketWriterOptions;
  #isCorked = false;
  /** Payload of the latest ping without a pong. Only that one has to be answered (RFC 6455, section 5.5.3). */
  #ping: Buffer | undefined;
  /** Set while reading is paused because too much is unsent. */
  #share: Share | undefined;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(options: SocketWriterOptions) {
    this.#options = options;
    const { connection, socket } = options;
    // Replaces the listeners of the HTTP server, which would destroy the connection without a close code.
    connection.removeAllListeners('timeout').on('timeout', () => this.#endSlowReader());
    socket.on('ping', (payload) => this.#onPing(payload));
    socket.once('close', () => {
      clearTimeout(this.#closeTimer);
      this.#share?.release();
    });
  }

  readonly send: Send = (message) =>
    new Promise((resolve, reject) => {
      const { socket } = this.#options;
      if (socket.readyState !== socket.OPEN) return resolve();
      if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
        this.#endSlowReader();
        return resolve();
      }
      this.#cork();
      socket.send(message, (error) => {
        if (this.#share !== undefined) this.#onProgress(this.#share);
        if (error) reject(error);
        else resolve();
      });
    });

  /** Closes the socket, and drops it when the client does not acknowledge that soon. */
  end(code: number, reason: string): void {
    const { socket } = this.#options;
    if (socket.readyState === socket.OPEN) socket.close(code, reason);
    this.#closeTimer ??= setTimeout(() => socket.terminate(), CLOSE_MS);
  }

  /**
   * Joins the writes of one turn of the event loop: an event is a message for each of maybe a hundred subscriptions of a socket. With a
   * system call for each message, an event to 5,000 subscribers takes more than twice the CPU time.
   */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { connection } = this.#options;
    connection.cork();
    setImmediate(() => {
      this.#isCorked = false;
      this.#sendPong();
      connection.uncork();
      this.#checkUnsent();
    });
  }

  #onPing(payload: Buffer): void {
    // A copy: the payload is a view of everything that was read with it.
    this.#ping = Buffer.from(payload);
    if (this.#share === undefined) this.#cork();
  }

  #sendPong(): void {
    const { socket } = this.#options;
    const payload = this.#ping;
    if (payload === undefined || this.#share !== undefined || socket.readyState !== socket.OPEN) return;
    this.#ping = undefined;
    socket.pong(payload);
  }

  /** Pauses reading when too much is unsent after all of it was written. */
  #checkUnsent(): void {
    const { socket, connection, flow, unread, stallMs, onSlowReader } = this.#options;
    const unsent = socket.bufferedAmount;
    this.#share?.set(unsent, false);
    if (this.#share !== undefined || unsent <= PAUSE_AT_BYTES || connection.destroyed) return;
    flow.pause('unsent');
    this.#share = unread.hold(unsent, () => {
      onSlowReader();
      socket.terminate();
    });
    // Node's own timeout, because it restarts when only a part of a large write was taken.
    connection.setTimeout(stallMs);
  }

  #onProgress(share: Share): void {
    const { socket, connection, flow } = this.#options;
    const unsent = socket.bufferedAmount;
    share.set(unsent, true);
    if (unsent > PAUSE_AT_BYTES) return;
    share.release();
    this.#share = undefined;
    connection.setTimeout(0);
    flow.resume('unsent');
    if (this.#ping !== undefined) this.#cork();
  }

  #endSlowReader(): void {
    if (this.#closeTimer !== undefined) return;
    this.#options.onSlowReader();
    this.end(TRY_AGAIN_LATER, 'slow-reader');
  }
}
