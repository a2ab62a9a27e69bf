import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differs, isOlder, sameJson } from '../../src/domain/diff.ts';

describe('sameJson', () => {
  it('is true for a copy of any JSON value, and agrees both ways for any two', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameJson(a, structuredClone(a))).toBe(true);
        expect(sameJson(a, b)).toBe(sameJson(b, a));
      }),
    );
  });

  it.each([
    [null, undefined],
    [null, {}],
    [[], {}],
    [[1], [1, 2]],
    [{ a: undefined }, {}],
    [{ a: null }, { b: null }],
    [{ a: { b: [1] } }, { a: { b: [2] } }],
    [0, ''],
    ['1', 1],
  ])('distinguishes %j from %j', (a, b) => {
    expect(sameJson(a, b)).toBe(false);
  });

  it('ignores the order of keys and the prototype', () => {
    expect(sameJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(sameJson(JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 2}'))).toBe(false);
    expect(sameJson(JSON.parse('{"__proto__": 1}'), {})).toBe(false);
  });
});

describe('differs', () => {
  it('compares only the given fields', () => {
    expect(differs({ a: 1, b: 1 }, { a: 1, b: 2 }, ['a'])).toBe(false);
    expect(differs({ a: 1, b: 1 }, { a: 1, b: 2 }, ['a', 'b'])).toBe(true);
    expect(differs({ a: null }, {}, ['a'])).toBe(true);
  });
});

describe('isOlder', () => {
  it.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000001Z', true],
    ['2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00Z', false],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['2025-12-31T23:59:59.999999Z', '2026-01-01T00:00:00Z', true],
    [undefined, '2026-01-01T00:00:00Z', false],
    ['2026-01-01T00:00:00Z', null, false],
  ])('%s after %s: %s', (after, before, older) => {
    expect(isOlder(after, before)).toBe(older);
  });
});
