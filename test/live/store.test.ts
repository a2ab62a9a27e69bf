import { describe, expect, it } from 'vitest';
import type { State } from '../../src/domain/states.ts';
import { FieldUnion } from '../../src/live/field-union.ts';
import type { LiveRow } from '../../src/live/index.ts';
import { type Look, Store } from '../../src/live/store.ts';

const MODIFIED = '2026-01-01T00:00:00Z';

/** Objects whose `name` is watched, and answers to ask them with. */
const setup = () => {
  const wanted = new FieldUnion((field) => field !== 'restorations', 0);
  wanted.select(new Set(['name', 'restorations']), () => 1);
  const objects = new Store(wanted);
  const look = (begun: number, answered: number, whole = true): Look => ({
    begun,
    answered,
    at: answered,
    fields: whole ? wanted.all : wanted.columns,
    version: whole ? wanted.version : null,
  });
  return { wanted, objects, look };
};

const row = (state: State, fields: Record<string, unknown> = {}): LiveRow => ({
  uuid: 'a',
  state,
  fields: { name: 'n', modified: MODIFIED, ...fields },
});

describe('an answer that was overtaken', () => {
  it('by a newer observation says nothing about the object', () => {
    const { objects, look } = setup();
    objects.observe(row('OK'), look(1, 2));
    objects.observe(row('UPDATING'), look(3, 6));
    expect(objects.observe(row('OK'), look(5, 7))).toBe('nothing');
    expect(objects.rows()[0]?.state).toBe('UPDATING');
    expect(objects.observe(row('OK'), look(8, 9))).toMatchObject({ transition: { after: { state: 'OK' } } });
  });

  it('by a newer observation removes nothing', () => {
    const { objects, look } = setup();
    objects.observe(row('OK'), look(1, 2));
    objects.observe(row('OK'), look(3, 6));
    expect(objects.remove('a', look(5, 7), null)).toBeNull();
    expect(objects.has('a')).toBe(true);
    expect(objects.remove('a', look(8, 9), 'ERRED')).toMatchObject({ transition: { after: null, leftAs: 'ERRED' } });
  });

  it('by a removal does not bring the object back; a later one does', () => {
    const { objects, look } = setup();
    objects.observe(row('OK'), look(1, 2));
    objects.remove('a', look(3, 6), null);
    expect(objects.observe(row('OK'), look(5, 7))).toBe('nothing');
    expect(objects.observe(row('OK'), look(8, 9))).toMatchObject({ transition: { before: null } });
  });

  it('is no longer remembered once no answer can be that old', () => {
    const { objects, look } = setup();
    objects.observe(row('OK'), look(1, 2));
    objects.remove('a', look(3, 4), null);
    objects.forgetGone(4);
    expect(objects.observe(row('OK'), look(3, 8))).toBe('nothing');
    objects.forgetGone(5);
    expect(objects.observe(row('OK'), look(3, 8))).toMatchObject({ transition: { before: null } });
  });
});

describe('an answer with columns only', () => {
  it('leaves a new or changed row to a look at the object', () => {
    const { objects, look } = setup();
    expect(objects.observe(row('OK'), look(1, 2, false))).toBe('look');
    expect(objects.has('a')).toBe(false);
    objects.observe(row('OK', { restorations: [1] }), look(3, 4));
    expect(objects.observe(row('UPDATING'), look(5, 6, false))).toBe('look');
    expect(objects.observe(row('OK', { name: 'other' }), look(5, 6, false))).toBe('look');
    expect(objects.rows()[0]).toMatchObject({ state: 'OK', fields: { name: 'n', restorations: [1] } });
  });

  it('keeps the relations of a row in which nothing but `modified` differs', () => {
    const { wanted, objects, look } = setup();
    wanted.select(new Set(['modified']), () => 2);
    objects.observe(row('OK', { restorations: [1] }), look(1, 2));
    const modified = '2026-01-01T01:00:00Z';
    expect(objects.observe(row('OK', { modified }), look(3, 4, false))).toMatchObject({ quiet: true });
    expect(objects.rows()[0]?.fields).toMatchObject({ modified, restorations: [1] });
  });
});

describe('an older `modified`', () => {
  it.each([
    { before: '2026-01-01T00:00:07.4Z', after: '2026-01-01T00:00:07Z' },
    { before: '2026-01-01T00:00:07.000001Z', after: '2026-01-01T00:00:06.999999Z' },
  ])('is looked into, and believed when the second answer agrees: $before, $after', ({ before, after }) => {
    const { objects, look } = setup();
    objects.observe(row('OK', { modified: before }), look(1, 2));
    const older = row('ERRED', { modified: after });
    expect(objects.observe(older, look(3, 4))).toBe('look');
    expect(objects.rows()[0]?.state).toBe('OK');
    expect(objects.observe(older, look(5, 6))).toMatchObject({ transition: { after: { state: 'ERRED' } } });
  });

  it('is not one when it only gains a fraction', () => {
    const { objects, look } = setup();
    objects.observe(row('OK', { modified: '2026-01-01T00:00:07Z' }), look(1, 2));
    expect(objects.observe(row('ERRED', { modified: '2026-01-01T00:00:07.4Z' }), look(3, 4))).toMatchObject({
      transition: { after: { state: 'ERRED' } },
    });
  });
});

describe('rows', () => {
  it('are the same array and the same objects until something changes', () => {
    const { objects, look } = setup();
    objects.observe(row('OK'), look(1, 2));
    const before = objects.rows();
    objects.observe(row('OK', { modified: '2026-02-02T00:00:00Z' }), look(3, 4));
    expect(objects.rows()).toBe(before);
    objects.observe(row('ERRED', { modified: '2026-02-02T00:00:01Z' }), look(5, 6));
    expect(objects.rows()).not.toBe(before);
    expect(before[0]?.state).toBe('OK');
  });

  it('hold the uuid and the normalised state among their fields', () => {
    const { objects, look } = setup();
    objects.observe(row('UPDATE_SCHEDULED', { state: 'Update Scheduled' }), look(1, 2));
    expect(objects.rows()[0]?.fields).toMatchObject({ uuid: 'a', state: 'UPDATE_SCHEDULED' });
  });
});
