import { randomUUID } from 'node:crypto';
import type { CacheEntry, Store } from './store.ts';

export interface AnswerCacheOptions {
  readonly store: Store;
  /** How long an entry is served, in ms. */
  readonly ttlMs: number;
  /** For how much longer an expired entry may be served while Waldur fails, in ms. */
  readonly staleMs: number;
  /** Measures durations; see `Time`. */
  readonly now: () => number;
}

export interface Lookup<Value> {
  /** The entry, if it is not older than the time for which it may be served while Waldur fails. */
  readonly cached: { readonly value: Value; readonly at: number } | undefined;
  /** Must be passed to `store` with the value that was missing. */
  readonly generation: string;
}

/** Of this process. Generations of a shared store are random. */
const FIRST_GENERATION = '0';

/**
 * Caches answers of Waldur for a short time, separately for each caller.
 *
 * Each caller's entries have a generation. Invalidation starts a new one, so that entries of an older generation are never served.
 * This includes answers that were requested before the invalidation and arrive after it.
 */
export class AnswerCache {
  readonly #options: AnswerCacheOptions;
  /** Generations other than the first. They are kept at least as long as entries of an older generation may exist. */
  readonly #generations = new Map<string, { readonly id: string; readonly until: number }>();

  constructor(options: AnswerCacheOptions) {
    this.#options = options;
  }

  get ttlMs(): number {
    return this.#options.ttlMs;
  }

  get #lifeMs(): number {
    return this.#options.ttlMs + this.#options.staleMs;
  }

  /** Whether other processes can invalidate entries. In that case only `lookup` can tell whether an entry is valid. */
  get shared(): boolean {
    return this.#options.store.shared;
  }

  /** The caller's generation as this process knows it. */
  generation(callerKey: string): string {
    return this.#generations.get(callerKey)?.id ?? FIRST_GENERATION;
  }

  /**
   * Looks an entry up. Never throws.
   * @param isValue checks the shape of a value from a shared store, which others may have written.
   * @returns undefined when the shared store cannot be used.
   */
  async lookup<Value>(
    callerKey: string,
    key: string,
    isValue: (value: unknown) => value is Value,
  ): Promise<Lookup<Value> | undefined> {
    const { store, now } = this.#options;
    if (!store.shared) {
      const own = await store.keyv.get(ownKey(callerKey, key));
      return this.#validate(own, this.generation(callerKey), now(), isValue);
    }
    const content = await store.read(callerKey, key);
    if (content === undefined) return undefined;
    const { entry, lifeLeft } = content;
    const generation = `${this.generation(callerKey)}.${content.generation}`;
    const at = now() - (this.#lifeMs - lifeLeft);
    // An entry that lives longer than allowed has an unknown age: the store's clock was set back.
    const isAgeKnown = lifeLeft >= 0 && lifeLeft <= this.#lifeMs;
    return this.#validate(entry && isAgeKnown ? { ...entry, at } : undefined, generation, now(), isValue);
  }

  /** Stores an entry. Nobody waits for it, and it never fails. */
  store(callerKey: string, key: string, entry: CacheEntry): void {
    const { store, now } = this.#options;
    if (!store.shared) {
      void store.keyv.set(ownKey(callerKey, key), entry);
      return;
    }
    // The life of an entry begins with the request for it.
    const lifeLeft = Math.floor(this.#lifeMs - (now() - entry.at));
    if (lifeLeft > 0) store.write(callerKey, key, entry, lifeLeft);
  }

  /** Invalidates the caller's entries: the caller changed something, or may not see it any more. */
  async drop(callerKey: string): Promise<void> {
    const { store, now } = this.#options;
    if (store.shared && (await store.startGeneration(callerKey))) return;
    this.#forgetOldGenerations();
    this.#generations.delete(callerKey);
    this.#generations.set(callerKey, { id: randomUUID(), until: now() + this.#lifeMs });
  }

  #validate<Value>(
    entry: Pick<CacheEntry, 'value' | 'at' | 'generation'> | undefined,
    generation: string,
    now: number,
    isValue: (value: unknown) => value is Value,
  ): Lookup<Value> {
    if (entry === undefined || entry.generation !== generation || now - entry.at > this.#lifeMs)
      return { cached: undefined, generation };
    const { value, at } = entry;
    return { cached: isValue(value) ? { value, at } : undefined, generation };
  }

  /** A Map iterates in insertion order, so the oldest come first. */
  #forgetOldGenerations(): void {
    const now = this.#options.now();
    for (const [callerKey, { until }] of this.#generations) {
      if (until > now) return;
      this.#generations.delete(callerKey);
    }
  }
}

const ownKey = (callerKey: string, key: string): string => `${callerKey} ${key}`;
