import { differs } from '../domain/diff.ts';
import { STATES, type State } from '../domain/states.ts';
import type { LiveEvent } from './events.ts';
import type { HeldRow } from './types.ts';

/**
 * A change of one object in an informer, before any state filter. `before` is null for an arrival, `after` for a departure. In the log
 * `first` and `last` are equal; the queue of a slow subscriber joins several deltas of an object into one that spans them.
 */
export interface Delta {
  readonly first: number;
  readonly last: number;
  readonly uuid: string;
  readonly before: HeldRow | null;
  readonly after: HeldRow | null;
  /** For a departure: the current state if the object still exists outside the scope, else null. */
  readonly leftAs: State | null;
  readonly observedAt: number;
  /** Objects of the informer after the change. */
  readonly counts: StateCounts;
}

/** Objects by state, in the order of STATES. */
export type StateCounts = readonly number[];

/**
 * What a subscriber group sees: the states of its filter (null: all), the objects that it names (null: all), and the REST fields of its
 * selection.
 */
export interface View {
  readonly states: ReadonlySet<State> | null;
  readonly uuids: ReadonlySet<string> | null;
  readonly fields: ReadonlySet<string>;
}

/** The row, if the view shows it. */
export const visible = (view: View, row: HeldRow | null): HeldRow | null =>
  row !== null && passes(view, row.state) && (view.uuids === null || view.uuids.has(row.uuid)) ? row : null;

const passes = ({ states }: View, state: State): boolean => states === null || states.has(state);

/** Objects that the view's filter lets through. The uuids narrow what is sent, not the scope, so they do not matter here. */
export const totalIn = (view: View, counts: StateCounts): number =>
  STATES.reduce((sum, state, i) => (passes(view, state) ? sum + (counts[i] ?? 0) : sum), 0);

/** By how many objects a delta changes that total. */
export const growthIn = (view: View, { before, after }: Delta): number =>
  Number(after !== null && passes(view, after.state)) - Number(before !== null && passes(view, before.state));

/** Joins two deltas of one object; the state between them is never sent. */
export const join = (earlier: Delta, later: Delta): Delta => ({
  ...later,
  first: earlier.first,
  before: earlier.before,
});

/**
 * The event of a delta in a view; null when nothing selected differs or the object is outside the view before and after.
 */
export function toEvent(view: View, delta: Delta, cursor: string): LiveEvent | null {
  const { uuid } = delta;
  const before = visible(view, delta.before);
  const row = visible(view, delta.after);
  if (row === null) {
    if (before === null) return null;
    const state = delta.after === null ? delta.leftAs : delta.after.state;
    return { kind: 'REMOVED', uuid, row, state, previousState: before.state, ...placed(view, delta, cursor) };
  }
  const { state } = row;
  if (before === null) return { kind: 'ADDED', uuid, row, state, previousState: null, ...placed(view, delta, cursor) };
  const changed = { uuid, row, state, previousState: before.state, ...placed(view, delta, cursor) };
  if (state !== before.state) return { kind: 'STATE_CHANGED', ...changed };
  return differs(before.fields, row.fields, view.fields) ? { kind: 'UPDATED', ...changed } : null;
}

const placed = (view: View, { counts, observedAt }: Delta, cursor: string) => ({
  cursor,
  totalCount: totalIn(view, counts),
  observedAt,
});
