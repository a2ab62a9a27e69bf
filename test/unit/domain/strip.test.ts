import { describe, expect, it } from 'vitest';
import { strip } from '../../../src/domain/strip.ts';

/** What `str.isspace()` of Python 3 says of all characters. */
const PYTHON_SPACE = new Set([
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0, 0x1680],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
]);

describe('strip', () => {
  it('removes what is white space in Python, of all 65,536 code units', () => {
    const wrong = Array.from({ length: 0x1_0000 }, (_, code) => code).filter((code) => {
      const space = String.fromCharCode(code);
      return strip(`${space}${space}a${space}b${space}`) === `a${space}b`
        ? !PYTHON_SPACE.has(code)
        : PYTHON_SPACE.has(code);
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['', ''],
    [' \u0085\t ', ''],
    [' 😀 ', '😀'],
    ['a', 'a'],
  ])('%j becomes %j', (text, stripped) => expect(strip(text)).toBe(stripped));
});
