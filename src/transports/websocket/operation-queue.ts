type Read = (text: string) => Promise<void>;

const DONE = Promise.resolve(true);
const yes = (): true => true;

/**
 * One operation of an id after the other, for one socket. A client may use an id again as soon as it has sent Complete, while the
 * former operation is still coming to its end. The protocol's library knows operations by their ids alone: the former one's result,
 * or its end, would pass for that of the one that begins.
 */
export class OperationQueue {
  /** Resolves when the operation is over. */
  readonly #running = new Map<string, Promise<void>>();
  /** Of those, the ones that the client has left. */
  readonly #left = new Set<string>();
  /** Told whether the operation that waits for its id may begin. */
  readonly #waiting = new Map<string, (begins: boolean) => void>();
  readonly #onLeave: (id: string) => void;

  /** @param onLeave told when the client leaves an operation that runs. */
  constructor(onLeave: (id: string) => void) {
    this.#onLeave = onLeave;
  }

  /**
   * Hands a message on, when its turn has come. Resolves when it has been dealt with; for a subscription that is when it is over, so
   * nothing here holds on to the message meanwhile.
   * @returns false when another operation waits for the same id already.
   * @throws what `read` throws.
   */
  take(text: string, read: Read): Promise<boolean> {
    const { type, id } = peek(text);
    if (type === 'subscribe' && id !== undefined) return this.#subscribe(id, text, read);
    if (type === 'complete' && id !== undefined) {
      if (this.#resume(id, false)) return DONE;
      if (this.#running.has(id)) return this.#leave(id, text, read);
    }
    return read(text).then(yes);
  }

  #leave(id: string, text: string, read: Read): Promise<boolean> {
    this.#left.add(id);
    // First, so that nothing of how it ends is sent any more.
    const reading = read(text);
    this.#onLeave(id);
    return reading.then(yes);
  }

  #subscribe(id: string, text: string, read: Read): Promise<boolean> {
    if (this.#waiting.has(id)) return Promise.resolve(false);
    if (!this.#left.has(id)) return this.#begin(id, text, read);
    const waiting = new Promise<boolean>((resolve) => this.#waiting.set(id, resolve));
    return waiting.then((begins) => (begins ? this.#begin(id, text, read) : true));
  }

  /** A second operation of a running id is the library's to refuse; it closes the socket. */
  #begin(id: string, text: string, read: Read): Promise<boolean> {
    const reading = read(text);
    if (!this.#running.has(id)) this.#running.set(id, reading);
    return reading.then(
      () => this.#over(id, reading),
      (error: unknown) => {
        this.#over(id, reading);
        throw error;
      },
    );
  }

  #over(id: string, reading: Promise<void>): true {
    if (this.#running.get(id) === reading) {
      this.#running.delete(id);
      this.#left.delete(id);
      this.#resume(id, true);
    }
    return true;
  }

  #resume(id: string, begins: boolean): boolean {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(begins);
    return waiting !== undefined;
  }
}

/** Type and id of a message, where it has them; whether it is a good one is the library's to say. */
export function peek(text: string): { readonly type?: unknown; readonly id?: string } {
  try {
    const { type, id }: { type?: unknown; id?: unknown } = Object(JSON.parse(text));
    return { type, ...(typeof id === 'string' && { id }) };
  } catch {
    return {};
  }
}
