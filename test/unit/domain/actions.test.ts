import { describe, expect, it } from 'vitest';
import { availableActions } from '../../../src/domain/actions.ts';
import { displayStatus } from '../../../src/domain/display.ts';
import { isSettled, legacyLabel, parseState, STATES, TRANSITIONAL_STATES } from '../../../src/domain/states.ts';

const allowed = (facts: Parameters<typeof availableActions>[0]) =>
  availableActions(facts)
    .filter((one) => one.allowed)
    .map((one) => one.action);

describe('available actions', () => {
  it('an OK snapshot with an id in OpenStack allows everything but unlinking', () => {
    expect(allowed({ state: 'OK', backendId: 'x', isStaff: false })).toEqual([
      'RESTORE',
      'PULL',
      'UPDATE',
      'REPLACE',
      'DELETE',
    ]);
  });
  it('an erred snapshot can be pulled and deleted', () => {
    expect(allowed({ state: 'ERRED', backendId: 'x', isStaff: false })).toEqual(['PULL', 'DELETE']);
  });
  it('a snapshot without an id in OpenStack cannot be pulled', () => {
    expect(allowed({ state: 'OK', backendId: '', isStaff: false })).not.toContain('PULL');
    expect(allowed({ state: 'ERRED', backendId: null, isStaff: false })).toEqual(['DELETE']);
  });
  it.each(TRANSITIONAL_STATES)('%s allows nothing, but staff may unlink', (state) => {
    expect(allowed({ state, backendId: 'x', isStaff: false })).toEqual([]);
    expect(allowed({ state, backendId: 'x', isStaff: true })).toEqual(['UNLINK']);
  });
  it('only refusals have a reason', () => {
    for (const state of STATES) {
      for (const one of availableActions({ state, backendId: null, isStaff: false })) {
        expect(one.reason === null).toBe(one.allowed);
      }
    }
  });
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
