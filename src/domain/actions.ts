import type { State } from './states.ts';

/**
 * When Waldur accepts a write (contract 2.1, 2.2, 11.4). `availableActions` and the tests of the embedded Waldur use these rules. Checks
 * are in Waldur's order: caller, state, id in OpenStack.
 */
export interface ActionRule {
  /** States in which the action is accepted; null: any. */
  readonly states: readonly State[] | null;
  readonly needsBackendId: boolean;
  readonly staffOnly: boolean;
}

export const SNAPSHOT_ACTIONS = ['RESTORE', 'PULL', 'UPDATE', 'REPLACE', 'DELETE', 'UNLINK'] as const;
export type SnapshotAction = (typeof SNAPSHOT_ACTIONS)[number];

export const SNAPSHOT_ACTION_RULES: Readonly<Record<SnapshotAction, ActionRule>> = {
  RESTORE: { states: ['OK'], needsBackendId: false, staffOnly: false },
  PULL: { states: ['OK', 'ERRED'], needsBackendId: true, staffOnly: false },
  UPDATE: { states: ['OK'], needsBackendId: false, staffOnly: false },
  REPLACE: { states: ['OK'], needsBackendId: false, staffOnly: false },
  DELETE: { states: ['OK', 'ERRED'], needsBackendId: false, staffOnly: false },
  UNLINK: { states: null, needsBackendId: false, staffOnly: true },
};

export interface Availability<Action> {
  readonly action: Action;
  readonly allowed: boolean;
  /** Message for people; null when allowed. */
  readonly reason: string | null;
}

/** What the caller may do with the object. */
export interface CallerFacts {
  readonly isStaff: boolean;
  /** Whether a role of the caller lets him change the object. */
  readonly mayChange: boolean;
}

export interface SnapshotFacts extends CallerFacts {
  readonly state: State;
  readonly backendId: string | null;
}

const NO_ROLE = 'Requires to be an owner of the customer, or a manager or administrator of the project.';

const availability = <Action>(action: Action, reason: string | null): Availability<Action> => ({
  action,
  allowed: reason === null,
  reason,
});

/** For each action on a snapshot, whether it is possible now. */
export const snapshotActions = (facts: SnapshotFacts): Availability<SnapshotAction>[] =>
  SNAPSHOT_ACTIONS.map((action) => availability(action, snapshotRefusal(SNAPSHOT_ACTION_RULES[action], facts)));

function snapshotRefusal(rule: ActionRule, facts: SnapshotFacts): string | null {
  if (rule.staffOnly && !facts.isStaff) return 'Only staff may do this.';
  if (!facts.mayChange) return NO_ROLE;
  const wrongState = stateRefusal(rule.states, facts.state);
  if (wrongState !== null) return wrongState;
  // Waldur treats an empty id like a missing one.
  if (rule.needsBackendId && !facts.backendId)
    return 'OpenStack has not created the snapshot yet, so it cannot be refreshed.';
  return null;
}

const stateRefusal = (states: readonly State[] | null, state: State): string | null =>
  states === null || states.includes(state)
    ? null
    : `Requires state ${states.join(' or ')}. The current state is ${state}.`;

export const VOLUME_ACTIONS = ['ATTACH', 'DETACH', 'EXTEND', 'SNAPSHOT'] as const;
export type VolumeAction = (typeof VOLUME_ACTIONS)[number];

export interface VolumeFacts extends CallerFacts {
  readonly state: State;
  readonly runtimeState: string;
  readonly bootable: boolean;
}

/**
 * For each action on a volume, whether it is possible now. The instance of an attached volume is not looked at: that would be a
 * query for each row. So an extension that is allowed here may still be refused, because the instance is not shut off.
 */
export const volumeActions = (facts: VolumeFacts): Availability<VolumeAction>[] =>
  VOLUME_ACTIONS.map((action) => availability(action, volumeRefusal(action, facts)));

function volumeRefusal(action: VolumeAction, { mayChange, state, runtimeState, bootable }: VolumeFacts): string | null {
  if (!mayChange) return NO_ROLE;
  switch (action) {
    case 'ATTACH':
      return runtimeRefusal('available', runtimeState) ?? stateRefusal(['OK'], state);
    case 'DETACH':
      if (bootable) return 'Requires a volume that is not bootable.';
      return runtimeRefusal('in-use', runtimeState) ?? stateRefusal(['OK'], state);
    case 'EXTEND':
      if (bootable) return 'Requires a volume that is not bootable.';
      return stateRefusal(['OK'], state);
    case 'SNAPSHOT':
      return null;
  }
}

const runtimeRefusal = (wanted: string, current: string): string | null =>
  current === wanted
    ? null
    : `Requires runtime state ${wanted}. The current runtime state is ${current === '' ? 'not known' : current}.`;
