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

/** An event with a cursor. */
interface Placed extends Common {
  readonly cursor: string;
  /** Objects that the filter of the subscriber lets through, after this event. */
  readonly totalCount: number;
}

/** An event that no stream can resume from. */
interface Unplaced extends Common {
  readonly cursor: null;
  readonly totalCount: null;
}

export interface InitialEvent extends Unplaced {
  readonly kind: 'INITIAL';
  readonly uuid: string;
  readonly row: HeldRow;
  readonly state: State;
  readonly previousState: null;
}

export interface AddedEvent extends Placed {
  readonly kind: 'ADDED';
  readonly uuid: string;
  readonly row: HeldRow;
  readonly state: State;
  readonly previousState: null;
}

export interface ChangedEvent extends Placed {
  readonly kind: 'STATE_CHANGED' | 'UPDATED';
  readonly uuid: string;
  readonly row: HeldRow;
  readonly state: State;
  readonly previousState: State;
}

export interface RemovedEvent extends Placed {
  readonly kind: 'REMOVED';
  readonly uuid: string;
  readonly row: null;
  /** The current state if the object still exists outside the scope, else null. */
  readonly state: State | null;
  readonly previousState: State;
}

export interface BookmarkEvent extends Placed {
  readonly kind: 'BOOKMARK';
  readonly uuid: null;
  readonly row: null;
  readonly state: null;
  readonly previousState: null;
}

export interface SignalEvent extends Unplaced {
  readonly kind: 'STALE' | 'RESET';
  readonly uuid: null;
  readonly row: null;
  readonly state: null;
  readonly previousState: null;
}

const NOTHING = { uuid: null, row: null, state: null, previousState: null } as const;

export const initialEvent = (row: HeldRow): InitialEvent => ({
  kind: 'INITIAL',
  uuid: row.uuid,
  row,
  state: row.state,
  previousState: null,
  cursor: null,
  totalCount: null,
  observedAt: row.observedAt,
});

export const bookmarkEvent = (cursor: string, totalCount: number, observedAt: number): BookmarkEvent => ({
  kind: 'BOOKMARK',
  ...NOTHING,
  cursor,
  totalCount,
  observedAt,
});

export const signalEvent = (kind: 'STALE' | 'RESET', observedAt: number): SignalEvent => ({
  kind,
  ...NOTHING,
  cursor: null,
  totalCount: null,
  observedAt,
});
