import { describe, expect, it } from 'vitest';
import type { State } from '../../src/domain/states.ts';
import { FieldUnion } from '../../src/live/field-union.ts';
import type { LiveRow } from '../../src/live/index.ts';
import { type ReadStamp, Store } from '../../src/live/store.ts';

const MODIFIED = '2026-01-01T00:00:00Z';

/** Objects whose `name` is watched, and answers to ask them with. */
const setup = () => {
  const fieldUnion = new FieldUnion((field) => field !== 'restorations', 0);
  fieldUnion.select(new Set(['name', 'restorations']), () => 1);
  const store = new Store(fieldUnion);
  const stamp = (begun: number, answered: number, whole = true): ReadStamp => ({
    begun,
    answered,
    at: answered,
    fields: whole ? fieldUnion.all : fieldUnion.columns,
    version: whole ? fieldUnion.version : null,
  });
  return { fieldUnion, store, stamp };
};

const row = (state: State, fields: Record<string, unknown> = {}): LiveRow => ({
  uuid: 'a',
  state,
  fields: { name: 'n', modified: MODIFIED, ...fields },
});

describe('a response that was overtaken', () => {
  it('by a newer observation says nothing about the object', () => {
    const { store, stamp } = setup();
    store.observe(row('OK'), stamp(1, 2));
    store.observe(row('UPDATING'), stamp(3, 6));
    expect(store.observe(row('OK'), stamp(5, 7))).toBe('nothing');
    expect(store.rows()[0]?.state).toBe('UPDATING');
    expect(store.observe(row('OK'), stamp(8, 9))).toMatchObject({ delta: { after: { state: 'OK' } } });
  });

  it('by a newer observation removes nothing', () => {
    const { store, stamp } = setup();
    store.observe(row('OK'), stamp(1, 2));
    store.observe(row('OK'), stamp(3, 6));
    expect(store.remove('a', stamp(5, 7), null)).toBeNull();
    expect(store.has('a')).toBe(true);
    expect(store.remove('a', stamp(8, 9), 'ERRED')).toMatchObject({ delta: { after: null, leftAs: 'ERRED' } });
  });

  it('by a removal does not bring the object back; a later one does', () => {
    const { store, stamp } = setup();
    store.observe(row('OK'), stamp(1, 2));
    store.remove('a', stamp(3, 6), null);
    expect(store.observe(row('OK'), stamp(5, 7))).toBe('nothing');
    expect(store.observe(row('OK'), stamp(8, 9))).toMatchObject({ delta: { before: null } });
  });

  it('is forgotten when no response can be that old', () => {
    const { store, stamp } = setup();
    store.observe(row('OK'), stamp(1, 2));
    store.remove('a', stamp(3, 4), null);
    store.forgetGone(4);
    expect(store.observe(row('OK'), stamp(3, 8))).toBe('nothing');
    store.forgetGone(5);
    expect(store.observe(row('OK'), stamp(3, 8))).toMatchObject({ delta: { before: null } });
  });
});

describe('a response with plain columns only', () => {
  it('leaves a new or changed row to a recheck of the object', () => {
    const { store, stamp } = setup();
    expect(store.observe(row('OK'), stamp(1, 2, false))).toBe('recheck');
    expect(store.has('a')).toBe(false);
    store.observe(row('OK', { restorations: [1] }), stamp(3, 4));
    expect(store.observe(row('UPDATING'), stamp(5, 6, false))).toBe('recheck');
    expect(store.observe(row('OK', { name: 'other' }), stamp(5, 6, false))).toBe('recheck');
    expect(store.rows()[0]).toMatchObject({ state: 'OK', fields: { name: 'n', restorations: [1] } });
  });

  it('keeps the relations of a row in which nothing but `modified` differs', () => {
    const { fieldUnion, store, stamp } = setup();
    fieldUnion.select(new Set(['modified']), () => 2);
    store.observe(row('OK', { restorations: [1] }), stamp(1, 2));
    const modified = '2026-01-01T01:00:00Z';
    expect(store.observe(row('OK', { modified }), stamp(3, 4, false))).toMatchObject({ quiet: true });
    expect(store.rows()[0]?.fields).toMatchObject({ modified, restorations: [1] });
  });
});

describe('an older `modified`', () => {
  it.each([
    { before: '2026-01-01T00:00:07.4Z', after: '2026-01-01T00:00:07Z' },
    { before: '2026-01-01T00:00:07.000001Z', after: '2026-01-01T00:00:06.999999Z' },
  ])('is checked, and accepted when the second response agrees: $before, $after', ({ before, after }) => {
    const { store, stamp } = setup();
    store.observe(row('OK', { modified: before }), stamp(1, 2));
    const older = row('ERRED', { modified: after });
    expect(store.observe(older, stamp(3, 4))).toBe('recheck');
    expect(store.rows()[0]?.state).toBe('OK');
    expect(store.observe(older, stamp(5, 6))).toMatchObject({ delta: { after: { state: 'ERRED' } } });
  });

  it('is not older when it only gains a fraction', () => {
    const { store, stamp } = setup();
    store.observe(row('OK', { modified: '2026-01-01T00:00:07Z' }), stamp(1, 2));
    expect(store.observe(row('ERRED', { modified: '2026-01-01T00:00:07.4Z' }), stamp(3, 4))).toMatchObject({
      delta: { after: { state: 'ERRED' } },
    });
  });
});

describe('rows', () => {
  it('are the same array and the same objects until something changes', () => {
    const { store, stamp } = setup();
    store.observe(row('OK'), stamp(1, 2));
    const before = store.rows();
    store.observe(row('OK', { modified: '2026-02-02T00:00:00Z' }), stamp(3, 4));
    expect(store.rows()).toBe(before);
    store.observe(row('ERRED', { modified: '2026-02-02T00:00:01Z' }), stamp(5, 6));
    expect(store.rows()).not.toBe(before);
    expect(before[0]?.state).toBe('OK');
  });

  it('hold the uuid and the normalised state among their fields', () => {
    const { store, stamp } = setup();
    store.observe(row('UPDATE_SCHEDULED', { state: 'Update Scheduled' }), stamp(1, 2));
    expect(store.rows()[0]?.fields).toMatchObject({ uuid: 'a', state: 'UPDATE_SCHEDULED' });
  });
});
