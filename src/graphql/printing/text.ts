/**
 * Reading JSON as bytes, without making anything of it. Every function is given where something begins and tells where it ends, or -1
 * where there is none. What they take `JSON.parse` takes too; what they do not take may be right all the same, and has to be parsed.
 */
export const FAILED = -1;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;

const table = (has: (byte: number) => boolean): Uint8Array => new Uint8Array(256).map((_, byte) => (has(byte) ? 1 : 0));
const oneOf = (characters: string) => (byte: number) => characters.includes(String.fromCharCode(byte));

/** 1 for bytes at which a text ends or has something out of the ordinary. */
export const STOPS: Uint8Array = table((byte) => byte < 0x20 || byte === QUOTE || byte === BACKSLASH);
const IS_DIGIT = table(oneOf('0123456789'));
const IN_NUMBER = table(oneOf('+-.0123456789Ee'));
const IS_HEX = table(oneOf('0123456789abcdefABCDEF'));
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Deeper values are left to `JSON.parse`. */
const MAX_DEPTH = 100;

/** @returns where the next byte is that is no blank. */
export function blanksEnd(bytes: Buffer, at: number): number {
  let p = at;
  for (;;) {
    const byte = bytes[p];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return p;
    p++;
  }
}

/** Of a text, with its quotes. */
export const textEnd = (bytes: Buffer, at: number): number => endOfText(bytes, at, false);

/** Of a text that stands as `JSON.stringify` writes it. */
export const stringifiedEnd = (bytes: Buffer, at: number): number => endOfText(bytes, at, true);

function endOfText(bytes: Buffer, at: number, stringified: boolean): number {
  if (bytes[at] !== QUOTE) return FAILED;
  for (let p = at + 1; ; p++) {
    while (STOPS[bytes[p] ?? 0] === 0) p++;
    if (bytes[p] === QUOTE) return p + 1;
    if (bytes[p] !== BACKSLASH) return FAILED;
    p++;
    switch (bytes[p]) {
      case QUOTE:
      case BACKSLASH:
      case 0x62: // b
      case 0x66: // f
      case 0x6e: // n
      case 0x72: // r
      case 0x74: // t
        break;
      case 0x75: // u and four digits, where `JSON.stringify` mostly writes the character itself
        if (stringified || !areHexDigits(bytes, p + 1)) return FAILED;
        p += 4;
        break;
      case 0x2f: // a slash, which needs no escape
        if (stringified) return FAILED;
        break;
      default:
        return FAILED;
    }
  }
}

function areHexDigits(bytes: Buffer, at: number): boolean {
  for (let p = at; p < at + 4; p++) if (IS_HEX[bytes[p] ?? 0] !== 1) return false;
  return true;
}

/** Of any value. */
export function valueEnd(bytes: Buffer, at: number): number {
  return endOfValue(bytes, at, 0);
}

function endOfValue(bytes: Buffer, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return textEnd(bytes, at);
    case OPEN_OBJECT:
    case OPEN_LIST:
      return depth < MAX_DEPTH ? endOfNested(bytes, at, depth + 1) : FAILED;
    case 0x6e:
      return wordEnd(bytes, at, 'null');
    case 0x74:
      return wordEnd(bytes, at, 'true');
    case 0x66:
      return wordEnd(bytes, at, 'false');
    default:
      return numberEnd(bytes, at);
  }
}

function wordEnd(bytes: Buffer, at: number, word: string): number {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return FAILED;
  return at + word.length;
}

function numberEnd(bytes: Buffer, at: number): number {
  let p = at;
  while (IS_DIGIT[bytes[p] ?? 0] === 1) p++;
  // Nearly all numbers are whole and not below zero.
  if (IN_NUMBER[bytes[p] ?? 0] !== 1 && isWhole(bytes, at, p)) return p;
  while (IN_NUMBER[bytes[p] ?? 0] === 1) p++;
  return NUMBER.test(bytes.toString('latin1', at, p)) ? p : FAILED;
}

/** True for digits that `JSON.stringify` would write for a whole number. */
const isWhole = (bytes: Buffer, from: number, to: number): boolean =>
  to > from && (bytes[from] !== ZERO || to === from + 1);

const MOST_INT_DIGITS = 9;

/** True for a whole number as `JSON.stringify` writes it, surely within GraphQL's Int. */
export function isInt(bytes: Buffer, from: number, to: number): boolean {
  const first = bytes[from] === MINUS ? from + 1 : from;
  if (to - first > MOST_INT_DIGITS || !isWhole(bytes, first, to)) return false;
  // `-0` is written as 0.
  if (first > from && bytes[first] === ZERO) return false;
  for (let p = first; p < to; p++) if (IS_DIGIT[bytes[p] ?? 0] !== 1) return false;
  return true;
}

function endOfNested(bytes: Buffer, at: number, depth: number): number {
  const isObject = bytes[at] === OPEN_OBJECT;
  const close = isObject ? CLOSE_OBJECT : CLOSE_LIST;
  let p = blanksEnd(bytes, at + 1);
  if (bytes[p] === close) return p + 1;
  for (;;) {
    if (isObject) {
      p = valueOfKey(bytes, p);
      if (p === FAILED) return FAILED;
    }
    p = endOfValue(bytes, p, depth);
    if (p === FAILED) return FAILED;
    p = blanksEnd(bytes, p);
    if (bytes[p] === close) return p + 1;
    if (bytes[p] !== COMMA) return FAILED;
    p = blanksEnd(bytes, p + 1);
  }
}

/** Where the value begins whose key begins here. */
export function valueOfKey(bytes: Buffer, at: number): number {
  const end = textEnd(bytes, at);
  if (end === FAILED) return FAILED;
  const colon = blanksEnd(bytes, end);
  return bytes[colon] === COLON ? blanksEnd(bytes, colon + 1) : FAILED;
}
