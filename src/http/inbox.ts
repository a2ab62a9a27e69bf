import type { WebSocket } from 'ws';
import { peek } from './turns.ts';

/** Reading stops when this many messages wait, and goes on when none does. */
const PAUSE_AT = 16;
/** Messages without an operation are short; longer ones are taken for operations unread. */
const LONGEST_SMALL = 1_000;

/**
 * The messages of one socket, in order, one operation in a turn of the event loop. The library hands on all that came in one read, which may be
 * hundreds of operations; without this, all of them would be judged and begun before another connection is read. What follows an operation
 * without being one goes with it: a Complete that was sent right behind its Subscribe still comes before the result.
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
    if (this.#waiting.length === 0 && (!this.#hadTurn || isSmall(text))) {
      this.#take(text);
      return;
    }
    this.#waiting.push(text);
    if (this.#waiting.length - this.#next >= PAUSE_AT) this.#socket.pause();
  }

  #take(text: string): void {
    if (!this.#hadTurn) setImmediate(this.#nextTurn);
    this.#hadTurn = true;
    this.#handle(text);
  }

  #empty(): void {
    this.#waiting = [];
    this.#next = 0;
  }

  readonly #nextTurn = (): void => {
    this.#hadTurn = false;
    for (;;) {
      const text = this.#waiting[this.#next];
      if (text === undefined || (this.#hadTurn && !isSmall(text))) return;
      this.#next += 1;
      if (this.#next === this.#waiting.length) {
        this.#empty();
        this.#socket.resume();
      }
      this.#take(text);
    }
  };
}

const isSmall = (text: string): boolean => text.length <= LONGEST_SMALL && peek(text).type !== 'subscribe';
