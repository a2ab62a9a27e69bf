import type { WebSocket } from 'ws';

/** Reading stops when this many messages wait, and goes on when none does. */
const PAUSE_AT = 16;

/**
 * The messages of one socket, in order, one in a turn of the event loop. The library hands on all that came in one read, which may be
 * hundreds of operations; without this, all of them would be judged and begun before another connection is read.
 */
export class Inbox {
  readonly #socket: WebSocket;
  readonly #handle: (text: string) => void;
  #waiting: string[] = [];
  /** Where in `#waiting` the next one is. */
  #next = 0;
  /** Whether one was handled in this turn, so that the next waits for another. */
  #hadTurn = false;

  /** @param handle must not throw. */
  constructor(socket: WebSocket, handle: (text: string) => void) {
    this.#socket = socket;
    this.#handle = handle;
    socket.once('close', () => this.#empty());
  }

  add(text: string): void {
    if (!this.#hadTurn) {
      this.#take(text);
      return;
    }
    this.#waiting.push(text);
    if (this.#waiting.length - this.#next >= PAUSE_AT) this.#socket.pause();
  }

  #take(text: string): void {
    this.#hadTurn = true;
    setImmediate(this.#nextTurn);
    this.#handle(text);
  }

  #empty(): void {
    this.#waiting = [];
    this.#next = 0;
  }

  readonly #nextTurn = (): void => {
    this.#hadTurn = false;
    const text = this.#waiting[this.#next];
    if (text === undefined) return;
    this.#next += 1;
    if (this.#next === this.#waiting.length) {
      this.#empty();
      this.#socket.resume();
    }
    this.#take(text);
  };
}
