import { isSettled } from '../domain/states.ts';
import type { NewDelta } from './delta-log.ts';
import type { Urgency } from './tuning.ts';

/**
 * When each object in a transitional state last changed. The pace of a scope follows the object that changed last: one that has not
 * changed for minutes is probably stuck, because nothing rescues it (contract 2.8), and a stuck object must cost nothing.
 */
export class Heat {
  readonly #limits: { readonly hotForMs: number; readonly warmForMs: number };
  readonly #isAlwaysHot: boolean;
  readonly #changedAt = new Map<string, number>();

  /** @param isAlwaysHot whether polls are urgent although nothing moves. */
  constructor(limits: { readonly hotForMs: number; readonly warmForMs: number }, isAlwaysHot = false) {
    this.#limits = limits;
    this.#isAlwaysHot = isAlwaysHot;
  }

  /** An object was first observed, has changed, or is gone. */
  changed({ uuid, after }: Pick<NewDelta, 'uuid' | 'after'>, now: number): void {
    if (after === null || isSettled(after.state)) this.#changedAt.delete(uuid);
    else this.#changedAt.set(uuid, now);
  }

  /** How urgent polls of the scope are. */
  urgency(now: number): Urgency {
    if (this.#isAlwaysHot) return 'hot';
    let newest = Number.NEGATIVE_INFINITY;
    for (const at of this.#changedAt.values()) newest = Math.max(newest, at);
    const quietMs = now - newest;
    if (quietMs < this.#limits.hotForMs) return 'hot';
    return quietMs < this.#limits.warmForMs ? 'warm' : 'idle';
  }
}
