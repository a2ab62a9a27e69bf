import type { Informer } from './informer.ts';
import type { Cancel, Clock } from './types.ts';

/**
 * Informers without subscribers that have stopped polling, kept for resumption: a client that was disconnected for minutes receives
 * the differences instead of everything. Nothing is served before a new relist with the caller's own credentials. Limited by time,
 * number and rows; the oldest go first.
 */
export class ParkedInformers {
  readonly #clock: Clock;
  readonly #limits: { readonly retainMs: number; readonly retainInformers: number; readonly retainRows: number };
  readonly #kept = new Map<string, { readonly informer: Informer; readonly until: number }>();
  #cancel: Cancel | null = null;

  constructor(clock: Clock, limits: { retainMs: number; retainInformers: number; retainRows: number }) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#kept.size;
  }

  put(informer: Informer): void {
    this.#kept.set(informer.identity.key, { informer, until: this.#clock.now() + this.#limits.retainMs });
    this.#trim();
  }

  take(key: string): Informer | undefined {
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    this.#trim();
    return kept?.informer;
  }

  clear(): void {
    this.#kept.clear();
    this.#trim();
  }

  #trim(): void {
    const now = this.#clock.now();
    const { retainInformers, retainRows } = this.#limits;
    let rows = 0;
    for (const { informer } of this.#kept.values()) rows += informer.stats.objects;
    this.#cancel?.();
    this.#cancel = null;
    for (const [key, { informer, until }] of this.#kept) {
      if (until > now && this.#kept.size <= retainInformers && rows <= retainRows) {
        this.#cancel = this.#clock.setTimer(until - now, () => this.#trim());
        return;
      }
      this.#kept.delete(key);
      rows -= informer.stats.objects;
    }
  }
}
