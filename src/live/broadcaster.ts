import type { CursorSigner } from './cursor.ts';
import type { DeltaLog, NewDelta } from './delta-log.ts';
import { type BookmarkEvent, type LiveEvent, type SignalEvent, signalEvent } from './events.ts';
import type { FieldUnion } from './field-union.ts';
import { anew, present, replay } from './initial-events.ts';
import type { CanonicalFilter } from './scope.ts';
import type { Store } from './store.ts';
import { type Reader, SubscriberGroup } from './subscriber-group.ts';

export interface BroadcasterParts {
  /** Of the cohort; with the state filter it is what cursors are bound to. */
  readonly key: string;
  readonly log: DeltaLog;
  readonly wanted: FieldUnion;
  readonly objects: Store;
  readonly signer: CursorSigner;
  readonly now: () => number;
  /** Time of the last good answer. */
  readonly answeredAt: () => number;
}

/** The groups of a cohort: logs each step, tells it to those it concerns, and decides what a subscription begins with. */
export class Broadcaster {
  readonly #parts: BroadcasterParts;
  readonly #groups = new Map<string, SubscriberGroup>();

  constructor(parts: BroadcasterParts) {
    this.#parts = parts;
  }

  get stats(): { readonly groups: number; readonly logged: number } {
    return { groups: this.#groups.size, logged: this.#parts.log.size };
  }

  /** The group of a new subscriber, and the version of the wanted fields that rows must have before it can begin. */
  admit(
    filter: CanonicalFilter,
    fields: ReadonlySet<string>,
  ): { readonly group: SubscriberGroup; readonly needs: number } {
    const { wanted, log } = this.#parts;
    const group = this.#group(filter, fields);
    group.members += 1;
    return { group, needs: wanted.select(group.view.fields, () => log.advance()) };
  }

  leave(group: SubscriberGroup, reader: Reader): void {
    group.readers.delete(reader);
    group.members -= 1;
    if (group.members === 0) this.#groups.delete(group.key);
    this.#parts.wanted.release(group.view.fields, this.#parts.now());
  }

  publish(transition: NewDelta): void {
    const now = this.#parts.now();
    const step = this.#parts.log.append(transition, now);
    for (const group of this.#groups.values()) group.publish(step, now);
  }

  /** A BOOKMARK for every group that has been told nothing since. */
  bookmark(since: number): void {
    const { log, answeredAt, now } = this.#parts;
    for (const group of this.#groups.values()) {
      if (group.toldAt <= since) group.bookmark(log.sequence, answeredAt(), now());
    }
  }

  /** Since when the quietest group has been told nothing; now, when there is none. */
  quietestSince(): number {
    return Math.min(this.#parts.now(), ...Array.from(this.#groups.values(), ({ toldAt }) => toldAt));
  }

  /** Tells everybody who has begun to receive that what was sent may be out of date. */
  stale(): void {
    const notice = this.#signal('STALE');
    for (const group of this.#groups.values()) group.signal(notice, this.#parts.log.sequence);
  }

  tellStale(reader: Reader): void {
    reader.notify(this.#signal('STALE'), this.#parts.log.sequence);
  }

  /** What a subscription begins with: a replay from its cursor if that can be honoured, else RESET and the present state. */
  opening(group: SubscriberGroup, after: string | null): Iterator<LiveEvent> {
    if (after === null) return present(group, this.#parts.objects.rows(), this.#bookmarkOf(group));
    return this.#resume(group, after) ?? this.anew(group);
  }

  anew(group: SubscriberGroup): Iterator<LiveEvent> {
    return anew(this.#signal('RESET'), group, this.#parts.objects.rows(), this.#bookmarkOf(group));
  }

  /** @returns null for a cursor that is forged, somebody else's, too old, or from before a field was watched. */
  #resume(group: SubscriberGroup, after: string): Iterator<LiveEvent> | null {
    const { log, wanted, now } = this.#parts;
    const position = group.read(after);
    if (position === null || position.epoch !== log.epoch) return null;
    if (!wanted.watchedSince(group.view.fields, position.sequence)) return null;
    const steps = log.after(position.sequence, now());
    return steps && replay(group, steps, this.#bookmarkOf(group));
  }

  #signal(kind: 'STALE' | 'RESET'): SignalEvent {
    return signalEvent(kind, this.#parts.answeredAt());
  }

  #bookmarkOf(group: SubscriberGroup): BookmarkEvent {
    return group.bookmarkOf(this.#parts.log.sequence, this.#parts.answeredAt());
  }

  #group({ states, statesKey }: CanonicalFilter, fields: ReadonlySet<string>): SubscriberGroup {
    const { key: cohort, log, signer, now } = this.#parts;
    const key = `${statesKey}|${[...fields].sort().join()}`;
    const known = this.#groups.get(key);
    if (known) return known;
    const cursors = signer.bind(JSON.stringify([cohort, statesKey]));
    const made = new SubscriberGroup({ key, view: { states, fields }, epoch: log.epoch, cursors, now: now() });
    this.#groups.set(key, made);
    return made;
  }
}
