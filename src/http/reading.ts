import type { WebSocket } from 'ws';

/** Why nothing is read from a socket for now: what it is owed is unsent, what it sent waits, or others have their turn. */
type Reason = 'unsent' | 'waiting' | 'turn';

/** More than this at once is read in several turns of the event loop, so that one socket that floods does not hold up the others. */
const TURN_BYTES = 32_768;

/** Stops and resumes reading from a socket. */
export class Reading {
  readonly #socket: WebSocket;
  readonly #reasons = new Set<Reason>();

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

  /** To be told of what is read. */
  came(bytes: number): void {
    if (bytes < TURN_BYTES || this.isStoppedFor('turn')) return;
    this.stop('turn');
    setImmediate(() => this.resume('turn'));
  }
}
