/** What the page reads from the graph. The documents that select it are in `documents.ts`. */

export const STATES = [
  'CREATION_SCHEDULED',
  'CREATING',
  'UPDATE_SCHEDULED',
  'UPDATING',
  'DELETION_SCHEDULED',
  'DELETING',
  'OK',
  'ERRED',
] as const;
export type State = (typeof STATES)[number];

export interface Named {
  readonly uuid: string;
  readonly name: string;
}

/** A row of the table. */
export interface SnapshotRow extends Named {
  readonly id: string;
  readonly state: State;
  readonly isSettled: boolean;
  readonly errorMessage: string;
  readonly size: number;
  readonly created: string;
  readonly modified: string;
  readonly keptUntil: string | null;
  readonly project: Named;
  readonly customer: Named;
  readonly sourceVolume: Named | null;
}

export interface AvailableAction {
  readonly action: string;
  readonly allowed: boolean;
  readonly reason: string | null;
}

/** Null: Waldur did not say what the user may do. */
export type AvailableActions = readonly AvailableAction[] | null;

/** @returns whether an action is possible now, and why not. */
export function availability(actions: AvailableActions, name: string): Omit<AvailableAction, 'action'> {
  return (
    actions?.find(({ action }) => action === name) ?? {
      allowed: false,
      reason: 'Waldur did not say what is possible now.',
    }
  );
}

/** The volume of the snapshot of the details pane. */
export interface SourceVolume extends Named {
  readonly availableActions: AvailableActions;
}

export interface RestoredVolume extends Named {
  readonly state: State;
  readonly runtimeState: string;
  readonly size: number;
  readonly device: string | null;
}

export interface Restoration {
  readonly id: string;
  readonly uuid: string;
  readonly created: string;
  readonly volume: RestoredVolume | null;
}

/** The snapshot of the details pane. */
export interface SnapshotDetails extends SnapshotRow {
  readonly description: string;
  readonly runtimeState: string;
  readonly backendId: string | null;
  readonly metadata: unknown;
  readonly serviceSettings: Named;
  readonly restorations: readonly Restoration[];
  readonly availableActions: AvailableActions;
  readonly sourceVolume: SourceVolume | null;
}

export interface VolumeChoice extends Named {
  readonly availableActions: AvailableActions;
  readonly state: State;
  readonly size: number;
  readonly project: Named;
}

export interface UserError {
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
}

export interface Viewer {
  readonly username: string;
  readonly fullName: string;
}

/** What the server says of itself to the page. */
export interface AppOptions {
  readonly isEmbedded: boolean;
  readonly hasExplorer: boolean;
}
