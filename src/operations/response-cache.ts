import type { AnswerCache } from '../cache/answers.ts';
import { BoundedStore } from '../cache/memory.ts';
import type { ReadStats } from '../loading/operation-client.ts';

/** An answer that was sent. */
export interface SentAnswer {
  /** Encoded when it is cached, so that it is encoded once. */
  readonly body: string | Uint8Array;
  readonly contentType: string;
  /** The name of the operation, for the log. */
  readonly operation?: string | undefined;
}

interface Kept extends SentAnswer {
  /** Memory use of request and answer. A request may be far longer than its answer: variables that are not declared are not bounded. */
  readonly characters: number;
  /** Generation of the caller's cached reads when the answer was made. */
  readonly generation: string;
  /** Expiry, by `now`. It is that of the oldest value that was read for the answer. */
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
 * Caches whole answers, to be sent again when the same caller repeats the same request. An answer expires and is invalidated together with
 * the values that were read from Waldur for it.
 *
 * The key of a caller is a hash without a space, so that no request can look like one of another caller.
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

  /** The current generation of the caller's cached reads. It must be passed to `keep`. */
  generation(callerKey: string): string {
    return this.#options.cache.generation(callerKey);
  }

  /** @param request everything that the answer depends on, except the caller. */
  find(callerKey: string, request: string): SentAnswer | undefined {
    const kept = this.#kept.get(`${callerKey} ${request}`);
    if (kept === undefined || this.#options.now() > kept.until) return undefined;
    return kept.generation === this.generation(callerKey) ? kept : undefined;
  }

  /** @param stats of the reads for the answer. */
  keep(callerKey: string, request: string, answer: SentAnswer, generation: string, stats: ReadStats): void {
    const until = stats.oldestAt + this.#options.cache.ttlMs;
    // An answer without reads would never expire.
    if (!Number.isFinite(until)) return;
    const characters = request.length + answer.body.length;
    this.#kept.set(`${callerKey} ${request}`, { ...answer, characters, generation, until });
  }
}
