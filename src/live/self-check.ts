import { sameJson } from '../domain/diff.ts';
import type { Informer } from './informer.ts';
import type { LiveObserver } from './observer.ts';
import type { Cancel, Clock, HeldRow, LiveRow, Random } from './types.ts';

export interface SelfCheckOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Interval of checks, in ms; 0: none. */
  readonly everyMs: number;
  /** How long a difference may last, in ms: a change is not an error before its informer had time to see it. */
  readonly confirmMs: number;
  /** Rows in one check. */
  readonly rows: number;
  readonly informers: () => Iterable<Informer>;
  readonly isBusy: (callerKey: string) => boolean;
  readonly observer: LiveObserver;
}

/**
 * Compares a few rows that an informer holds with what Waldur answers now. What is read is not given to the informer, because its own polls
 * must find every change. There is no timer while there is no informer.
 */
export class SelfCheck {
  readonly #options: SelfCheckOptions;
  readonly #abort = new AbortController();
  #cancel: Cancel | null = null;

  constructor(options: SelfCheckOptions) {
    this.#options = options;
  }

  /** To be called when an informer starts. */
  start(): void {
    const { clock, everyMs } = this.#options;
    if (everyMs === 0 || this.#cancel !== null || this.#abort.signal.aborted) return;
    this.#cancel = clock.setTimer(everyMs, () => {
      this.#cancel = null;
      const informer = this.#choose();
      if (informer !== undefined) void this.#check(informer).catch(() => {});
      if (!isEmpty(this.#options.informers())) this.start();
    });
  }

  stop(): void {
    this.#abort.abort();
    this.#cancel?.();
    this.#cancel = null;
  }

  /** An informer that claims to be up to date, and whose caller has no request in flight. */
  #choose(): Informer | undefined {
    const { informers, isBusy } = this.#options;
    const current = [...informers()].filter(
      ({ identity, stats, subscribers }) => subscribers.size > 0 && !stats.stale && !isBusy(identity.callerKey),
    );
    return this.#pick(current);
  }

  async #check(informer: Informer): Promise<void> {
    const { rows: count, observer } = this.#options;
    const held = informer.store.rows();
    const chosen = new Set(Array.from({ length: Math.min(count, held.length) }, () => this.#pick(held)));
    const results = await Promise.all([...chosen].flatMap((row) => (row ? [this.#isWrong(informer, row)] : [])));
    observer.checked(results.length, results.filter((isWrong) => isWrong).length);
  }

  /** Whether the informer holds a row that differs from Waldur, and holds the same one when it had time to notice. */
  async #isWrong(informer: Informer, row: HeldRow): Promise<boolean> {
    if (!(await this.#differs(informer, row))) return false;
    await this.#pause();
    const isUnchanged = (): boolean => informer.store.rows().includes(row);
    if (informer.stats.stale || informer.subscribers.size === 0 || !isUnchanged()) return false;
    return (await this.#differs(informer, row)) && isUnchanged();
  }

  async #differs({ identity, fieldUnion }: Informer, row: HeldRow): Promise<boolean> {
    const { fetcher, scope } = identity;
    const fields = fieldUnion.columns;
    const fresh = await fetcher.get(scope.filter, row.uuid, fields, this.#abort.signal);
    return fresh === null || !isSame(row, fresh, fields);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.setTimer(this.#options.confirmMs, resolve);
    });
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#options.random() * items.length)];
  }
}

/** `modified` alone is no change: an hourly job of Waldur renews it. A field that the informer does not hold yet is none either. */
const isSame = (held: HeldRow, fresh: LiveRow, fields: readonly string[]): boolean =>
  held.state === fresh.state &&
  fields.every(
    (field) =>
      field === 'modified' ||
      field === 'state' ||
      !(field in held.fields) ||
      sameJson(held.fields[field], fresh.fields[field]),
  );

function isEmpty(items: Iterable<unknown>): boolean {
  for (const _ of items) return false;
  return true;
}
