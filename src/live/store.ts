import { isOlder, sameJson } from '../domain/diff.ts';
import { STATES, type State } from '../domain/states.ts';
import type { Delta, StateCounts } from './delta.ts';
import type { NewDelta } from './delta-log.ts';
import type { FieldUnion } from './field-union.ts';
import { type CreatedSpan, createdOf } from './relist.ts';
import type { HeldRow, LiveRow } from './types.ts';

/** A logical clock: every call returns a larger number. It orders events within the same millisecond. */
export type LogicalClock = () => number;

/** When a response was requested and received by the logical clock, when it was received by the system time, and what was requested. */
export interface ReadStamp {
  readonly begun: number;
  readonly answered: number;
  readonly at: number;
  readonly fields: readonly string[];
  /** Version of the field union; null when only columns were requested. */
  readonly version: number | null;
}

/** A change of an object; quiet: only `modified` differs. */
export interface Change {
  readonly delta: NewDelta;
  readonly quiet: boolean;
}

/** The result of an observed row: nothing new, a change, or a recheck of the object to decide. */
export type Observation = 'nothing' | 'recheck' | Change;

interface Entry {
  row: HeldRow;
  /** When it was created, if that is known; it never changes. */
  readonly created: string | null;
  modified: unknown;
  /** Logical time of the last response that showed it. */
  observed: number;
  version: number;
  /** A response showed an older `modified`; the next one is believed. */
  doubted: boolean;
}

/**
 * The objects of an informer, as last observed. Two rules keep subscribers from going back in time: a response whose request began before
 * a newer observation of the object is ignored, and an older `modified` needs a second response that agrees.
 */
export class Store {
  readonly #entries = new Map<string, Entry>();
  readonly #byState = new Map<State, Set<string>>(STATES.map((state) => [state, new Set()]));
  /** Logical time of the response that confirmed a removal: older responses cannot bring the object back. */
  readonly #gone = new Map<string, number>();
  readonly #fieldUnion: FieldUnion;
  #snapshot: readonly HeldRow[] | null = null;
  #counts: StateCounts = STATES.map(() => 0);

