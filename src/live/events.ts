import type { State } from '../domain/states.ts';
import type { HeldRow } from './types.ts';

/**
 * What a subscriber receives, as specified in docs/live.md. Every member has every property, so resolvers read them without a
 * switch. All subscribers of a group receive the same object, so a WeakMap keyed by it can share one execution among them.
 */
export type LiveEvent = InitialEvent | AddedEvent | ChangedEvent | RemovedEvent | BookmarkEvent | SignalEvent;

interface Common {
  /** Time of the response that showed it; for BOOKMARK, STALE and RESET of the last successful response. */
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
  /** The current state if the object still exists outside the scope, else null. */
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
