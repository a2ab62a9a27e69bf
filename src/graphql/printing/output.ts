/** Bytes that are written often, four in a number, zeros behind them. */
export interface Literal {
  readonly words: Int32Array;
  readonly length: number;
}

export function literal(text: string): Literal {
  const bytes = Buffer.from(text);
  const words = new Int32Array(Math.ceil(bytes.length / 4));
  new Uint8Array(words.buffer).set(bytes);
  return { words, length: bytes.length };
}

/** What is written beyond the end of something, to be overwritten. */
const SLACK = 4;
const MOST_BYTES_A_CHARACTER = 3;

/**
 * Where texts are put together. Short runs of bytes are moved by our own loops, eight at a time: a call of the engine costs more than most
 * of them. Whoever writes asks for room first.
 */
export class Output {
  bytes: Buffer;
  view: DataView;
  /** Where the next byte goes. */
  at = 0;
  readonly #usual: number;
  readonly #kept: number;

  /**
   * @param usual bytes to begin with.
   * @param kept bytes that it holds between two texts at most; what one text made it grow to beyond that is given back.
   */
  constructor(usual: number, kept: number) {
    this.#usual = usual;
    this.#kept = kept;
    this.bytes = Buffer.allocUnsafeSlow(usual);
    this.view = viewOf(this.bytes);
  }

  /** @returns the view to write to from `at` on, with room for so many bytes. */
  room(at: number, length: number): DataView {
    const needed = at + length + SLACK;
    if (needed > this.bytes.length) this.#resize(Math.max(needed, 2 * this.bytes.length), at);
    return this.view;
  }

  byte(value: number): void {
    this.room(this.at, 1).setUint8(this.at, value);
    this.at++;
  }

  text(text: string): void {
    this.room(this.at, MOST_BYTES_A_CHARACTER * text.length);
    this.at += this.bytes.write(text, this.at);
  }

  /** @param around bytes of room before and behind. @returns a copy of what was written. */
  take(around: number): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.at + 2 * around);
    this.bytes.copy(taken, around, 0, this.at);
    return taken;
  }

  clear(): void {
    this.at = 0;
    if (this.bytes.length > this.#kept) this.#resize(this.#usual, 0);
  }

  #resize(size: number, written: number): void {
    const bytes = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(bytes, 0, 0, written);
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }
}

export const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);

/** Copies bytes `from` to `to` of a text in valid UTF-8, of which no eight are a NaN. @returns where they end. */
export function copy(text: DataView, from: number, to: number, into: DataView, at: number): number {
  const length = to - from;
  const end = at + length;
  // The last ones may overlap those before.
  if (length >= 8) {
    const last = to - 8;
    for (let i = from, o = at; i < last; i += 8, o += 8) into.setFloat64(o, text.getFloat64(i, true), true);
    into.setFloat64(end - 8, text.getFloat64(last, true), true);
  } else if (length >= 4) {
    into.setInt32(at, text.getInt32(from, true), true);
    into.setInt32(end - 4, text.getInt32(to - 4, true), true);
  } else {
    for (let i = from, o = at; i < to; i++, o++) into.setUint8(o, text.getUint8(i));
  }
  return end;
}

/** Whether the same bytes stand in two places of a text; see `copy`. */
export function areEqual(text: DataView, one: number, other: number, length: number): boolean {
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    if (text.getFloat64(one + i, true) !== text.getFloat64(other + i, true)) return false;
  }
  for (; i < length; i++) if (text.getUint8(one + i) !== text.getUint8(other + i)) return false;
  return true;
}

/** @returns where it ends. */
export function put({ words, length }: Literal, into: DataView, at: number): number {
  for (let i = 0; i < words.length; i++) into.setInt32(at + 4 * i, words[i] ?? 0, true);
  return at + length;
}
