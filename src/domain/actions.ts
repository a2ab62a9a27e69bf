import type { State } from './states.ts';

/** When Waldur accepts a write on a snapshot (contract 2.1). `availableActions` and the tests of the embedded Waldur use these rules. */
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

export interface Availability {
  readonly action: SnapshotAction;
  readonly allowed: boolean;
  /** Message for people; null when allowed. */
  readonly reason: string | null;
}

/** The facts that a rule depends on. Roles in the project are not among them: only Waldur knows them. */
export interface ActionFacts {
  readonly state: State;
  readonly backendId: string | null;
  readonly isStaff: boolean;
}

/** For each action, whether it is possible now. Checks in Waldur's order: caller, state, id in OpenStack (contract 2.0). */
export const availableActions = (facts: ActionFacts): Availability[] =>
  SNAPSHOT_ACTIONS.map((action) => {
    const reason = refusal(SNAPSHOT_ACTION_RULES[action], facts);
    return { action, allowed: reason === null, reason };
  });

function refusal(rule: ActionRule, { state, backendId, isStaff }: ActionFacts): string | null {
  if (rule.staffOnly && !isStaff) return 'Only staff may do this.';
  if (rule.states !== null && !rule.states.includes(state)) {
    return `Requires state ${rule.states.join(' or ')}. The current state is ${state}.`;
  }
  // Waldur treats an empty id like a missing one.
  if (rule.needsBackendId && !backendId)
    return 'OpenStack has not created the snapshot yet, so it cannot be refreshed.';
  return null;
}
