import type { Delta } from './delta.ts';

export type NewDelta = Omit<Delta, 'first' | 'last'>;

interface Logged {
  readonly delta: Delta;
  readonly at: number;
}

/**
 * The latest deltas of an informer. A subscriber that reconnects with a cursor receives exactly what came after it. Bounded by number
 * and by age; a subscriber that was away for longer starts with RESET.
 */
export class DeltaLog {
  readonly epoch: string;
  readonly #maxEvents: number;
  readonly #maxAgeMs: number;
  readonly #kept: Logged[] = [];
  #sequence = 0;
  /** The newest dropped sequence: only cursors at or after it can be resumed. */
  #lost = 0;

  constructor(epoch: string, limits: { readonly logEvents: number; readonly logMs: number }) {
    this.epoch = epoch;
    this.#maxEvents = limits.logEvents;
    this.#maxAgeMs = limits.logMs;
  }

  /** The last sequence assigned; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  get size(): number {
    return this.#kept.length;
  }

  append(change: NewDelta, now: number): Delta {
    const sequence = this.advance();
    const delta = { first: sequence, last: sequence, ...change };
    this.#kept.push({ delta, at: now });
    this.#trim(now);
    return delta;
  }

  /** Assigns a sequence without a delta, to separate positions before and after another event. */
  advance(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** The deltas after a sequence, oldest first; null when some were dropped or the sequence was never assigned. */
  after(sequence: number, now: number): readonly Delta[] | null {
    this.#trim(now);
    if (sequence > this.#sequence || sequence < this.#lost) return null;
    const deltas = this.#kept.map(({ delta }) => delta);
    return deltas.slice(deltas.findLastIndex((delta) => delta.last <= sequence) + 1);
  }

  #trim(now: number): void {
    for (let oldest = this.#kept[0]; oldest !== undefined; oldest = this.#kept[0]) {
      if (this.#kept.length <= this.#maxEvents && now - oldest.at <= this.#maxAgeMs) return;
      this.#lost = oldest.delta.last;
      this.#kept.shift();
    }
  }
}
