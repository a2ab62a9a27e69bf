import type { FlowControl } from './flow-control.ts';
import { peek } from './operation-queue.ts';

/** Most messages of one socket in one turn of the event loop. A count, not a time: on a busy machine a Complete would else miss its Subscribe's turn. */
const TURN_MESSAGES = 100;
/** Reading stops when this many messages wait, and goes on when none does. */
const PAUSE_AT = 16;
/** Messages without an operation are short; longer ones are taken for operations unread. */
const LONGEST_SMALL = 1_000;

interface Message {
  /** False for an operation, which is worth a turn of its own. */
  readonly isSmall: boolean;
  readonly deal: () => void;
}

/**
 * The messages of one socket, in order: one operation in a turn of the event loop, and 100 messages at most. The library hands on all that
 * came in one read, which may be hundreds of operations or thousands of pings; without this, all of them would be dealt with before another
 * connection is read. What follows an operation without being one goes with it: a Complete that was sent right behind its Subscribe still
 * comes before the result.
 */
export class MessageQueue {
  readonly #reading: Pick<FlowControl, 'stop' | 'resume'>;
  #waiting: Message[] = [];
  /** Where in `#waiting` the next one is. */
  #next = 0;
  /** Messages dealt with in this turn. */
  #dealt = 0;
  /** Whether an operation had this turn, so that the next waits for another. */
  #hadOperation = false;
  #closed = false;

  constructor(reading: Pick<FlowControl, 'stop' | 'resume'>) {
    this.#reading = reading;
  }

  /** @param deal must not throw. It is not called once the inbox is closed. */
  add(text: string, deal: () => void): void {
    if (this.#closed) return;
    const message = { isSmall: isSmall(text), deal };
    if (this.#waiting.length === 0 && this.#mayTake(message)) {
      this.#take(message);
      return;
    }
    this.#waiting.push(message);
    if (this.#waiting.length - this.#next >= PAUSE_AT) this.#reading.stop('waiting');
  }

  /** From now on nothing is dealt with: the socket is closed, or is being closed by us. */
  close(): void {
    this.#closed = true;
    this.#empty();
  }

  #mayTake({ isSmall }: Message): boolean {
    return (isSmall || !this.#hadOperation) && this.#dealt < TURN_MESSAGES;
  }

  #take({ isSmall, deal }: Message): void {
    if (this.#dealt === 0) setImmediate(this.#nextTurn);
    this.#dealt += 1;
    this.#hadOperation ||= !isSmall;
    deal();
  }

  #empty(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#reading.resume('waiting');
  }

  readonly #nextTurn = (): void => {
    this.#dealt = 0;
    this.#hadOperation = false;
    for (;;) {
      const message = this.#waiting[this.#next];
      if (message === undefined || !this.#mayTake(message)) return;
      this.#next += 1;
      if (this.#next === this.#waiting.length) this.#empty();
      this.#take(message);
    }
  };
}

const isSmall = (text: string): boolean => text.length <= LONGEST_SMALL && peek(text).type !== 'subscribe';
