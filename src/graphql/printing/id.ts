import { DIGITS } from './columns.ts';

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 'latin1');
const COLON = 0x3a;
const QUOTE = 0x22;

/** Most bytes of a printed id. */
export const LONGEST_ID = 128;

/** Prints global ids of a type (see ids.ts): its name and uuids, in base64url. */
export class IdPrinter {
  /** What is encoded; its beginning stays. */
  readonly #plain = new Uint8Array(LONGEST_ID);
  readonly #start: number;

  constructor(type: string) {
    this.#start = Buffer.from(this.#plain.buffer).write(type, 'latin1');
  }

  /**
   * @param first where the digits of the first uuid begin.
   * @param second where those of the second one do; -1: there is none.
   * @returns where the id has ended, quotes included.
   */
  print(text: DataView, first: number, second: number, into: DataView, at: number): number {
    let length = this.#add(text, first, this.#start);
    if (second >= 0) length = this.#add(text, second, length);
    const plain = this.#plain;
    let o = at;
    into.setUint8(o++, QUOTE);
    for (let i = 0; i < length; i += 3) {
      const left = length - i;
      const bits =
        ((plain[i] ?? 0) << 16) | (left > 1 ? (plain[i + 1] ?? 0) << 8 : 0) | (left > 2 ? (plain[i + 2] ?? 0) : 0);
      into.setUint8(o++, ALPHABET[bits >> 18] ?? 0);
      into.setUint8(o++, ALPHABET[(bits >> 12) & 63] ?? 0);
      if (left > 1) into.setUint8(o++, ALPHABET[(bits >> 6) & 63] ?? 0);
      if (left > 2) into.setUint8(o++, ALPHABET[bits & 63] ?? 0);
    }
    into.setUint8(o++, QUOTE);
    return o;
  }

  #add(text: DataView, digits: number, length: number): number {
    const plain = this.#plain;
    plain[length] = COLON;
    for (let i = 0; i < DIGITS; i++) plain[length + 1 + i] = text.getUint8(digits + i);
    return length + 1 + DIGITS;
  }
}
