import type { AnswerCache } from '../cache/answers.ts';
import { BoundedStore } from '../cache/memory.ts';
import type { ReadStats } from '../loading/operation-client.ts';

/** An answer as it was sent. */
export interface SentAnswer {
  /** Encoded when it is kept, so that it is encoded once. */
  readonly body: string | Uint8Array;
  readonly contentType: string;
}

interface Kept extends SentAnswer {
  /** What it takes: a request may be far longer than its answer, since nothing bounds variables that no document declares. */
  readonly characters: number;
  /** Of the caller's answers from Waldur, when it was made. */
  readonly generation: string;
  /** Until when it serves, by `now`: as long as the oldest of what was read for it. */
  readonly until: number;
}

export interface ResponseCacheOptions {
  readonly cache: AnswerCache;
  readonly maxBytes: number;
  /** Measures durations; see `Time`. */
  readonly now: () => number;
}

const MOST = 10_000;

/**
 * Whole answers to requests that were made a moment ago by the same caller in the same words. They live and end with the answers of
 * Waldur that they were made of.
 */
export class ResponseCache {
  readonly #options: ResponseCacheOptions;
  readonly #kept: BoundedStore<Kept>;

  constructor(options: ResponseCacheOptions) {
    this.#options = options;
    // JavaScript's strings may take two bytes for each character.
    const weight = { most: options.maxBytes, of: ({ characters }: Kept) => 2 * characters };
    this.#kept = new BoundedStore({ entries: MOST, weight });
  }

  /** The caller's answers as they are now; must be given back with what is to be kept. */
  generation(callerKey: string): string {
    return this.#options.cache.generation(callerKey);
  }

  /** @param request everything that the answer depends on, the caller apart. */
  find(callerKey: string, request: string): SentAnswer | undefined {
    const kept = this.#kept.get(`${callerKey} ${request}`);
    if (kept === undefined || this.#options.now() > kept.until) return undefined;
    return kept.generation === this.generation(callerKey) ? kept : undefined;
  }

  /** @param stats about what was read for the response. */
  keep(callerKey: string, request: string, answer: SentAnswer, generation: string, stats: ReadStats): void {
    const until = stats.oldestAt + this.#options.cache.ttlMs;
    // An answer that nothing was read for would never end.
    if (!Number.isFinite(until)) return;
    const characters = request.length + answer.body.length;
    this.#kept.set(`${callerKey} ${request}`, { ...answer, characters, generation, until });
  }
}
