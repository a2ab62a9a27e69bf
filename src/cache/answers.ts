import { createHash, randomUUID } from 'node:crypto';
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

export interface Lookup {
  /** The entry, if it is young enough at least for a Waldur that fails. */
  readonly cached: { readonly value: unknown; readonly at: number } | undefined;
  /** Must be passed to `store` with the value that was missing. */
  readonly generation: string;
}

/** How long the gateway waits for a shared store, and how long it does not use it after a failure, in ms. */
const STORE_TIMEOUT_MS = 40;
const STORE_PAUSE_MS = 1_000;
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
  #pausedUntil = 0;

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

  /** Looks an entry up. Never throws. @returns undefined when the shared store fails. */
  async lookup(callerKey: string, key: string): Promise<Lookup | undefined> {
    const { store, now } = this.#options;
    const storeKey = this.#storeKey(callerKey, key);
    if (!store.shared) return this.#validate(await store.keyv.get(storeKey), this.generation(callerKey), now());
    if (now() < this.#pausedUntil) return undefined;
    try {
      const { entry, lifeLeft, beside } = await withTimeout(store.read(storeKey, generationKey(callerKey)));
      const generation = `${this.generation(callerKey)}.${beside?.generation ?? FIRST_GENERATION}`;
      const at = now() - (this.#lifeMs - lifeLeft);
      // An entry that lives longer than allowed has an unknown age: the store's clock was set back.
      const isAgeKnown = lifeLeft >= 0 && lifeLeft <= this.#lifeMs;
      return this.#validate(entry && isAgeKnown ? { ...entry, at } : undefined, generation, now());
    } catch {
      this.#pausedUntil = now() + STORE_PAUSE_MS;
      return undefined;
    }
  }

  /** Stores an entry. Nobody waits for it, and it never fails. */
  store(callerKey: string, key: string, entry: CacheEntry): void {
    const { store, now } = this.#options;
    const storeKey = this.#storeKey(callerKey, key);
    if (!store.shared) {
      void store.keyv.set(storeKey, entry);
      return;
    }
    // The life of an entry begins with the request for it.
    const lifeLeft = Math.floor(this.#lifeMs - (now() - entry.at));
    if (lifeLeft <= 0 || now() < this.#pausedUntil) return;
    store.keyv.set(storeKey, entry, lifeLeft).catch(() => {
      this.#pausedUntil = now() + STORE_PAUSE_MS;
    });
  }

  /** Invalidates the caller's entries: the caller changed something, or may not see it any more. */
  async drop(callerKey: string): Promise<void> {
    const { store, now } = this.#options;
    const id = randomUUID();
    if (store.shared) {
      const entry: CacheEntry = { value: null, at: now(), generation: id, bytes: 0 };
      try {
        await withTimeout(store.keyv.set(generationKey(callerKey), entry, this.#lifeMs));
        return;
      } catch {
        this.#pausedUntil = now() + STORE_PAUSE_MS;
      }
    }
    this.#forgetOldGenerations();
    this.#generations.delete(callerKey);
    this.#generations.set(callerKey, { id, until: now() + this.#lifeMs });
  }

  /** In a shared store, keys are hashed: they must not contain what a client wrote. */
  #storeKey(callerKey: string, key: string): string {
    if (!this.#options.store.shared) return `${callerKey} ${key}`;
    return `answer:${callerKey}:${createHash('sha256').update(key).digest('base64url')}`;
  }

  #validate(entry: CacheEntry | undefined, generation: string, now: number): Lookup {
    const isValid = entry !== undefined && entry.generation === generation && now - entry.at <= this.#lifeMs;
    return { cached: isValid ? entry : undefined, generation };
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

async function withTimeout<Value>(operation: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The shared cache is too slow.')), STORE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([operation, timeout]);
  } finally {
    clearTimeout(timer);
    // After the timeout nobody handles its rejection.
    operation.catch(() => {});
  }
}

const generationKey = (callerKey: string): string => `generation:${callerKey}`;
