import type { Delta } from './delta.ts';

export type NewDelta = Omit<Delta, 'first' | 'last'>;

interface Logged {
  readonly step: Delta;
  readonly at: number;
}

/**
 * The last steps of a cohort, so that a reader who lost its connection can be told exactly what came after. Bounded by number and
 * by age, whichever comes first; a reader who was away for longer starts anew.
 */
export class DeltaLog {
  readonly epoch: string;
  readonly #maxEvents: number;
  readonly #maxAgeMs: number;
  readonly #kept: Logged[] = [];
  #sequence = 0;
  /** The newest sequence that is no longer kept: only readers at or after it can be served. */
  #lost = 0;

  constructor(epoch: string, limits: { readonly logEvents: number; readonly logMs: number }) {
    this.epoch = epoch;
    this.#maxEvents = limits.logEvents;
    this.#maxAgeMs = limits.logMs;
  }

  /** The last sequence given out; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  get size(): number {
    return this.#kept.length;
  }

  append(step: NewDelta, now: number): Delta {
    const sequence = this.advance();
    const transition = { first: sequence, last: sequence, ...step };
    this.#kept.push({ step: transition, at: now });
    this.#trim(now);
    return transition;
  }

  /** Moves on without a step, so that positions before and after something else can be told apart. */
  advance(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** The steps after a sequence, oldest first; null when some of them are gone or the sequence was never given out. */
  after(sequence: number, now: number): readonly Delta[] | null {
    this.#trim(now);
    if (sequence > this.#sequence || sequence < this.#lost) return null;
    const steps = this.#kept.map(({ step }) => step);
    return steps.slice(steps.findLastIndex((step) => step.last <= sequence) + 1);
  }

  #trim(now: number): void {
    for (let oldest = this.#kept[0]; oldest !== undefined; oldest = this.#kept[0]) {
      if (this.#kept.length <= this.#maxEvents && now - oldest.at <= this.#maxAgeMs) return;
      this.#lost = oldest.step.last;
      this.#kept.shift();
    }
  }
}
