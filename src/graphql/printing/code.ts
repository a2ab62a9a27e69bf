import type { Wanted } from './wanted.ts';

/**
 * Pieces of the code of a row's function. In it `b` are the bytes of the text and `v` their view, `p` is where it is read and `end` where it ends; `w` is the
 * view that is written to, and `o` where.
 *
 * Bytes are compared and moved eight at a time, as floating-point numbers: two numbers are equal when their bytes are, and moving one keeps
 * them. What is different of floating-point numbers has bytes that valid UTF-8 does not: no NaN, no zero with a sign.
 */

/** What a row's function returns when it meets something that is not printed, and when the row is written in another way. */
export const NOT_PRINTED = -1;
export const OTHER_LAYOUT = -2;

/** Reads bytes which must be there. */
export function readingBytes(bytes: Buffer): string[] {
  const conditions: string[] = [];
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) conditions.push(`v.getFloat64(p + ${i}, true) === ${bytes.readDoubleLE(i)}`);
  for (; i + 4 <= bytes.length; i += 4) conditions.push(`v.getInt32(p + ${i}, true) === ${bytes.readInt32LE(i)}`);
  for (; i < bytes.length; i++) conditions.push(`v.getUint8(p + ${i}) === ${bytes[i]}`);
  return [
    `if (!(p + ${bytes.length} <= end && ${conditions.join(' && ')})) return ${OTHER_LAYOUT};`,
    `p += ${bytes.length};`,
  ];
}

export function writingBytes(bytes: Buffer): string[] {
  const lines: string[] = [];
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) lines.push(`w.setFloat64(o + ${i}, ${bytes.readDoubleLE(i)}, true);`);
  for (; i + 4 <= bytes.length; i += 4) lines.push(`w.setInt32(o + ${i}, ${bytes.readInt32LE(i)}, true);`);
  for (; i < bytes.length; i++) lines.push(`w.setUint8(o + ${i}, ${bytes[i]});`);
  lines.push(`o += ${bytes.length};`);
  return lines;
}

/**
 * Reads any value. Nearly all are texts without escapes, so those are read here, by four bytes as long as none of them ends a text or has
 * something out of the ordinary: a quote, a backslash, or what is below a blank. The arithmetic marks bytes that are zero, zero, or below
 * 0x20 by their highest bit; the first one that is marked is one, those behind it may not be.
 * @param start the variable that holds where it begins.
 * @param textEnd reads a text that has something out of the ordinary.
 */
export const readingValue = (start: string, textEnd: 'textEnd' | 'stringifiedEnd'): string[] => [
  'if (b[p] === 34) {',
  'p++;',
  'let m = 0;',
  'while (p < end - 4) {',
  'const x = v.getInt32(p, true), y = x ^ 0x22222222, z = x ^ 0x5c5c5c5c;',
  'm = (((y - 0x01010101) & ~y) | ((z - 0x01010101) & ~z) | ((x - 0x20202020) & ~x)) & 0x80808080;',
  'if (m !== 0) break;',
  'p += 4;',
  '}',
  'if (m !== 0) p += (31 - Math.clz32(m & -m)) >> 3;',
  'else while (STOPS[b[p]] === 0) p++;',
  'if (b[p] === 34) p++;',
  `else if ((p = ${textEnd}(b, ${start})) === -1) return ${NOT_PRINTED};`,
  `} else if ((p = valueEnd(b, p)) === -1) return ${NOT_PRINTED};`,
];

export const unless = (condition: string): string => `if (!(${condition})) return ${NOT_PRINTED};`;

/** Whether a value is there and not null: nothing else begins with an `n`. */
export const isThere = ({ id }: Wanted): string => `(s${id} >= 0 && b[s${id}] !== 110)`;

/** Whether a value is a uuid. */
export function isUuid(column: Wanted): string {
  column.isUuid = true;
  return `u${column.id}`;
}

/** Copies so many bytes, eight or more: without a call, and the last eight may overlap those before. */
export function copying(from: string, length: number): string[] {
  const lines: string[] = [];
  let i = 0;
  for (; i + 8 <= length; i += 8) lines.push(`w.setFloat64(o + ${i}, v.getFloat64(${from} + ${i}, true), true);`);
  if (i < length) lines.push(`w.setFloat64(o + ${length - 8}, v.getFloat64(${from} + ${length - 8}, true), true);`);
  lines.push(`o += ${length};`);
  return lines;
}

/** Copies a value that is mostly of one length. */
export function copyingLike({ id }: Wanted, usual: number): string[] {
  const copy = `o = copy(v, s${id}, e${id}, w, o);`;
  if (usual < 16 || usual > 64) return [copy];
  return [`if (e${id} - s${id} === ${usual}) {`, ...copying(`s${id}`, usual), `} else ${copy}`];
}

export const isAddress = ({ id }: Wanted): string => `isAddress(v, s${id}, e${id})`;
