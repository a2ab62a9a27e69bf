import { differs } from '../domain/diff.ts';
import type { State } from '../domain/states.ts';
import type { LiveEvent } from './events.ts';
import type { HeldRow } from './types.ts';

/**
 * One object's step in a cohort, before anybody's state filter: `before` null is an arrival, `after` null a departure. In the log
 * `first` and `last` are the same; a slow reader's queue joins several steps of one object into one that spans them.
 */
export interface Delta {
  readonly first: number;
  readonly last: number;
  readonly uuid: string;
  readonly before: HeldRow | null;
  readonly after: HeldRow | null;
  /** Of an object that left: its present state if it still exists somewhere, else null. */
  readonly leftAs: State | null;
  readonly observedAt: number;
}

/** What a group of subscribers looks through: the states it filters by (null: all) and the REST fields its document selects. */
export interface View {
  readonly states: ReadonlySet<State> | null;
  readonly fields: ReadonlySet<string>;
}

/** The row, if the view's state filter lets it through. */
export const visible = (view: View, row: HeldRow | null): HeldRow | null =>
  row !== null && (view.states === null || view.states.has(row.state)) ? row : null;

/** Several steps of one object as one. What came between is never told. */
export const join = (earlier: Delta, later: Delta): Delta => ({
  ...later,
  first: earlier.first,
  before: earlier.before,
});

/**
 * The event that a step is to a view, null when it is none: nothing that the view selects differs, or the object is outside
 * before and after.
 */
export function toEvent(view: View, step: Delta, cursor: string): LiveEvent | null {
  const { uuid, observedAt } = step;
  const before = visible(view, step.before);
  const row = visible(view, step.after);
  if (row === null) {
    if (before === null) return null;
    const state = step.after === null ? step.leftAs : step.after.state;
    return { kind: 'REMOVED', uuid, row, state, previousState: before.state, cursor, observedAt };
  }
  const { state } = row;
  if (before === null) return { kind: 'ADDED', uuid, row, state, previousState: null, cursor, observedAt };
  const changed = { uuid, row, state, previousState: before.state, cursor, observedAt };
  if (state !== before.state) return { kind: 'STATE_CHANGED', ...changed };
  return differs(before.fields, row.fields, view.fields) ? { kind: 'UPDATED', ...changed } : null;
}
