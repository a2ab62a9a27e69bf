import fc from 'fast-check';
import { parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';
import { isDateTime, JSONScalar, parseUuid } from '../../../src/graph/scalars.ts';

describe('UUID', () => {
  it('reads every spelling as the same hex', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        const hex = uuid.replaceAll('-', '');
        expect([uuid, hex, uuid.toUpperCase(), hex.toUpperCase()].map(parseUuid)).toEqual([hex, hex, hex, hex]);
      }),
    );
  });

  it.each([
    '',
    '..',
    '%2e%2e',
    'a/b',
    '?x',
    '#',
    '\0',
    'a'.repeat(10_000),
    'g'.repeat(32),
    'a'.repeat(31),
    `${'a'.repeat(32)}/`,
    5,
    null,
    {},
  ])('refuses %j', (value) => {
    expect(parseUuid(value)).toBeUndefined();
  });

  it('the result is safe in a path', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseUuid(text) ?? '0'.repeat(32)).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });
});

describe('DateTime', () => {
  it.each([
    '2026-01-31T12:00:00Z',
    '2026-01-31T14:00:00.5+02:00',
    '2024-02-29t00:00:00.123456z',
    '2026-12-31T23:59:59-11:30',
  ])('reads %s', (value) => expect(isDateTime(value)).toBe(true));
  it.each([
    '2026-01-31',
    '2026-01-31T12:00:00',
    '2026-02-29T12:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+00:60',
    '0000-01-01T00:00:00Z',
    ' 2026-01-31T12:00:00Z',
    '1769860800',
    1769860800,
    null,
  ])('refuses %j', (value) => expect(isDateTime(value)).toBe(false));
  it('reads the format of JavaScript', () => {
    const dates = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        expect(isDateTime(date.toISOString())).toBe(true);
      }),
    );
  });
});

describe('JSON', () => {
  it('a literal is converted to its value', () => {
    const literal = parseValue('{a: [1, 2.5, true, null, "x", E], b: {c: {}}}');
    expect(JSONScalar.parseLiteral(literal)).toEqual({ a: [1, 2.5, true, null, 'x', 'E'], b: { c: {} } });
  });
  it('a __proto__ key stays data', () => {
    const value = JSONScalar.parseLiteral(parseValue('{__proto__: {polluted: true}}'));
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
