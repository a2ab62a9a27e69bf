import type { CursorSigner } from './cursor.ts';
import type { Delta } from './delta.ts';
import type { DeltaLog, LogEntry, NewDelta } from './delta-log.ts';
import { type BookmarkEvent, type LiveEvent, type SignalEvent, signalEvent } from './events.ts';
import type { FieldUnion } from './field-union.ts';
import { type LiveObserver, NO_OBSERVER, type ResetCause } from './observer.ts';
import type { CanonicalFilter } from './scope.ts';
import type { Store } from './store.ts';
import { type Reader, SubscriberGroup } from './subscriber-group.ts';
import type { HeldRow } from './types.ts';

export interface BroadcasterParts {
  /** Key of the informer. Cursors are bound to it, to the state filter and to the uuids. */
  readonly key: string;
  readonly log: DeltaLog;
  readonly fieldUnion: FieldUnion;
  readonly store: Store;
  readonly signer: CursorSigner;
  readonly observer?: LiveObserver;
  readonly now: () => number;
  /** Time of the last successful response. */
  readonly answeredAt: () => number;
  /** Called for each entry that is added to the log here, before it is published. Absent: nobody else needs it. */
  readonly onEntry?: (entry: LogEntry) => void;
  /** Whether another replica adds entries to the log. Absent: never. */
  readonly isFollowing?: () => boolean;
}

/** What decides the first events of a subscription. */
export interface OpeningRequest {
  readonly group: SubscriberGroup;
  /** The cursor to resume from. */
  readonly after: string | null;
  /** Whether the current state follows a RESET. */
  readonly initial: boolean;
}

/** The subscriber groups of an informer: logs each delta, publishes it to the groups, and makes the first events of a subscription. */
export class Broadcaster {
  readonly #parts: BroadcasterParts;
  readonly #groups = new Map<string, SubscriberGroup>();

  constructor(parts: BroadcasterParts) {
    this.#parts = parts;
  }

