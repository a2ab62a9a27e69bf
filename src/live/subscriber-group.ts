import type { Cursors, Position } from './cursor.ts';
import { type Delta, growthIn, type StateCounts, toEvent, totalIn, type View, visible } from './delta.ts';
import type { DeltaQueue, QueueView, Taken } from './delta-queue.ts';
import { type BookmarkEvent, bookmarkEvent, initialEvent, type LiveEvent, type SignalEvent } from './events.ts';
import type { HeldRow } from './types.ts';

/** A subscriber, as its group sees it. */
export interface Reader {
  push(delta: Delta, event: LiveEvent): void;
  notify(notice: BookmarkEvent | SignalEvent, sequence: number): void;
}

/** The position of cursors within a joined backlog; no log can resume from it. */
const BEHIND: Position = { epoch: 'behind', sequence: 0 };

/**
 * Subscribers of an informer with the same state filter, uuids and selection. Each delta becomes an event once for all of them: they
 * receive the same object, also when they join later or resume.
 */
export class SubscriberGroup {
  /** Unique within the informer. */
  readonly key: string;
  readonly view: View;
  /** Number of subscribers, including those that still wait for the informer. */
  members = 0;
  /** Subscribers that have started; others still wait for the informer. */
  readonly readers = new Set<Reader>();
  /** When an event with a cursor was last sent to all. */
  toldAt: number;
  readonly #cursors: Cursors;
  readonly #epochOf: (sequence: number) => string;
  readonly #events = new WeakMap<Delta, { readonly event: LiveEvent | null }>();
  readonly #initial = new WeakMap<HeldRow, LiveEvent>();
  #bookmark: BookmarkEvent | null = null;
  /** Position of `#bookmark`. */
  #bookmarkAt: Position = BEHIND;
  readonly #queueView: QueueView;

  /** @param parts `epochOf`: the epoch of a sequence in the log of the informer. */
  constructor(parts: {
    key: string;
    view: View;
    epochOf: (sequence: number) => string;
    cursors: Cursors;
    now: number;
  }) {
    this.key = parts.key;
    this.view = parts.view;
    this.#queueView = {
      matters: (delta) => toEvent(this.view, delta, '') !== null,
      growth: (delta) => growthIn(this.view, delta),
    };
    this.#epochOf = parts.epochOf;
    this.#cursors = parts.cursors;
    this.toldAt = parts.now;
  }

  publish(delta: Delta, now: number): void {
    if (this.readers.size === 0) return;
    const event = this.eventOf(delta);
    if (event === null) return;
    this.toldAt = now;
    for (const reader of this.readers) reader.push(delta, event);
  }

  bookmark(sequence: number, counts: StateCounts, observedAt: number, now: number): void {
    this.toldAt = now;
    const notice = this.bookmarkOf(sequence, counts, observedAt);
    for (const reader of this.readers) reader.notify(notice, sequence);
  }

  signal(notice: SignalEvent, sequence: number): void {
    for (const reader of this.readers) reader.notify(notice, sequence);
  }

  /** The event of a logged delta, made once; null when it is none in this view. */
  eventOf(delta: Delta): LiveEvent | null {
    const known = this.#events.get(delta);
    if (known) return known.event;
    const event = this.#queueView.matters(delta) ? toEvent(this.view, delta, this.#sign(delta.last)) : null;
    this.#events.set(delta, { event });
    return event;
  }

  initialOf(row: HeldRow): LiveEvent | null {
    if (visible(this.view, row) === null) return null;
    const known = this.#initial.get(row);
    if (known) return known;
    const event = initialEvent(row);
    this.#initial.set(row, event);
    return event;
  }

  /** @param counts of the informer at that sequence. */
  bookmarkOf(sequence: number, counts: StateCounts, observedAt: number): BookmarkEvent {
    const epoch = this.#epochOf(sequence);
    const { epoch: epochBefore, sequence: sequenceBefore } = this.#bookmarkAt;
    const isSame = sequence === sequenceBefore && epoch === epochBefore && this.#bookmark?.observedAt === observedAt;
    if (this.#bookmark !== null && isSame) return this.#bookmark;
    this.#bookmark = bookmarkEvent(this.#sign(sequence), totalIn(this.view, counts), observedAt);
    this.#bookmarkAt = { epoch, sequence };
    return this.#bookmark;
  }

  /** Queues a delta for a subscriber, joined with the one that waits for the same object. */
  enqueue(queue: DeltaQueue, delta: Delta, queries: boolean): void {
    queue.push(delta, this.#queueView, queries);
  }

  /** The next event of a queue, with the cursor and total of what its subscriber knows; in a joined backlog they differ from others. */
  take(queue: DeltaQueue): LiveEvent | undefined {
    const taken = queue.take(this.#queueView);
    return taken && this.#delivered(taken);
  }

  /** @returns the position of a cursor of this group; null for any other string. */
  read(cursor: string): Position | null {
    return this.#cursors.read(cursor);
  }

  #delivered({ item, position, counts, waitingGrowth }: Taken): LiveEvent {
    const event = 'notice' in item ? item.notice : this.eventOf(item);
    if (event === null) throw new Error('A delta without an event in its group was queued.');
    if (event.cursor === null || position === item.last) return event;
    const cursor = position === null ? this.#cursors.sign(BEHIND) : this.#sign(position);
    const totalCount = counts === null ? event.totalCount : totalIn(this.view, counts) - waitingGrowth;
    return { ...event, cursor, totalCount };
  }

  #sign(sequence: number): string {
    return this.#cursors.sign({ epoch: this.#epochOf(sequence), sequence });
  }
}
