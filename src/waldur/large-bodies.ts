/** Bodies above this size are large: to decode and parse one takes some 5 ms a MiB, in which nobody else is served. */
const LARGE_BYTES = 1_048_576;

export interface LargeBody {
  /** In bytes. */
  readonly size: number;
  /** The next part of the work. @returns whether the body has been delivered. */
  step(): boolean;
}

/**
 * Processes large bodies one at a time and in steps, and rests after each step for as long as it took. Without the rest, large answers
 * that arrive together would hold the event loop for seconds, and every other caller would wait for all of them.
 */
export class LargeBodies {
  readonly #waiting: LargeBody[] = [];

  /** @returns false for a body that is not large; its owner delivers it. */
  take(body: LargeBody): boolean {
    if (body.size < LARGE_BYTES) return false;
    this.#waiting.push(body);
    if (this.#waiting.length === 1) setImmediate(this.#step);
    return true;
  }

  readonly #step = (): void => {
    const [body] = this.#waiting;
    if (body === undefined) return;
    const began = performance.now();
    if (body.step()) this.#waiting.shift();
    // By then everything that waited for the body alone has run, the writing of the answer included.
    setImmediate(() => setTimeout(this.#step, performance.now() - began));
  };
}
