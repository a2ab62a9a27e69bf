import type { State } from '../domain/states.ts';
import type { HeldRow } from './types.ts';

/**
 * What a subscriber receives; the table in the operations document is the specification. Every member has every property, so
 * that a resolver reads them without a switch. Subscribers of the same cohort, state filter and selection receive the very same
 * object: a WeakMap keyed by it can hold one execution for all of them.
 */
export type LiveEvent = InitialEvent | AddedEvent | ChangedEvent | RemovedEvent | BookmarkEvent | SignalEvent;

interface Common {
  /** Time of the upstream answer that showed it; for BOOKMARK, STALE and RESET of the last good answer. */
  readonly observedAt: number;
}

export interface InitialEvent extends Common {
  readonly kind: 'INITIAL';
  readonly uuid: string;
  readonly row: HeldRow;
  readonly state: State;
  readonly previousState: null;
  readonly cursor: null;
}

export interface AddedEvent extends Common {
  readonly kind: 'ADDED';
  readonly uuid: string;
  readonly row: HeldRow;
  readonly state: State;
  readonly previousState: null;
  readonly cursor: string;
}

export interface ChangedEvent extends Common {
  readonly kind: 'STATE_CHANGED' | 'UPDATED';
  readonly uuid: string;
  readonly row: HeldRow;
  readonly state: State;
  readonly previousState: State;
  readonly cursor: string;
}

export interface RemovedEvent extends Common {
  readonly kind: 'REMOVED';
  readonly uuid: string;
  readonly row: null;
  /** Its present state if it still exists outside the scope, else null. */
  readonly state: State | null;
  readonly previousState: State;
  readonly cursor: string;
}

export interface BookmarkEvent extends Common {
  readonly kind: 'BOOKMARK';
  readonly uuid: null;
  readonly row: null;
  readonly state: null;
  readonly previousState: null;
  readonly cursor: string;
}

export interface SignalEvent extends Common {
  readonly kind: 'STALE' | 'RESET';
  readonly uuid: null;
  readonly row: null;
  readonly state: null;
  readonly previousState: null;
  readonly cursor: null;
}

const NOTHING = { uuid: null, row: null, state: null, previousState: null } as const;

export const initialEvent = (row: HeldRow): InitialEvent => ({
  kind: 'INITIAL',
  uuid: row.uuid,
  row,
  state: row.state,
  previousState: null,
  cursor: null,
  observedAt: row.observedAt,
});

export const bookmarkEvent = (cursor: string, observedAt: number): BookmarkEvent => ({
  kind: 'BOOKMARK',
  ...NOTHING,
  cursor,
  observedAt,
});

export const signalEvent = (kind: 'STALE' | 'RESET', observedAt: number): SignalEvent => ({
  kind,
  ...NOTHING,
  cursor: null,
  observedAt,
});
