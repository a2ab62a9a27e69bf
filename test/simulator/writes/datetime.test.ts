import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDateTime } from '../../../simulator/api/writes/datetime.ts';

const read = (value: unknown): string => {
  const reading = readDateTime(value);
  return reading.kind === 'time' ? reading.text : reading.kind;
};

describe('date-times as Django reads them', () => {
  it.each([
    ['2031-01-02', '2031-01-02T00:00:00Z'],
    ['2031-01-02T03:04:05.1234567Z', '2031-01-02T03:04:05.123456Z'],
    ['2031-01-02T03:04:05+03:00', '2031-01-02T00:04:05Z'],
    ['2031-01-02 03:04:05', '2031-01-02T03:04:05Z'],
    ['2031-01-02T03:04:05-2359', '2031-01-03T03:03:05Z'],
    ['20310102T030405Z', '2031-01-02T03:04:05Z'],
    ['2031-W01-1', '2030-12-30T00:00:00Z'],
    ['2031-1-2 3:04', '2031-01-02T03:04:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  ])('%s', (given, printed) => {
    expect(read(given)).toBe(printed);
  });

  it.each([
    '2031-02-30',
    '2031-13-01T00:00:00Z',
    '2031-01-02T24:00:00Z',
    'garbage',
    '',
    ' 2031-01-02',
    '2031-W54-1',
    5,
    null,
    [],
  ])('%j is invalid', (given) => {
    expect(read(given)).toBe('invalid');
  });

  it('a time that is outside the calendar in UTC is out of range', () => {
    expect(read('0001-01-01T00:00:00+01:00')).toBe('out-of-range');
    expect(read('9999-12-31T23:59:59-01:00')).toBe('out-of-range');
  });

  it('any time survives a round trip', () => {
    const dates = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        expect(Date.parse(read(date.toISOString()))).toBe(date.getTime());
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.anything()), (value) => {
        expect(read(value)).toBeTypeOf('string');
      }),
    );
  });
});
