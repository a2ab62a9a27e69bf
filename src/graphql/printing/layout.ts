import { blanksEnd, CLOSE_OBJECT, COMMA, FAILED, OPEN_OBJECT, QUOTE, textEnd, valueEnd, valueOfKey } from './text.ts';

/** A key with all from the value before it to its own: `,"name":`. */
export interface Key {
  readonly name: string;
  readonly bytes: Buffer;
}

/** How an object is written: its keys, and what stands behind the last value. */
export interface Layout {
  readonly keys: readonly Key[];
  readonly tail: Buffer;
  /** Columns that hold the same in the next object of the list, as names of projects do. */
  readonly repeats: ReadonlySet<string>;
}

type Keys = Omit<Layout, 'repeats'>;

/** More keys than any row of Waldur's has, and longer ones with all blanks around them. */
const MOST_KEYS = 200;
const LONGEST_KEY = 200;

/** @returns undefined for what is no object, and for one that is better parsed: of many keys, long ones, or the same one twice. */
export function layoutOf(bytes: Buffer, at: number): Layout | undefined {
  const keys = keysOf(bytes, at);
  return keys && { ...keys, repeats: repeatsOf(bytes, at, keys) };
}

function keysOf(bytes: Buffer, at: number): Keys | undefined {
  if (bytes[at] !== OPEN_OBJECT) return undefined;
  const keys: Key[] = [];
  const names = new Set<string>();
  let before = at;
  let p = blanksEnd(bytes, at + 1);
  if (bytes[p] === CLOSE_OBJECT) return { keys, tail: Buffer.from(bytes.subarray(at, p + 1)) };
  for (;;) {
    const value = valueOfKey(bytes, p);
    if (value === FAILED || value - before > LONGEST_KEY || keys.length >= MOST_KEYS) return undefined;
    const name: string = JSON.parse(bytes.toString('utf8', p, textEnd(bytes, p)));
    if (names.has(name)) return undefined;
    names.add(name);
    // Copies: what is kept of a layout must not keep the text.
    keys.push({ name, bytes: Buffer.from(bytes.subarray(before, value)) });
    before = valueEnd(bytes, value);
    if (before === FAILED) return undefined;
    p = blanksEnd(bytes, before);
    if (bytes[p] === CLOSE_OBJECT) {
      if (p + 1 - before > LONGEST_KEY) return undefined;
      return { keys, tail: Buffer.from(bytes.subarray(before, p + 1)) };
    }
    if (bytes[p] !== COMMA) return undefined;
    p = blanksEnd(bytes, p + 1);
  }
}

const NONE: ReadonlySet<string> = new Set();

function repeatsOf(bytes: Buffer, at: number, keys: Keys): ReadonlySet<string> {
  const row = valuesOf(bytes, at, keys);
  const comma = row === undefined ? FAILED : blanksEnd(bytes, row.end);
  if (row === undefined || bytes[comma] !== COMMA) return NONE;
  const next = valuesOf(bytes, blanksEnd(bytes, comma + 1), keys);
  if (next === undefined) return NONE;
  return new Set(keys.keys.flatMap(({ name }, i) => (areSame(row.values[i], next.values[i]) ? [name] : [])));
}

/** @returns undefined for an object of another layout. */
function valuesOf(bytes: Buffer, at: number, { keys, tail }: Keys): { values: Buffer[]; end: number } | undefined {
  const values: Buffer[] = [];
  let p = at;
  for (const key of keys) {
    const value = afterBytes(bytes, p, key.bytes);
    p = value === FAILED ? FAILED : valueEnd(bytes, value);
    if (p === FAILED) return undefined;
    values.push(bytes.subarray(value, p));
  }
  const end = afterBytes(bytes, p, tail);
  return end === FAILED ? undefined : { values, end };
}

/** Of a number it cannot be told from its bytes whether it ends with them. */
const areSame = (value: Buffer | undefined, next: Buffer | undefined): boolean =>
  value !== undefined && next !== undefined && value[0] === QUOTE && value.equals(next);

const afterBytes = (bytes: Buffer, at: number, expected: Buffer): number =>
  expected.equals(bytes.subarray(at, at + expected.length)) ? at + expected.length : FAILED;