  get stats(): { readonly groups: number; readonly logged: number } {
    return { groups: this.#groups.size, logged: this.#parts.log.size };
  }

  /** The subscriber group of a new subscriber. */
  admit(filter: CanonicalFilter, fields: ReadonlySet<string>, uuids: readonly string[] | null = null): SubscriberGroup {
    const { fieldUnion } = this.#parts;
    const group = this.#group(filter, fields, uuids);
    group.members += 1;
    fieldUnion.select(group.view.fields, () => this.separate());
    return group;
  }

  leave(group: SubscriberGroup, reader: Reader): void {
    group.readers.delete(reader);
    group.members -= 1;
    if (group.members === 0) this.#groups.delete(group.key);
    this.#parts.fieldUnion.release(group.view.fields, this.#parts.now());
  }

  publish(change: NewDelta): void {
    const { log, now, onEntry } = this.#parts;
    const at = now();
    const entry = log.append(change, at);
    onEntry?.(entry);
    for (const group of this.#groups.values()) group.publish(entry.delta, at);
  }

  /** Adds and publishes the next entry of another replica. */
  relay(entry: LogEntry): void {
    const { log, now } = this.#parts;
    const at = now();
    log.take(entry, at);
    if (entry.delta === null) return;
    for (const group of this.#groups.values()) group.publish(entry.delta, at);
  }

  /** @returns a new sequence; Infinity while only another replica can assign one. */
  separate(): number {
    const { log, now, onEntry, isFollowing } = this.#parts;
    if (isFollowing?.() === true) return Number.POSITIVE_INFINITY;
    const entry = log.advance(now());
    onEntry?.(entry);
    return entry.sequence;
  }

  /** Sends a BOOKMARK to every group that has received nothing since. */
  bookmark(since: number): void {
    const { log, store, answeredAt, now } = this.#parts;
    for (const group of this.#groups.values()) {
      if (group.toldAt <= since) group.bookmark(log.sequence, store.counts, answeredAt(), now());
    }
  }

  /** When the group that has been quiet longest last received something; now when there is no group. */
  quietestSince(): number {
    return Math.min(this.#parts.now(), ...Array.from(this.#groups.values(), ({ toldAt }) => toldAt));
  }

  /** Sends STALE to all subscribers that have started: what they received may be out of date. */
  stale(): void {
    const notice = this.#signal('STALE');
    for (const group of this.#groups.values()) group.signal(notice, this.#parts.log.sequence);
  }

  tellStale(reader: Reader): void {
    reader.notify(this.#signal('STALE'), this.#parts.log.sequence);
  }

  canResume({ group, after }: Omit<OpeningRequest, 'initial'>): boolean {
    return after !== null && typeof this.#resume(group, after) !== 'string';
  }

  /** Whether its cursor is of a log that does not continue in this one. */
  isForeign({ group, after }: Omit<OpeningRequest, 'initial'>): boolean {
    const { log } = this.#parts;
    const position = after === null ? null : group.read(after);
    if (position === null || log.holds(position)) return false;
    return position.sequence > log.lost || !log.ranges.some(({ epoch }) => epoch === position.epoch);
  }

  /** First events of a subscription: a replay after its cursor where possible, else those of `reset`. */
  openingEvents({ group, after, initial }: OpeningRequest): Iterator<LiveEvent> {
    const { observer = NO_OBSERVER } = this.#parts;
    const resumed = after === null ? 'start' : this.#resume(group, after);
    if (typeof resumed === 'string') {
      observer.reset(resumed);
      return this.reset({ group, initial });
    }
    observer.resumed();
    return resumed;
  }

  /** RESET, the current state if the subscriber wants it, and a BOOKMARK. */
  reset({ group, initial }: Omit<OpeningRequest, 'after'>): Iterator<LiveEvent> {
    const rows = initial ? this.#parts.store.rows() : [];
    return resetEvents(this.#signal('RESET'), group, rows, this.#bookmarkOf(group));
  }

  /** @returns why it cannot be resumed: the cursor is forged, of another caller, too old, or older than one of the fields. */
  #resume(group: SubscriberGroup, after: string): Iterator<LiveEvent> | ResetCause {
    const { log, fieldUnion, now } = this.#parts;
    const position = group.read(after);
    if (position === null) return 'cursor';
    const deltas = log.after(position, now());
    if (deltas === null) return log.epochOf(position.sequence) === position.epoch ? 'too-old' : 'restart';
    if (!fieldUnion.watchedSince(group.view.fields, position.sequence)) return 'fields';
    return replayEvents(group, deltas, this.#bookmarkOf(group));
  }

  #signal(kind: 'STALE' | 'RESET'): SignalEvent {
    return signalEvent(kind, this.#parts.answeredAt());
  }

  #bookmarkOf(group: SubscriberGroup): BookmarkEvent {
    const { log, store, answeredAt } = this.#parts;
    return group.bookmarkOf(log.sequence, store.counts, answeredAt());
  }

  #group(
    { states, statesKey }: CanonicalFilter,
    fields: ReadonlySet<string>,
    uuids: readonly string[] | null,
  ): SubscriberGroup {
    const { key: informer, log, signer, now } = this.#parts;
    const uuidsKey = uuids === null ? null : [...new Set(uuids)].sort().join();
    const key = JSON.stringify([statesKey, uuidsKey, [...fields].sort().join()]);
    const known = this.#groups.get(key);
    if (known) return known;
    // With other uuids nothing could be resumed: the objects that are new in the list were never sent.
    const cursors = signer.bind(JSON.stringify([informer, statesKey, ...(uuidsKey === null ? [] : [uuidsKey])]));
    const view = { states, uuids: uuids === null ? null : new Set(uuids), fields };
    const epochOf = (sequence: number): string => log.epochOf(sequence);
    const made = new SubscriberGroup({ key, view, epochOf, cursors, now: now() });
    this.#groups.set(key, made);
    return made;
  }
}

/*
 * The first events of a subscription. They are made as they are read, from rows and deltas as they were at the start; later changes
 * wait in the queue of the subscriber. So nothing is sent twice or out of order.
 */

/** A RESET, the current state, then a BOOKMARK to resume from. */
function* resetEvents(
  signal: SignalEvent,
  group: SubscriberGroup,
  rows: readonly HeldRow[],
  bookmark: BookmarkEvent,
): Generator<LiveEvent> {
  yield signal;
  for (const row of rows) {
    const event = group.initialOf(row);
    if (event !== null) yield event;
  }
  yield bookmark;
}

/** The deltas after a cursor, then a BOOKMARK. */
function* replayEvents(
  group: SubscriberGroup,
  deltas: readonly Delta[],
  bookmark: BookmarkEvent,
): Generator<LiveEvent> {
  for (const delta of deltas) {
    const event = group.eventOf(delta);
    if (event !== null) yield event;
  }
  yield bookmark;
}
