import { blanksEnd, CLOSE_OBJECT, COMMA, FAILED, OPEN_OBJECT, textEnd, valueEnd, valueOfKey } from './text.ts';

/** A key with all from the value before it to its own: `,"name":`. */
export interface Key {
  readonly name: string;
  readonly bytes: Buffer;
  /** Of its value in the first object that was seen; texts of one kind, like times, are mostly of one length. */
  readonly valueLength: number;
}

/** Columns that stand one behind the other. */
export interface Run {
  readonly keys: readonly Key[];
  /** They hold the same in the next objects of the list, as names of projects do. */
  readonly repeats: boolean;
}

/** How an object is written: its columns, and what stands behind the last value. */
export interface Layout {
  readonly runs: readonly Run[];
  readonly tail: Buffer;
}

interface Keys {
  readonly keys: readonly Key[];
  readonly tail: Buffer;
}

/** More keys than any row of Waldur's has, and longer ones with all blanks around them. */
const MOST_KEYS = 200;
const LONGEST_KEY = 200;

/**
 * @param apart columns that are never taken from another row.
 * @returns undefined for what is no object, and for one that is better parsed: of many keys, long ones, or the same one twice.
 */
export function layoutOf(bytes: Buffer, at: number, apart: ReadonlySet<string>): Layout | undefined {
  const keys = keysOf(bytes, at);
  if (keys === undefined) return undefined;
  const repeating = repeatsOf(bytes, at, keys);
  return { runs: runsIn(keys.keys, (key) => repeating.has(key) && !apart.has(key.name)), tail: keys.tail };
}

function runsIn(keys: readonly Key[], isAgain: (key: Key) => boolean): readonly Run[] {
  const runs: { keys: Key[]; repeats: boolean }[] = [];
  for (const key of keys) {
    const repeats = isAgain(key);
    const last = runs.at(-1);
    if (last?.repeats === repeats) last.keys.push(key);
    else runs.push({ keys: [key], repeats });
  }
  return runs;
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
    const end = valueEnd(bytes, value);
    if (end === FAILED) return undefined;
    keys.push({ name, bytes: Buffer.from(bytes.subarray(before, value)), valueLength: end - value });
    before = end;
    p = blanksEnd(bytes, before);
    if (bytes[p] === CLOSE_OBJECT) {
      if (p + 1 - before > LONGEST_KEY) return undefined;
      return { keys, tail: Buffer.from(bytes.subarray(before, p + 1)) };
    }
    if (bytes[p] !== COMMA) return undefined;
    p = blanksEnd(bytes, p + 1);
  }
}

const NONE: ReadonlySet<Key> = new Set();
/** Objects behind one that are looked at. */
const SAMPLE = 8;

function repeatsOf(bytes: Buffer, at: number, keys: Keys): ReadonlySet<Key> {
  const first = valuesOf(bytes, at, keys);
  if (first === undefined) return NONE;
  let repeating = keys.keys.map((key, i) => ({ key, value: first.values[i], i }));
  let { end } = first;
  for (let others = 0; others < SAMPLE; others++) {
    const comma = blanksEnd(bytes, end);
    const next = bytes[comma] === COMMA ? valuesOf(bytes, blanksEnd(bytes, comma + 1), keys) : undefined;
    if (next === undefined) return others === 0 ? NONE : new Set(repeating.map(({ key }) => key));
    repeating = repeating.filter(({ value, i }) => areSame(value, next.values[i]));
    ({ end } = next);
  }
  return new Set(repeating.map(({ key }) => key));
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

/** What a text begins with, null, true or false: their last byte tells that they end there, as that of a number does not. */
const CLOSED = Buffer.from('"ntf');

const areSame = (value: Buffer | undefined, next: Buffer | undefined): boolean =>
  value !== undefined && next !== undefined && CLOSED.includes(value[0] ?? 0) && value.equals(next);

const afterBytes = (bytes: Buffer, at: number, expected: Buffer): number =>
  expected.equals(bytes.subarray(at, at + expected.length)) ? at + expected.length : FAILED;
