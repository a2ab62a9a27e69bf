import { describe, expect, it } from 'vitest';
import {
  type Availability,
  type SnapshotFacts,
  snapshotActions,
  type VolumeFacts,
  volumeActions,
} from '../../../src/domain/actions.ts';
import { displayStatus } from '../../../src/domain/display.ts';
import { isSettled, legacyLabel, parseState, STATES, TRANSITIONAL_STATES } from '../../../src/domain/states.ts';

const isStaff = false;
const mayChange = true;
const snapshot = { state: 'OK', backendId: 'x', isStaff, mayChange } as const;
const volume = { state: 'OK', runtimeState: 'available', bootable: false, isStaff, mayChange } as const;
const allowed = (actions: readonly Availability<string>[]) =>
  actions.filter((one) => one.allowed).map((one) => one.action);

describe('available actions on snapshots', () => {
  const of = (facts: Partial<SnapshotFacts>) => allowed(snapshotActions({ ...snapshot, ...facts }));

  it('an OK snapshot with an id in OpenStack allows everything but unlinking', () => {
    expect(of({})).toEqual(['RESTORE', 'PULL', 'UPDATE', 'REPLACE', 'DELETE']);
  });
  it('an erred snapshot can be pulled and deleted', () => {
    expect(of({ state: 'ERRED' })).toEqual(['PULL', 'DELETE']);
  });
  it('a snapshot without an id in OpenStack cannot be pulled', () => {
    expect(of({ backendId: '' })).not.toContain('PULL');
    expect(of({ state: 'ERRED', backendId: null })).toEqual(['DELETE']);
  });
  it.each(TRANSITIONAL_STATES)('%s allows nothing, but staff may unlink', (state) => {
    expect(of({ state })).toEqual([]);
    expect(of({ state, isStaff: true })).toEqual(['UNLINK']);
  });
  it('without a role that grants it nothing is allowed', () => expect(of({ mayChange: false })).toEqual([]));
});

describe('available actions on volumes', () => {
  const of = (facts: Partial<VolumeFacts>) => allowed(volumeActions({ ...volume, ...facts }));

  it('a free volume can be attached and extended', () => expect(of({})).toEqual(['ATTACH', 'EXTEND', 'SNAPSHOT']));
  it('an attached volume can be detached', () => {
    expect(of({ runtimeState: 'in-use' })).toEqual(['DETACH', 'EXTEND', 'SNAPSHOT']);
  });
  it('a bootable volume can only be attached and copied', () => {
    expect(of({ bootable: true })).toEqual(['ATTACH', 'SNAPSHOT']);
    expect(of({ bootable: true, runtimeState: 'in-use' })).toEqual(['SNAPSHOT']);
  });
  it.each(STATES.filter((state) => state !== 'OK'))('%s allows a snapshot alone', (state) => {
    expect(of({ state })).toEqual(['SNAPSHOT']);
  });
  it('without a role that grants it nothing is allowed', () => expect(of({ mayChange: false })).toEqual([]));
});

it('only refusals have a reason', () => {
  for (const state of STATES) {
    for (const may of [true, false]) {
      const facts = { state, mayChange: may };
      const actions = [
        ...snapshotActions({ ...snapshot, ...facts, backendId: null }),
        ...volumeActions({ ...volume, ...facts, runtimeState: '' }),
      ];
      for (const one of actions) expect(one.reason === null).toBe(one.allowed);
    }
  }
});

describe('states', () => {
  it('are accepted in both spellings', () => {
    for (const state of STATES) {
      expect(parseState(state)).toBe(state);
      expect(parseState(legacyLabel(state))).toBe(state);
    }
    expect(legacyLabel('CREATION_SCHEDULED')).toBe('Creation Scheduled');
    expect(parseState('Gone')).toBeUndefined();
  });
  it('two of eight are settled', () => expect(STATES.filter(isSettled)).toEqual(['OK', 'ERRED']));
});

describe('display status', () => {
  it.each([
    ['OK', 'available', '', 'Available'],
    ['OK', 'in-use', '', 'In use'],
    ['OK', '', '', 'OK'],
    ['ERRED', 'available', '', 'Error'],
    ['CREATION_SCHEDULED', '', '', 'Creation scheduled'],
    ['UPDATE_SCHEDULED', 'available', 'Pull', 'Pull scheduled'],
    ['UPDATING', 'available', 'Pull', 'Pull running'],
    ['DELETING', 'deleting', '', 'Deleting'],
  ] as const)('%s with runtime state %j and action %j is %j', (state, runtimeState, action, shown) => {
    expect(displayStatus({ state, runtimeState, action })).toBe(shown);
  });
});
