import { describe, expect, it } from 'vitest';
import { duration, fileSize, fromLocalInput, relative, toLocalInput } from '../../pages/live/state/format.ts';
import {
  comparison,
  DEFAULT_VIEW,
  formatView,
  parseView,
  rowsOfAnyState,
  Sorter,
} from '../../pages/live/state/view.ts';
import type { SnapshotRow } from '../../pages/live/types.ts';

const row = (id: string, changes: Partial<SnapshotRow> = {}): SnapshotRow => ({
  id,
  uuid: id,
  name: `snapshot-${id}`,
  state: 'OK',
  isSettled: true,
  errorMessage: '',
  size: 1_024,
  created: '2026-11-28T10:00:00Z',
  modified: '2026-11-28T10:00:00Z',
  keptUntil: null,
  project: { uuid: 'p', name: 'Genomes' },
  customer: { uuid: 'c', name: 'Biology' },
  sourceVolume: null,
  ...changes,
});

describe('the view in the URL', () => {
  it('the default view has no query', () => {
    expect(formatView(DEFAULT_VIEW)).toBe('');
    expect(parseView('')).toEqual(DEFAULT_VIEW);
  });

  it('every choice survives', () => {
    const view = {
      search: 'a b&c=1,ä',
      states: ['CREATING', 'OK'] as const,
      project: 'abc',
      sort: 'size' as const,
      isDescending: true,
      open: 'def',
    };
    expect(parseView(formatView(view))).toEqual(view);
    expect(formatView(view)).toContain('state=CREATING,OK');
  });

  it('what it does not know is the default', () => {
    expect(parseView('?state=NO,ERRED,&sort=-nothing&other=1')).toEqual({ ...DEFAULT_VIEW, states: ['ERRED'] });
  });
});

describe('filters and order', () => {
  it('all words of a search must be somewhere in the row', () => {
    const rows = [row('1', { errorMessage: 'No space left' }), row('2', { project: { uuid: 'q', name: 'Other' } })];
    const found = (search: string, project = '') =>
      rowsOfAnyState(rows, { ...DEFAULT_VIEW, search, project }).map(({ id }) => id);
    expect(found('SPACE genomes')).toEqual(['1']);
    expect(found('biology')).toEqual(['1', '2']);
    expect(found('biology', 'q')).toEqual(['2']);
    expect(found('space other')).toEqual([]);
  });

  it('names are ordered as people count, and equal rows never change places', () => {
    const rows = [row('b', { name: 'x-10' }), row('c', { name: 'x-2' }), row('a', { name: 'x-10' })];
    const order = (isDescending: boolean, given = rows) =>
      new Sorter().sort(given, comparison({ sort: 'name', isDescending })).map(({ id }) => id);
    expect(order(false)).toEqual(['c', 'a', 'b']);
    expect(order(false, rows.toReversed())).toEqual(['c', 'a', 'b']);
    expect(order(true)).toEqual(['a', 'b', 'c']);
  });

  it('what is kept for ever expires last', () => {
    const rows = [
      row('1'),
      row('2', { keptUntil: '2026-12-24T00:00:00Z' }),
      row('3', { keptUntil: '2026-12-01T00:00:00Z' }),
    ];
    const sorted = new Sorter().sort(rows, comparison({ sort: 'expires', isDescending: false }));
    expect(sorted.map(({ id }) => id)).toEqual(['3', '2', '1']);
  });

  it('a sorter that is used again sees changed, new and removed rows', () => {
    const sorter = new Sorter();
    const bySize = comparison({ sort: 'size', isDescending: false });
    sorter.sort([row('1', { size: 1 }), row('2', { size: 2 }), row('3', { size: 3 })], bySize);
    const changed = [row('1', { size: 5 }), row('3', { size: 3 }), row('4', { size: 4 })];
    expect(sorter.sort(changed, bySize)).toEqual([changed[1], changed[2], changed[0]]);
  });
});

describe('texts', () => {
  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [3_600_000, '1 h'],
    [40 * 86_400_000, '1 mo'],
    [-5, '0 s'],
  ])('a time of %d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('times to come and gone', () => {
    const now = Date.parse('2026-11-28T10:00:00Z');
    expect(relative('2026-11-28T09:58:00Z', now)).toBe('2 min ago');
    expect(relative('2026-11-30T10:00:00Z', now)).toBe('in 2 d');
    expect(relative('2026-11-28T10:00:00.500Z', now)).toBe('now');
  });

  it.each([
    [512, '512 MiB'],
    [10_240, '10 GiB'],
    [1_572_864, '1.5 TiB'],
  ])('%d MiB are %s', (mib, text) => expect(fileSize(mib)).toBe(text));

  it('a time survives an input of the local zone', () => {
    expect(fromLocalInput(toLocalInput('2026-12-24T18:30:00Z'))).toBe('2026-12-24T18:30:00.000Z');
    expect(fromLocalInput(toLocalInput(null))).toBeNull();
  });
});
