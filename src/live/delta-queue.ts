import { type Delta, join, type StateCounts } from './delta.ts';
import type { BookmarkEvent, SignalEvent } from './events.ts';

/** A BOOKMARK or signal in the queue; it is delivered after all deltas before it. */
export interface Notice {
  readonly notice: BookmarkEvent | SignalEvent;
  /** It covers every sequence up to `last`, at which it was made. */
  readonly first: number;
  readonly last: number;
}

export type QueueItem = Delta | Notice;

export interface Taken {
  readonly item: QueueItem;
  /** The subscriber now knows everything up to this sequence and nothing after it; null within a joined backlog. */
  readonly position: number | null;
  /** Of the informer at the newest delta that was queued; null when there was none. */
  readonly counts: StateCounts | null;
  /** By how many objects the deltas that still wait change the total. */
  readonly waitingGrowth: number;
}

/** How the group of the subscriber sees deltas. */
export interface QueueView {
  /** Whether a delta is an event; an object that came and went is none. */
  matters(delta: Delta): boolean;
  /** By how many objects a delta changes the total: 1, 0 or -1. */
  growth(delta: Delta): number;
}

/**
 * The delta queue of one subscriber: at most one delta for each object, into which later ones are joined, and one notice of each kind.
 * It holds no map while it is empty.
 *
 * Deltas keep the place of their first part. Within a backlog of joined deltas no single sequence describes what the subscriber
 * knows, so `position` is null there.
 */
export class DeltaQueue {
  #items: Map<string, QueueItem> | null = null;
  /** The newest sequence delivered, or dropped because it cancelled out. */
  #told = 0;
  #counts: StateCounts | null = null;
  #growth = 0;

  get size(): number {
    return this.#items?.size ?? 0;
  }

  /**
   * @param queries whether the client also reads the objects by queries. It may then know what still waits here, so the last of several
   * deltas is kept even if together they change nothing.
   */
  push(delta: Delta, view: QueueView, queries: boolean): void {
    this.#items ??= new Map();
    this.#counts = delta.counts;
    this.#growth += view.growth(delta);
    const waiting = this.#items.get(delta.uuid);
    if (waiting === undefined || 'notice' in waiting) {
      this.#items.set(delta.uuid, delta);
      return;
    }
    const joined = join(waiting, delta);
    if (view.matters(joined)) {
      this.#items.set(delta.uuid, joined);
      return;
    }
    this.#items.delete(delta.uuid);
    if (queries) {
      this.#items.set(delta.uuid, delta);
      this.#growth -= view.growth(waiting);
    } else {
      // It does not change the total: its growth and that of its parts add up to 0.
      this.#told = Math.max(this.#told, joined.last);
    }
  }

  notify(notice: BookmarkEvent | SignalEvent, sequence: number): void {
    this.#items ??= new Map();
    // Not a uuid, so it cannot collide. The newest notice of a kind goes to the end.
    const key = `#${notice.kind}`;
    this.#items.delete(key);
    this.#items.set(key, { notice, first: sequence + 1, last: sequence });
  }

  take(view: QueueView): Taken | undefined {
    const [key, item] = this.#items?.entries().next().value ?? [];
    if (key === undefined || item === undefined || this.#items === null) return undefined;
    this.#items.delete(key);
    this.#told = Math.max(this.#told, item.last);
    if (!('notice' in item)) this.#growth -= view.growth(item);
    const next: QueueItem | undefined = this.#items.values().next().value;
    if (next === undefined) this.#items = null;
    const position = next === undefined || next.first > this.#told ? this.#told : null;
    return { item, position, counts: this.#counts, waitingGrowth: this.#growth };
  }

  /** Drops everything: what is queued from now on may be of another log. */
  clear(): void {
    this.#items = null;
    this.#growth = 0;
    this.#told = 0;
    this.#counts = null;
  }
}
