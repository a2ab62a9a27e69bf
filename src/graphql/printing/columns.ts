import { legacyLabel, parseState } from '../../resources/states.ts';
import { type Literal, literal } from './output.ts';
import { QUOTE } from './text.ts';

/** What columns hold, told from their bytes. */

/** Digits of a uuid. */
export const DIGITS = 32;
const SLASH = 0x2f;

const isDigit = (byte: number): boolean => (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
/** 1 for two bytes at once that are both digits of a uuid. */
const ARE_DIGITS = new Uint8Array(0x1_0000).map((_, two) => (isDigit(two >> 8) && isDigit(two & 0xff) ? 1 : 0));

function areDigits(view: DataView, at: number): boolean {
  for (let p = at; p < at + DIGITS; p += 2) if (ARE_DIGITS[view.getUint16(p)] !== 1) return false;
  return true;
}

/** With its quotes. */
export const UUID_LENGTH = DIGITS + 2;

/** Whether a uuid as Waldur writes it begins here, in quotes. */
export const isUuidAt = (view: DataView, at: number): boolean =>
  at + UUID_LENGTH <= view.byteLength &&
  view.getUint8(at) === QUOTE &&
  view.getUint8(at + UUID_LENGTH - 1) === QUOTE &&
  areDigits(view, at + 1);

/** Whether a value is a text that ends in a slash, a uuid and a slash. */
export const isAddress = (view: DataView, from: number, to: number): boolean =>
  to - from >= DIGITS + 4 &&
  view.getUint8(from) === QUOTE &&
  view.getUint8(to - 2) === SLASH &&
  view.getUint8(to - 3 - DIGITS) === SLASH &&
  areDigits(view, to - 2 - DIGITS);

/** @returns what is written for a value; undefined for one that has no name. */
type NameOf = (view: DataView, from: number, to: number) => Literal | undefined;

/**
 * Names of states as an enum has them, by both spellings of Waldur's (contract 1.1).
 * @returns undefined for an enum of something else.
 */
export function stateNames(names: ReadonlyMap<unknown, string>): NameOf | undefined {
  const known: { readonly given: Buffer; readonly name: Literal }[] = [];
  for (const [value, name] of names) {
    const state = typeof value === 'string' ? parseState(value) : undefined;
    if (state === undefined) return undefined;
    for (const label of new Set([state, legacyLabel(state)])) {
      known.push({ given: Buffer.from(JSON.stringify(label)), name: literal(JSON.stringify(name)) });
    }
  }
  // Most objects of a list are in the same state.
  let last = known[0];
  return (view, from, to) => {
    if (last !== undefined && isText(last.given, view, from, to)) return last.name;
    const found = known.find(({ given }) => isText(given, view, from, to));
    last = found ?? last;
    return found?.name;
  };
}

function isText(text: Buffer, view: DataView, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== view.getUint8(from + i)) return false;
  return true;
}