  constructor(fieldUnion: FieldUnion) {
    this.#fieldUnion = fieldUnion;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Number of objects in a state. */
  count(state: State): number {
    return this.#byState.get(state)?.size ?? 0;
  }

  /** Objects in one of the states. */
  *inStates(states: readonly State[]): Generator<string> {
    for (const state of states) yield* this.#byState.get(state) ?? [];
  }

  has(uuid: string): boolean {
    return this.#entries.has(uuid);
  }

  /** All current rows; the same array until one changes, so that subscribers share it. */
  rows(): readonly HeldRow[] {
    this.#snapshot ??= Array.from(this.#entries.values(), ({ row }) => row);
    return this.#snapshot;
  }

  /** Objects by state; a new array after each change. */
  get counts(): StateCounts {
    return this.#counts;
  }

  /** Objects last shown by a response older than `begun`. */
  *notSeenSince(begun: number): Generator<string> {
    for (const [uuid, entry] of this.#entries) {
      if (entry.observed < begun) yield uuid;
    }
  }

  /** Of these, the objects that were created within the span. */
  *notSeenWithin({ after, before }: CreatedSpan, begun: number): Generator<string> {
    for (const [uuid, { observed, created }] of this.#entries) {
      if (observed < begun && created !== null && after < created && created < before) yield uuid;
    }
  }

  isSeenSince(uuid: string, begun: number): boolean {
    const entry = this.#entries.get(uuid);
    return entry !== undefined && entry.observed >= begun;
  }

  observe(row: LiveRow, stamp: ReadStamp): Observation {
    const entry = this.#entries.get(row.uuid);
    if (entry === undefined) return this.#arrive(row, stamp);
    if (stamp.begun < entry.observed) return 'nothing';
    const { modified } = row.fields;
    if (isOlder(modified, entry.modified) && !entry.doubted) {
      entry.doubted = true;
      return 'recheck';
    }
    const difference = row.state === entry.row.state ? this.#difference(entry, row, stamp.fields) : 'told';
    // An hourly job renews `modified` of every settled object (contract 2.8): alone it is no reason to request relation fields.
    if (stamp.version === null && difference === 'told') return 'recheck';
    const changed = difference !== 'none';
    const completed = stamp.version !== null && stamp.version !== entry.version;
    const before = entry.row;
    if (changed || completed) {
      entry.row = hold(row, stamp, before);
      this.#snapshot = null;
    }
    entry.modified = modified;
    entry.observed = stamp.answered;
    entry.doubted = false;
    entry.version = stamp.version ?? entry.version;
    if (!changed) return 'nothing';
    this.#file(row, before.state);
    const delta = this.#delta(row.uuid, before, entry.row, stamp);
    return { delta, quiet: difference === 'modified' };
  }

  /** Removes an object that a recheck did not find. @returns null when a newer response has shown it. */
  remove(uuid: string, stamp: ReadStamp, leftAs: State | null): Change | null {
    const entry = this.#entries.get(uuid);
    if (entry === undefined || stamp.begun < entry.observed) return null;
    this.#entries.delete(uuid);
    this.#byState.get(entry.row.state)?.delete(uuid);
    this.#gone.set(uuid, stamp.answered);
    this.#snapshot = null;
    return { delta: { ...this.#delta(uuid, entry.row, null, stamp), leftAs }, quiet: false };
  }

  /**
   * Replaces all objects by those that another replica holds.
   * @param seen logical time: responses that were requested earlier are ignored.
   * @param version of the field union that the rows have.
   */
  load(rows: Iterable<HeldRow>, seen: number, version: number): void {
    this.#entries.clear();
    this.#gone.clear();
    for (const uuids of this.#byState.values()) uuids.clear();
    for (const row of rows) this.#hold(row, seen, version);
    this.#counts = STATES.map((state) => this.count(state));
    this.#snapshot = null;
  }

  /** Applies a change that another replica observed; the parameters are those of `load`. */
  apply({ uuid, after, counts }: Pick<Delta, 'uuid' | 'after' | 'counts'>, seen: number, version: number): void {
    const before = this.#entries.get(uuid);
    if (before !== undefined) this.#byState.get(before.row.state)?.delete(uuid);
    this.#entries.delete(uuid);
    if (after === null) this.#gone.set(uuid, seen);
    else this.#hold(after, seen, version);
    this.#counts = counts;
    this.#snapshot = null;
  }

  #hold(row: HeldRow, seen: number, version: number): void {
    const { modified } = row.fields;
    this.#entries.set(row.uuid, { row, created: createdOf(row), modified, observed: seen, version, doubted: false });
    this.#gone.delete(row.uuid);
    this.#file(row, null);
  }

  /** Forgets removals that no response in flight could contradict. */
  forgetGone(begun: number): void {
    for (const [uuid, removed] of this.#gone) {
      if (removed < begun) this.#gone.delete(uuid);
    }
  }

  #arrive(row: LiveRow, stamp: ReadStamp): Observation {
    const removed = this.#gone.get(row.uuid);
    if (removed !== undefined && stamp.begun < removed) return 'nothing';
    if (stamp.version === null) return 'recheck';
    const held = hold(row, stamp, null);
    this.#hold(held, stamp.answered, stamp.version);
    this.#snapshot = null;
    return { delta: this.#delta(row.uuid, null, held, stamp), quiet: false };
  }

  /** Compares the fields that the row held when last observed; a newly added field is no change. */
  #difference(entry: Entry, row: LiveRow, fields: readonly string[]): 'none' | 'modified' | 'told' {
    let result: 'none' | 'modified' = 'none';
    for (const field of fields) {
      if (field === 'uuid' || field === 'state') continue;
      if (!this.#fieldUnion.watchedAt(field, entry.version)) continue;
      if (sameJson(entry.row.fields[field], row.fields[field])) continue;
      if (field !== 'modified') return 'told';
      result = 'modified';
    }
    return result;
  }

  /** Counts the change, and describes it. */
  #delta(uuid: string, before: HeldRow | null, after: HeldRow | null, { at }: ReadStamp): NewDelta {
    if (before?.state !== after?.state) {
      this.#counts = this.#counts.map(
        (count, i) => count + (STATES[i] === after?.state ? 1 : 0) - (STATES[i] === before?.state ? 1 : 0),
      );
    }
    return { uuid, before, after, leftAs: null, observedAt: at, counts: this.#counts };
  }

  #file({ uuid, state }: LiveRow, before: State | null): void {
    if (before !== null) this.#byState.get(before)?.delete(uuid);
    this.#byState.get(state)?.add(uuid);
  }
}

/**
 * The row to keep: the requested fields replace the known ones, and those missing in the response are dropped. `uuid` and `state` are
 * always present, the state normalised.
 */
function hold({ uuid, state, fields }: LiveRow, stamp: ReadStamp, before: HeldRow | null): HeldRow {
  const held: Record<string, unknown> = { ...before?.fields };
  for (const field of stamp.fields) {
    if (field in fields) held[field] = fields[field];
    else delete held[field];
  }
  return { uuid, state, fields: { ...held, uuid, state }, observedAt: stamp.at };
}
