import type { CursorSigner } from './cursor.ts';
import type { Delta } from './delta.ts';
import type { DeltaLog, NewDelta } from './delta-log.ts';
import { type BookmarkEvent, type LiveEvent, type SignalEvent, signalEvent } from './events.ts';
import type { FieldUnion } from './field-union.ts';
import type { CanonicalFilter } from './scope.ts';
import type { Store } from './store.ts';
import { type Reader, SubscriberGroup } from './subscriber-group.ts';
import type { HeldRow } from './types.ts';

export interface BroadcasterParts {
  /** Key of the informer. Cursors are bound to it and to the state filter. */
  readonly key: string;
  readonly log: DeltaLog;
  readonly fieldUnion: FieldUnion;
  readonly store: Store;
  readonly signer: CursorSigner;
  readonly now: () => number;
  /** Time of the last successful response. */
  readonly answeredAt: () => number;
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

  /** The subscriber group of a new subscriber, and the version of the field union that rows must have before it can start. */
  admit(
    filter: CanonicalFilter,
    fields: ReadonlySet<string>,
  ): { readonly group: SubscriberGroup; readonly needs: number } {
    const { fieldUnion, log } = this.#parts;
    const group = this.#group(filter, fields);
    group.members += 1;
    return { group, needs: fieldUnion.select(group.view.fields, () => log.advance()) };
  }

  leave(group: SubscriberGroup, reader: Reader): void {
    group.readers.delete(reader);
    group.members -= 1;
    if (group.members === 0) this.#groups.delete(group.key);
    this.#parts.fieldUnion.release(group.view.fields, this.#parts.now());
  }

  publish(change: NewDelta): void {
    const now = this.#parts.now();
    const delta = this.#parts.log.append(change, now);
    for (const group of this.#groups.values()) group.publish(delta, now);
  }

  /** Sends a BOOKMARK to every group that has received nothing since. */
  bookmark(since: number): void {
    const { log, answeredAt, now } = this.#parts;
    for (const group of this.#groups.values()) {
      if (group.toldAt <= since) group.bookmark(log.sequence, answeredAt(), now());
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

  /** First events of a subscription: a replay after its cursor where possible, else RESET and the current state. */
  openingEvents(group: SubscriberGroup, after: string | null): Iterator<LiveEvent> {
    if (after === null) return listEvents(group, this.#parts.store.rows(), this.#bookmarkOf(group));
    return this.#resume(group, after) ?? this.reset(group);
  }

  reset(group: SubscriberGroup): Iterator<LiveEvent> {
    return resetEvents(this.#signal('RESET'), group, this.#parts.store.rows(), this.#bookmarkOf(group));
  }

  /** @returns null for a cursor that is forged, of another caller, too old, or older than one of the fields. */
  #resume(group: SubscriberGroup, after: string): Iterator<LiveEvent> | null {
    const { log, fieldUnion, now } = this.#parts;
    const position = group.read(after);
    if (position === null || position.epoch !== log.epoch) return null;
    if (!fieldUnion.watchedSince(group.view.fields, position.sequence)) return null;
    const deltas = log.after(position.sequence, now());
    return deltas && replayEvents(group, deltas, this.#bookmarkOf(group));
  }

  #signal(kind: 'STALE' | 'RESET'): SignalEvent {
    return signalEvent(kind, this.#parts.answeredAt());
  }

  #bookmarkOf(group: SubscriberGroup): BookmarkEvent {
    return group.bookmarkOf(this.#parts.log.sequence, this.#parts.answeredAt());
  }

  #group({ states, statesKey }: CanonicalFilter, fields: ReadonlySet<string>): SubscriberGroup {
    const { key: informer, log, signer, now } = this.#parts;
    const key = `${statesKey}|${[...fields].sort().join()}`;
    const known = this.#groups.get(key);
    if (known) return known;
    const cursors = signer.bind(JSON.stringify([informer, statesKey]));
    const made = new SubscriberGroup({ key, view: { states, fields }, epoch: log.epoch, cursors, now: now() });
    this.#groups.set(key, made);
    return made;
  }
}

/*
 * The first events of a subscription. They are made as they are read, from rows and deltas as they were at the start; later changes
 * wait in the queue of the subscriber. So nothing is sent twice or out of order.
 */

/** The current state, then a BOOKMARK to resume from. */
function* listEvents(group: SubscriberGroup, rows: readonly HeldRow[], bookmark: BookmarkEvent): Generator<LiveEvent> {
  for (const row of rows) {
    const event = group.initialOf(row);
    if (event !== null) yield event;
  }
  yield bookmark;
}

/** A RESET, then the current state. */
function* resetEvents(
  signal: SignalEvent,
  group: SubscriberGroup,
  rows: readonly HeldRow[],
  bookmark: BookmarkEvent,
): Generator<LiveEvent> {
  yield signal;
  yield* listEvents(group, rows, bookmark);
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
