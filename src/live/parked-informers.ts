import type { Informer } from './informer.ts';
import type { Cancel, Clock } from './types.ts';

/**
 * Cohorts that nobody watches and nobody polls, kept for a while: somebody whose connection was lost for minutes gets the
 * differences instead of everything. Nothing of them is served before the upstream has been asked anew with the caller's own
 * credentials. Bounded in time, number and rows, oldest out first.
 */
export class ParkedInformers {
  readonly #clock: Clock;
  readonly #limits: { readonly retainMs: number; readonly retainCohorts: number; readonly retainRows: number };
  readonly #kept = new Map<string, { readonly cohort: Informer; readonly until: number }>();
  #cancel: Cancel | null = null;

  constructor(clock: Clock, limits: { retainMs: number; retainCohorts: number; retainRows: number }) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#kept.size;
  }

  put(cohort: Informer): void {
    this.#kept.set(cohort.identity.key, { cohort, until: this.#clock.now() + this.#limits.retainMs });
    this.#trim();
  }

  take(key: string): Informer | undefined {
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    this.#trim();
    return kept?.cohort;
  }

  clear(): void {
    this.#kept.clear();
    this.#trim();
  }

  #trim(): void {
    const now = this.#clock.now();
    const { retainCohorts, retainRows } = this.#limits;
    let rows = 0;
    for (const { cohort } of this.#kept.values()) rows += cohort.stats.objects;
    this.#cancel?.();
    this.#cancel = null;
    for (const [key, { cohort, until }] of this.#kept) {
      if (until > now && this.#kept.size <= retainCohorts && rows <= retainRows) {
        this.#cancel = this.#clock.setTimer(until - now, () => this.#trim());
        return;
      }
      this.#kept.delete(key);
      rows -= cohort.stats.objects;
    }
  }
}
