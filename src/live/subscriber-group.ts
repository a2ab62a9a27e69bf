import type { Cursors, Position } from './cursor.ts';
import { type Delta, toEvent, type View, visible } from './delta.ts';
import type { DeltaQueue, Taken } from './delta-queue.ts';
import { type BookmarkEvent, bookmarkEvent, initialEvent, type LiveEvent, type SignalEvent } from './events.ts';
import type { HeldRow } from './types.ts';

/** A reader, as its group sees it. */
export interface Reader {
  push(step: Delta, event: LiveEvent): void;
  notify(notice: BookmarkEvent | SignalEvent, sequence: number): void;
}

/** A cursor from the middle of a joined backlog, which no log can resume from. */
const BEHIND: Position = { epoch: 'behind', sequence: 0 };

/**
 * Subscribers of a cohort with the same state filter and the same selection. Each step becomes an event once for all of them:
 * they receive the very same object, also when they come later or resume.
 */
export class SubscriberGroup {
  /** In its cohort. */
  readonly key: string;
  readonly view: View;
  /** Subscribers, those who still wait for the cohort included. */
  members = 0;
  /** Readers who have begun to receive; others still wait for the cohort. */
  readonly readers = new Set<Reader>();
  /** When something with a cursor was last sent to all. */
  toldAt: number;
  readonly #cursors: Cursors;
  readonly #epoch: string;
  readonly #events = new WeakMap<Delta, { readonly event: LiveEvent | null }>();
  readonly #initial = new WeakMap<HeldRow, LiveEvent>();
  #bookmark: BookmarkEvent | null = null;
  #bookmarkAt = -1;

  constructor(parts: { key: string; view: View; epoch: string; cursors: Cursors; now: number }) {
    this.key = parts.key;
    this.view = parts.view;
    this.#epoch = parts.epoch;
    this.#cursors = parts.cursors;
    this.toldAt = parts.now;
  }

  publish(step: Delta, now: number): void {
    if (this.readers.size === 0) return;
    const event = this.eventOf(step);
    if (event === null) return;
    this.toldAt = now;
    for (const reader of this.readers) reader.push(step, event);
  }

  bookmark(sequence: number, observedAt: number, now: number): void {
    this.toldAt = now;
    const notice = this.bookmarkOf(sequence, observedAt);
    for (const reader of this.readers) reader.notify(notice, sequence);
  }

  signal(notice: SignalEvent, sequence: number): void {
    for (const reader of this.readers) reader.notify(notice, sequence);
  }

  /** The event of a logged step, made once; null when it is none to this view. */
  eventOf(step: Delta): LiveEvent | null {
    const known = this.#events.get(step);
    if (known) return known.event;
    const event = this.#view(step) ? toEvent(this.view, step, this.#sign(step.last)) : null;
    this.#events.set(step, { event });
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

  bookmarkOf(sequence: number, observedAt: number): BookmarkEvent {
    if (this.#bookmark === null || this.#bookmarkAt !== sequence || this.#bookmark.observedAt !== observedAt) {
      this.#bookmark = bookmarkEvent(this.#sign(sequence), observedAt);
      this.#bookmarkAt = sequence;
    }
    return this.#bookmark;
  }

  /** Puts a step into a reader's queue, joined with what waits for the same object. */
  enqueue(queue: DeltaQueue, step: Delta): void {
    queue.push(step, this.#view);
  }

  /** The event of something that waited; its cursor says what this reader knows, which a joined backlog makes its own. */
  delivered({ item, position }: Taken): LiveEvent {
    const event = 'notice' in item ? item.notice : this.eventOf(item);
    if (event === null) throw new Error('A step that is no event to its group was queued.');
    if (event.cursor === null || position === item.last) return event;
    const cursor = position === null ? this.#cursors.sign(BEHIND) : this.#sign(position);
    return { ...event, cursor };
  }

  /** @returns the place that a cursor of this group names; null when it is not one. */
  read(cursor: string): Position | null {
    return this.#cursors.read(cursor);
  }

  #sign(sequence: number): string {
    return this.#cursors.sign({ epoch: this.#epoch, sequence });
  }

  readonly #view = (step: Delta): boolean => toEvent(this.view, step, '') !== null;
}
