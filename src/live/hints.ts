import type { Kind, LiveRow } from './types.ts';

/**
 * Says where to look. A hint carries no data to anybody: informers read the object again with the credentials of their own caller. So it may
 * be late, lost, doubled, wrong or forged; it costs at most a few calls.
 */
export interface Hint {
  readonly kind: Kind;
  readonly uuid: string;
  /** Its project, where the source knows it: informers of other projects ignore the hint. */
  readonly project?: string | null;
  /** The object may be new to informers that do not hold it. */
  readonly isNew?: boolean;
  /** The source may know of a change before it can be read, so the object is read a second time. */
  readonly isEarly?: boolean;
  /** The caller itself has written to the object. */
  readonly write?: {
    /** The result of `Live.mark` before the write was sent. */
    readonly mark: number;
    /** The whole object, when the write returned it. */
    readonly row: LiveRow | null;
  };
}

/** A source of hints that covers what it sees, so that informers need fewer polls while it works. */
export type HintSource = 'events' | 'watcher';

/**
 * What hints make polls unnecessary for: `settled`: creations, removals and actions on objects at rest, but no renaming and no states in
 * between; `all`: every change.
 */
export type Coverage = 'none' | 'settled' | 'all';

/** Limits how often hints make an informer read objects: a token bucket. */
export class HintGate {
  readonly #burst: number;
  readonly #perMs: number;
  #level: number;
  #at: number;

  constructor(limits: { readonly burst: number; readonly perSecond: number }, now: number) {
    this.#burst = limits.burst;
    this.#perMs = limits.perSecond / 1_000;
    this.#level = limits.burst;
    this.#at = now;
  }

  admits(now: number): boolean {
    this.#level = Math.min(this.#burst, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }
}
