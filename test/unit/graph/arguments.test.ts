import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCursor, listFingerprint, readCursor, readWindow } from '../../../src/graph/lists/arguments.ts';

const fingerprint = listFingerprint('this list');
const other = listFingerprint('another list');

describe('cursors', () => {
  it('survive a round trip, and only in their own list', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000_000 }), (offset) => {
        expect(readCursor(encodeCursor(offset, fingerprint), fingerprint)).toEqual({ kind: 'position', offset });
        expect(readCursor(encodeCursor(offset, fingerprint), other)).toEqual({ kind: 'of-another-list' });
      }),
    );
  });

  it('other strings are malformed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(readCursor(text, fingerprint)).toEqual({ kind: 'malformed' });
      }),
    );
  });
});

/** The rows of a window, for a list in an array. */
const rowsOf = (list: readonly number[], args: Parameters<typeof readWindow>[0]): number[] => {
  const window = readWindow(args, () => fingerprint);
  const from = window.kind === 'head' ? window.start : Math.max(window.start, list.length - window.count);
  return list.slice(from, from + window.count);
};

/** The algorithm of the Relay specification, with `offset` as rows to skip. */
const relay = (
  list: readonly number[],
  args: { first?: number; last?: number; after?: number; before?: number; offset?: number },
) => {
  let rows = list.slice(args.offset ?? 0);
  if (args.after !== undefined) rows = list.slice(args.after + 1);
  if (args.before !== undefined) rows = rows.filter((row) => row < (args.before ?? 0));
  if (args.first !== undefined) rows = rows.slice(0, args.first);
  if (args.last !== undefined) rows = args.last === 0 ? [] : rows.slice(-args.last);
  return rows;
};

describe('windows', () => {
  it('are those of the Relay specification', () => {
    const position = fc.nat({ max: 60 });
    const sizes = fc.oneof(fc.record({ first: fc.nat({ max: 50 }) }), fc.record({ last: fc.nat({ max: 50 }) }));
    const places = fc.oneof(
      fc.record({ after: position, before: position }, { requiredKeys: [] }),
      fc.record({ offset: position }, { requiredKeys: [] }),
    );
    fc.assert(
      fc.property(fc.nat({ max: 60 }), sizes, places, (length, size, place) => {
        const list = Array.from({ length }, (_, i) => i);
        const cursors = {
          ...('after' in place && place.after !== undefined && { after: encodeCursor(place.after, fingerprint) }),
          ...('before' in place && place.before !== undefined && { before: encodeCursor(place.before, fingerprint) }),
          ...('offset' in place && place.offset !== undefined && { offset: place.offset }),
        };
        // Cursors beyond the end are never issued, so only cursors of rows are compared.
        const known = [place].every(
          (p) => !('before' in p) || p.before === undefined || p.before < Math.max(1, length),
        );
        if (known) expect(rowsOf(list, { ...size, ...cursors })).toEqual(relay(list, { ...size, ...place }));
      }),
    );
  });

  it('are 20 rows when no size is given', () => {
    expect(readWindow({}, () => fingerprint)).toEqual({ kind: 'head', start: 0, count: 20 });
    expect(readWindow({ first: null, offset: 7 }, () => fingerprint)).toEqual({ kind: 'head', start: 7, count: 20 });
  });

  it.each([
    [{ first: -1 }, 'first'],
    [{ first: 1001 }, 'first'],
    [{ last: -1 }, 'last'],
    [{ last: 1_000_000_000 }, 'last'],
    [{ first: 1, last: 1 }, 'last'],
    [{ offset: -1 }, 'offset'],
    [{ offset: 1, after: encodeCursor(0, fingerprint) }, 'offset'],
    [{ offset: 1, before: encodeCursor(0, fingerprint) }, 'offset'],
    [{ after: 'nonsense' }, 'after'],
    [{ before: encodeCursor(3, other) }, 'before'],
  ])('refuse %j, naming %s', (args, argument) => {
    expect(() => readWindow(args, () => fingerprint)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { argument } }),
    );
  });
});
