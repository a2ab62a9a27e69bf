/**
 * The eight states of a Waldur resource (contract 1.1), in Waldur's sort order. The gateway uses the newer spelling internally;
 * `parseState` accepts both.
 */
export const STATES = [
  'UPDATE_SCHEDULED',
  'UPDATING',
  'OK',
  'ERRED',
  'CREATION_SCHEDULED',
  'CREATING',
  'DELETION_SCHEDULED',
  'DELETING',
] as const;

export type State = (typeof STATES)[number];

const known: ReadonlySet<string> = new Set(STATES);

const isState = (label: string): label is State => known.has(label);

/**
 * Parses either spelling of a state: `UPDATE_SCHEDULED` (since 2025-03) or `Update Scheduled` (before).
 * @returns the state, or undefined for a label that no known version uses.
 */
export function parseState(label: string): State | undefined {
  if (isState(label)) return label;
  const normal = label.toUpperCase().replaceAll(' ', '_');
  return isState(normal) ? normal : undefined;
}

/** The spelling before 2025-03: `UPDATE_SCHEDULED` -> `Update Scheduled`; `OK` is the same in both. */
export function legacyLabel(state: State): string {
  if (state === 'OK') return 'OK';
  return state
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join(' ');
}

/** True when no operation runs: the state does not change until somebody acts (contract 1.2). */
export const isSettled = (state: State): boolean => state === 'OK' || state === 'ERRED';

/** The six states of a running operation. Each ends in OK, ERRED or in the object's deletion. */
export const TRANSITIONAL_STATES: readonly State[] = STATES.filter((state) => !isSettled(state));
