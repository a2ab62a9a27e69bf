import type { State } from './states.ts';

/**
 * When Waldur accepts each write on a snapshot (contract 2.1). One table: the graph's `availableActions` reads it, and the
 * tests hold the embedded Waldur against it.
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

export interface Availability {
  readonly action: SnapshotAction;
  readonly allowed: boolean;
  /** Why not, for people; null when allowed. */
  readonly reason: string | null;
}

/** The facts that decide; roles on the project are Waldur's to judge and are not among them. */
export interface ActionFacts {
  readonly state: State;
  readonly backendId: string | null;
  readonly isStaff: boolean;
}

/** For each action whether it can be done now, in the order of Waldur's own checks: who, state, id in OpenStack (contract 2.0). */
export const availableActions = (facts: ActionFacts): Availability[] =>
  SNAPSHOT_ACTIONS.map((action) => {
    const reason = refusal(SNAPSHOT_ACTION_RULES[action], facts);
    return { action, allowed: reason === null, reason };
  });

function refusal(rule: ActionRule, { state, backendId, isStaff }: ActionFacts): string | null {
  if (rule.staffOnly && !isStaff) return 'Only staff may do this.';
  if (rule.states !== null && !rule.states.includes(state)) {
    return `Possible in state ${rule.states.join(' or ')}, now it is ${state}.`;
  }
  // Waldur treats an empty id like a missing one.
  if (rule.needsBackendId && !backendId) return 'OpenStack has not made it yet, so there is nothing to read.';
  return null;
}
