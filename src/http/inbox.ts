import type { Reading } from './reading.ts';

/** How long the messages of one socket may take in one turn of the event loop, in ms; what else came waits. */
const TURN_MS = 2;

/**
 * What came in on a socket, dealt with a little at a time: one that sends thousands of messages at once would else hold up everybody for as
 * long as they take. Nothing further is read from the socket before all are dealt with.
 */
export class Inbox {
  readonly #reading: Reading;
  #waiting: (() => void)[] = [];
  #turnEnds: number | undefined;
  #closed = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** @param deal must not throw. It is not called once the inbox is closed. */
  add(deal: () => void): void {
    if (this.#closed) return;
    this.#turnEnds ??= this.#beginTurn();
    if (this.#waiting.length === 0 && performance.now() < this.#turnEnds) {
      deal();
      return;
    }
    this.#waiting.push(deal);
    this.#reading.stop('waiting');
  }

  /** From now on nothing is dealt with: the socket is closed, or is being closed by us. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#reading.resume('waiting');
  }

  #beginTurn(): number {
    setImmediate(this.#nextTurn);
    return performance.now() + TURN_MS;
  }

  readonly #nextTurn = (): void => {
    this.#turnEnds = undefined;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    const ends = this.#beginTurn();
    this.#turnEnds = ends;
    let dealt = 0;
    for (const deal of waiting) {
      if (this.#closed) return;
      deal();
      dealt += 1;
      if (performance.now() >= ends) break;
    }
    if (this.#closed) return;
    this.#waiting = waiting.slice(dealt);
    if (this.#waiting.length === 0) this.#reading.resume('waiting');
  };
}
