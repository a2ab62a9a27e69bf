import type { WebSocket } from 'ws';

/** Why nothing is read from a socket for now: what it is owed is unsent, what it sent waits, or others have their turn. */
type Reason = 'unsent' | 'waiting' | 'turn';

/** More than this at once is read in several turns of the event loop, so that one socket that floods does not hold up the others. */
const TURN_BYTES = 32_768;
/** What a client may send after its socket was closed, before its own close comes: a whole message may be on its way. */
const MOST_AFTER_CLOSE = 1_048_576;

/** Stops and resumes reading from a socket. */
export class FlowControl {
  readonly #socket: WebSocket;
  readonly #reasons = new Set<Reason>();
  #afterClose = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Whether reading is stopped for this reason, maybe among others. */
  isStoppedFor(reason: Reason): boolean {
    return this.#reasons.has(reason);
  }

  stop(reason: Reason): void {
    if (this.#reasons.size === 0) this.#socket.pause();
    this.#reasons.add(reason);
  }

  resume(reason: Reason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#socket.resume();
  }

  /** To be told of what is read. A client that goes on sending after the close is cut off: what it sends is read for nobody. */
  came(bytes: number): void {
    if (this.#socket.readyState === this.#socket.CLOSING) {
      this.#afterClose += bytes;
      if (this.#afterClose > MOST_AFTER_CLOSE) this.#socket.terminate();
    }
    if (bytes < TURN_BYTES || this.isStoppedFor('turn')) return;
    this.stop('turn');
    setImmediate(() => this.resume('turn'));
  }
}
