import { createHash, randomUUID } from 'node:crypto';
import type { Kept, Store } from './store.ts';

export interface AnswerCacheOptions {
  readonly store: Store;
  /** How long an answer serves, in ms. */
  readonly ttlMs: number;
  /** How old an answer may be that serves while the upstream fails, in ms. */
  readonly staleMs: number;
  /** Measures durations; see `Time`. */
  readonly now: () => number;
}

export interface Look {
  /** What is kept; young enough at least for a failing upstream. */
  readonly kept: { readonly value: unknown; readonly at: number } | undefined;
  /** Must be given back with the answer that is to be kept. */
  readonly generation: string;
}

/** How long a shared store is waited for, and left alone after it has failed, in ms. */
const PATIENCE_MS = 40;
const PAUSE_MS = 1_000;
const FIRST = '0';

/**
 * Answers of the upstream, kept for a moment for the caller they were given to.
 *
 * Each caller's answers have a generation. Dropping them begins a new one, and what was kept, or was asked for and has yet to be
 * kept, in an older one is never read again.
 */
export class AnswerCache {
  readonly #options: AnswerCacheOptions;
  /** Generations other than the first, kept at least as long as there may be answers of an older one. */
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

  /** Whether other processes may drop answers, too; then only `look` knows whether one still holds. */
  get shared(): boolean {
    return this.#options.store.shared;
  }

  /** The caller's generation as this process knows it. */
  generation(callerKey: string): string {
    return this.#generations.get(callerKey)?.id ?? FIRST;
  }

  /** Never throws: a store that fails has nothing. */
  async look(callerKey: string, question: string): Promise<Look | undefined> {
    const { store, now } = this.#options;
    const key = this.#keyOf(callerKey, question);
    if (!store.shared) return this.#judge(await store.keyv.get(key), this.generation(callerKey), now());
    if (now() < this.#pausedUntil) return undefined;
    try {
      const { kept, lifeLeft, beside } = await this.#soon(store.read(key, generationKey(callerKey)));
      const generation = `${this.generation(callerKey)}.${beside?.generation ?? FIRST}`;
      const at = now() - (this.#lifeMs - lifeLeft);
      // Longer than it was given: the store's clock was set back, and the age is not known.
      const isOfKnownAge = lifeLeft >= 0 && lifeLeft <= this.#lifeMs;
      return this.#judge(kept && isOfKnownAge ? { ...kept, at } : undefined, generation, now());
    } catch {
      this.#pausedUntil = now() + PAUSE_MS;
      return undefined;
    }
  }

  /** Keeps an answer. Not waited for, and never fails. */
  keep(callerKey: string, question: string, kept: Kept): void {
    const { store, now } = this.#options;
    const key = this.#keyOf(callerKey, question);
    if (!store.shared) {
      void store.keyv.set(key, kept);
      return;
    }
    // Its life began when it was asked for.
    const lifeLeft = Math.floor(this.#lifeMs - (now() - kept.at));
    if (lifeLeft <= 0 || now() < this.#pausedUntil) return;
    store.keyv.set(key, kept, lifeLeft).catch(() => {
      this.#pausedUntil = now() + PAUSE_MS;
    });
  }

  /** Forgets what the caller was answered: it has changed something, or may not see it any more. */
  async drop(callerKey: string): Promise<void> {
    const { store, now } = this.#options;
    const id = randomUUID();
    if (store.shared) {
      const kept: Kept = { value: null, at: now(), generation: id, bytes: 0 };
      try {
        await this.#soon(store.keyv.set(generationKey(callerKey), kept, this.#lifeMs));
        return;
      } catch {
        this.#pausedUntil = now() + PAUSE_MS;
      }
    }
    this.#forgetOld();
    this.#generations.delete(callerKey);
    this.#generations.set(callerKey, { id, until: now() + this.#lifeMs });
  }

  /** Keys of a shared store hold nothing of what a client wrote. */
  #keyOf(callerKey: string, question: string): string {
    if (!this.#options.store.shared) return `${callerKey} ${question}`;
    return `answer:${callerKey}:${createHash('sha256').update(question).digest('base64url')}`;
  }

  #judge(kept: Kept | undefined, generation: string, now: number): Look {
    const usable = kept !== undefined && kept.generation === generation && now - kept.at <= this.#lifeMs;
    return { kept: usable ? kept : undefined, generation };
  }

  /** A Map keeps the order of insertion, so the oldest come first. */
  #forgetOld(): void {
    const now = this.#options.now();
    for (const [callerKey, { until }] of this.#generations) {
      if (until > now) return;
      this.#generations.delete(callerKey);
    }
  }

  async #soon<Value>(answer: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('The shared cache is slow.')), PATIENCE_MS);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      // Nobody waits for it any more if it fails after all.
      answer.catch(() => {});
    }
  }
}

const generationKey = (callerKey: string): string => `generation:${callerKey}`;
