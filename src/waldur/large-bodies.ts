/** Bodies above this size are large. Decoding and parsing one blocks the event loop for about 5 ms per MiB. */
const LARGE_BYTES = 1_048_576;

export interface LargeBody {
  /** In bytes. */
  readonly size: number;
  /** The next part of the work. @returns whether the body has been delivered. */
  step(): boolean;
}

/**
 * Processes large bodies one at a time and in steps, and pauses after each step for as long as it took. Without the pause, large
 * responses that arrive together would block the event loop for seconds.
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
    // By then everything that waited only for this body has run, including writing the response.
    setImmediate(() => setTimeout(this.#step, performance.now() - began));
  };
}

/** About how many bytes are parsed in one step. */
const STEP_BYTES = 1_048_576;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Parses the bytes of a JSON list in steps of about a MiB, so that a long one does not hold the event loop. Cuts between items; each
 * part is parsed by `JSON.parse`, so what is accepted is the same.
 */
export class ListParser {
  readonly items: unknown[] = [];
  readonly #bytes: Buffer;
  readonly #stepBytes: number;
  #at: number;

  private constructor(bytes: Buffer, start: number, stepBytes: number) {
    this.#bytes = bytes;
    this.#stepBytes = stepBytes;
    this.#at = start;
  }

  /** @returns undefined for bytes that do not begin as a list. */
  static of(bytes: Buffer, stepBytes = STEP_BYTES): ListParser | undefined {
    let at = 0;
    while (isSpace(bytes[at])) at += 1;
    return bytes[at] === BRACKET ? new ListParser(bytes, at + 1, stepBytes) : undefined;
  }

  /** @returns whether `items` is complete. @throws SyntaxError for bytes that are not a JSON list. */
  step(): boolean {
    const { end, isLast } = this.#cut();
    const text = this.#bytes.toString('utf8', this.#at, end);
    // Only the first part may be empty, and only when it is the last one as well: `[1,]` is not JSON.
    if (text.trim() === '' && !(isLast && this.items.length === 0)) throw new SyntaxError('an item is missing');
    const part: unknown = JSON.parse(`[${text}]`);
    if (!Array.isArray(part)) throw new SyntaxError('it is not a list');
    for (const item of part) this.items.push(item);
    this.#at = end + 1;
    if (isLast && !this.#onlySpaceIsLeft()) throw new SyntaxError('something follows the list');
    return isLast;
  }

  /** Where the next part ends: at the first comma between items after `stepBytes`, or at the end of the list. */
  #cut(): { end: number; isLast: boolean } {
    const bytes = this.#bytes;
    const enough = this.#at + this.#stepBytes;
    let depth = 0;
    let inString = false;
    for (let at = this.#at; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (inString) {
        if (byte === BACKSLASH) at += 1;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) {
        inString = true;
      } else if (byte === COMMA) {
        if (depth === 0 && at >= enough) return { end: at, isLast: false };
      } else if (OPENING.has(byte)) {
        depth += 1;
      } else if (CLOSING.has(byte)) {
        depth -= 1;
        if (depth < 0 && byte === CLOSING_BRACKET) return { end: at, isLast: true };
        if (depth < 0) break;
      }
    }
    throw new SyntaxError('the list does not end');
  }

  #onlySpaceIsLeft(): boolean {
    for (let at = this.#at; at < this.#bytes.length; at += 1) if (!isSpace(this.#bytes[at])) return false;
    return true;
  }
}
