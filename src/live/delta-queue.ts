import { type Delta, join } from './delta.ts';
import type { BookmarkEvent, SignalEvent } from './events.ts';

/** What waits for a reader besides objects: it has its place after everything that was told before it. */
export interface Notice {
  readonly notice: BookmarkEvent | SignalEvent;
  /** It comes after the sequence that it was made at, and tells all up to it. */
  readonly first: number;
  readonly last: number;
}

export type Waiting = Delta | Notice;

export interface Taken {
  readonly item: Waiting;
  /** The reader has now been told everything up to here and nothing beyond; null in the middle of a joined backlog. */
  readonly position: number | null;
}

/**
 * What waits for one reader: at most one step for each object, the latest one winning, and one notice of a kind. A reader that
 * keeps up never has a map; an idle one holds nothing.
 *
 * Steps wait in the order of their first part. Joining a later step into an earlier place means that in the middle of such a
 * backlog no single sequence says what the reader knows; `position` is null there, and exact again as soon as it can be.
 */
export class DeltaQueue {
  #items: Map<string, Waiting> | null = null;
  /** The newest sequence told, or cancelled out without being told. */
  #told = 0;

  get size(): number {
    return this.#items?.size ?? 0;
  }

  /**
   * @param matters whether a joined step is still an event to this reader; one that came and went again is not.
   */
  push(step: Delta, matters: (step: Delta) => boolean): void {
    this.#items ??= new Map();
    const waiting = this.#items.get(step.uuid);
    if (waiting === undefined || 'notice' in waiting) {
      this.#items.set(step.uuid, step);
      return;
    }
    const joined = join(waiting, step);
    if (matters(joined)) {
      this.#items.set(step.uuid, joined);
    } else {
      this.#items.delete(step.uuid);
      this.#told = Math.max(this.#told, joined.last);
    }
  }

  notify(notice: BookmarkEvent | SignalEvent, sequence: number): void {
    this.#items ??= new Map();
    // No uuid is spelled like this. The newest notice of a kind goes to the end.
    const key = `#${notice.kind}`;
    this.#items.delete(key);
    this.#items.set(key, { notice, first: sequence + 1, last: sequence });
  }

  take(): Taken | undefined {
    const [key, item] = this.#items?.entries().next().value ?? [];
    if (key === undefined || item === undefined || this.#items === null) return undefined;
    this.#items.delete(key);
    this.#told = Math.max(this.#told, item.last);
    const next: Waiting | undefined = this.#items.values().next().value;
    if (next === undefined) this.#items = null;
    return { item, position: next === undefined || next.first > this.#told ? this.#told : null };
  }

  clear(): void {
    this.#items = null;
  }
}
