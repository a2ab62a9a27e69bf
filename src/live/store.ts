import { isOlder, sameJson } from '../domain/diff.ts';
import { isSettled, type State } from '../domain/states.ts';
import type { NewDelta } from './delta-log.ts';
import type { FieldUnion } from './field-union.ts';
import type { HeldRow, LiveRow } from './types.ts';

/** Gives out ever larger numbers: which of two things began first is told by order, since clocks have equal milliseconds. */
export type Order = () => number;

/** One upstream answer: when its request began and when it came, by order; when it came, by the system's time; and what was asked. */
export interface Look {
  readonly begun: number;
  readonly answered: number;
  readonly at: number;
  readonly fields: readonly string[];
  /** Of the wanted fields, when all of them were asked; null when only the columns were. */
  readonly version: number | null;
}

/** A change of an object; quiet: nothing but `modified` differs. */
export interface Step {
  readonly transition: NewDelta;
  readonly quiet: boolean;
}

/** What a row in an answer came to: nothing new; a step to tell; or a question that only a look at the object itself settles. */
export type Observation = 'nothing' | 'look' | Step;

interface Entry {
  row: HeldRow;
  modified: unknown;
  /** Order of the last answer that showed it. */
  observed: number;
  version: number;
  /** An answer showed an older `modified`; the next one is believed. */
  doubted: boolean;
}

/**
 * The objects of a cohort, as last observed. Two rules keep a subscriber from going back in time: an answer whose request began
 * before a newer observation of the object says nothing about it, and an older `modified` needs a second answer that agrees.
 */
export class Store {
  readonly #entries = new Map<string, Entry>();
  readonly #transitional = new Set<string>();
  /** Order of the answer that confirmed a removal: an older answer cannot bring the object back. */
  readonly #gone = new Map<string, number>();
  readonly #wanted: FieldUnion;
  #snapshot: readonly HeldRow[] | null = null;

  constructor(wanted: FieldUnion) {
    this.#wanted = wanted;
  }

  get size(): number {
    return this.#entries.size;
  }

  get transitional(): ReadonlySet<string> {
    return this.#transitional;
  }

  has(uuid: string): boolean {
    return this.#entries.has(uuid);
  }

  /** All rows as they are now; the same array until one changes, so that many readers share it. */
  rows(): readonly HeldRow[] {
    this.#snapshot ??= Array.from(this.#entries.values(), ({ row }) => row);
    return this.#snapshot;
  }

  /** Objects last shown by an answer older than `begun`. */
  *notSeenSince(begun: number): Generator<string> {
    for (const [uuid, entry] of this.#entries) {
      if (entry.observed < begun) yield uuid;
    }
  }

  isSeenSince(uuid: string, begun: number): boolean {
    const entry = this.#entries.get(uuid);
    return entry !== undefined && entry.observed >= begun;
  }

  observe(row: LiveRow, look: Look): Observation {
    const entry = this.#entries.get(row.uuid);
    if (entry === undefined) return this.#arrive(row, look);
    if (look.begun < entry.observed) return 'nothing';
    const { modified } = row.fields;
    if (isOlder(modified, entry.modified) && !entry.doubted) {
      entry.doubted = true;
      return 'look';
    }
    const difference = row.state === entry.row.state ? this.#difference(entry, row, look.fields) : 'told';
    // An hourly job renews `modified` of every settled object (contract 2.8): alone it is no reason to ask for relations.
    if (look.version === null && difference === 'told') return 'look';
    const changed = difference !== 'none';
    const completed = look.version !== null && look.version !== entry.version;
    const before = entry.row;
    if (changed || completed) {
      entry.row = hold(row, look, before);
      this.#snapshot = null;
    }
    entry.modified = modified;
    entry.observed = look.answered;
    entry.doubted = false;
    entry.version = look.version ?? entry.version;
    if (!changed) return 'nothing';
    this.#file(row);
    const transition = { uuid: row.uuid, before, after: entry.row, leftAs: null, observedAt: look.at };
    return { transition, quiet: difference === 'modified' };
  }

  /** Takes an object out after a look at it found nothing. @returns null when a newer answer has shown it. */
  remove(uuid: string, look: Look, leftAs: State | null): Step | null {
    const entry = this.#entries.get(uuid);
    if (entry === undefined || look.begun < entry.observed) return null;
    this.#entries.delete(uuid);
    this.#transitional.delete(uuid);
    this.#gone.set(uuid, look.answered);
    this.#snapshot = null;
    return { transition: { uuid, before: entry.row, after: null, leftAs, observedAt: look.at }, quiet: false };
  }

  /** Forgets removals that no answer still on its way could contradict. */
  forgetGone(begun: number): void {
    for (const [uuid, removed] of this.#gone) {
      if (removed < begun) this.#gone.delete(uuid);
    }
  }

  #arrive(row: LiveRow, look: Look): Observation {
    const removed = this.#gone.get(row.uuid);
    if (removed !== undefined && look.begun < removed) return 'nothing';
    if (look.version === null) return 'look';
    const held = hold(row, look, null);
    this.#entries.set(row.uuid, {
      row: held,
      modified: row.fields.modified,
      observed: look.answered,
      version: look.version,
      doubted: false,
    });
    this.#gone.delete(row.uuid);
    this.#file(row);
    this.#snapshot = null;
    const transition = { uuid: row.uuid, before: null, after: held, leftAs: null, observedAt: look.at };
    return { transition, quiet: false };
  }

  /** Compares the fields that were watched when the row was last observed; a field that is new to the row is no change. */
  #difference(entry: Entry, row: LiveRow, fields: readonly string[]): 'none' | 'modified' | 'told' {
    let result: 'none' | 'modified' = 'none';
    for (const field of fields) {
      if (field === 'uuid' || field === 'state') continue;
      if (!this.#wanted.watchedAt(field, entry.version)) continue;
      if (sameJson(entry.row.fields[field], row.fields[field])) continue;
      if (field !== 'modified') return 'told';
      result = 'modified';
    }
    return result;
  }

  #file({ uuid, state }: LiveRow): void {
    if (isSettled(state)) this.#transitional.delete(uuid);
    else this.#transitional.add(uuid);
  }
}

/**
 * The row to keep: what was asked, over what was known. A field that the answer leaves out is left out here too; `uuid` and
 * `state` are always there, the state in its one spelling.
 */
function hold({ uuid, state, fields }: LiveRow, look: Look, before: HeldRow | null): HeldRow {
  const held: Record<string, unknown> = { ...before?.fields };
  for (const field of look.fields) {
    if (field in fields) held[field] = fields[field];
    else delete held[field];
  }
  return { uuid, state, fields: { ...held, uuid, state }, observedAt: look.at };
}
