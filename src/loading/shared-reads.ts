import type { AnswerCache } from '../cache/answers.ts';
import { isUpstreamError } from '../waldur/errors.ts';
import type { CallContext } from '../waldur/types.ts';
import { type BusyCallers, SingleFlight } from './single-flight.ts';

/** A value with its age. */
interface AgedValue<Value> {
  readonly value: Value;
  /** When it was requested, by `now`. */
  readonly at: number;
  /** True for an expired value, which is served because Waldur failed. */
  readonly stale: boolean;
}

export interface ReadObserver {
  /**
   * Called once for each read that succeeds.
   * @param requestedAt when the value was requested, by `now`.
   * @param stale true for an expired value, which is served because Waldur failed.
   */
  onRead(requestedAt: number, stale: boolean): void;
}

export interface SharedReadsOptions {
  /** Without it only concurrent reads are shared. */
  readonly cache: AnswerCache | undefined;
  readonly busyCallers: BusyCallers;
  readonly now: () => number;
  /** Called for each read of a value that may be cached. */
  readonly onCacheRead?: ((result: 'hit' | 'miss' | 'stale') => void) | undefined;
  /** Further reads of the same callers, which are invalidated together with these. */
  readonly others?: readonly SharedReads[];
}

type Send<Value> = (context: CallContext) => Promise<Value>;

/** Checks the shape of a cached value. */
export type IsValue<Value> = (value: unknown) => value is Value;

/**
 * Shares reads between the operations of one caller: concurrent equal reads are one call, and values are cached for a short time.
 * Nothing is shared between callers.
 */
export class SharedReads {
  readonly #cache: AnswerCache | undefined;
  readonly #now: () => number;
  readonly #pending: SingleFlight;
  readonly #others: readonly SharedReads[];
  readonly #onCacheRead: (result: 'hit' | 'miss' | 'stale') => void;

  constructor({ cache, busyCallers, now, others = [], onCacheRead = () => {} }: SharedReadsOptions) {
    this.#onCacheRead = onCacheRead;
    this.#cache = cache;
    this.#others = others;
    this.#now = now;
    this.#pending = new SingleFlight(busyCallers, now);
  }

  /**
   * Reads a value, from the cache if possible.
   * @param key everything that the value depends on, except the caller.
   * @param send makes the call. Its result may be shared with other operations, so nobody may modify it.
   * @param isValue checks the shape of a value from a shared cache; any other counts as absent.
   * @param fresh whether the value must come from a call. It may be shared with operations that require the same.
   * @throws what `send` throws.
   */
  read<Value>(
    callerKey: string,
    key: string,
    context: CallContext,
    send: Send<Value>,
    isValue: IsValue<Value>,
    observer: ReadObserver,
    fresh = false,
  ): Promise<Value> {
    const cache = this.#cache;
    const flight = fresh ? `fresh ${key}` : key;
    if (cache === undefined) {
      observer.onRead(this.#now(), false);
      return this.#pending.join(callerKey, flight, context, send);
    }
    const report = ({ value, at, stale }: AgedValue<Value>): Value => {
      observer.onRead(at, stale);
      return value;
    };
    return this.#pending
      .join(callerKey, flight, context, (shared) =>
        this.#readCached(cache, callerKey, key, shared, send, isValue, fresh),
      )
      .then(report, (error) => this.#readStale(cache, callerKey, key, error, isValue).then(report));
  }

  /** Reads a value that must not be cached. Concurrent equal reads are still one call. */
  together<Value>(callerKey: string, key: string, context: CallContext, send: Send<Value>): Promise<Value> {
    return this.#pending.join(callerKey, key, context, send);
  }

  /** Invalidates everything that the caller read: the caller changed something, or may not see it any more. */
  async changed(callerKey: string): Promise<void> {
    this.#pending.forget(callerKey);
    await Promise.all([this.#cache?.drop(callerKey), ...this.#others.map((other) => other.changed(callerKey))]);
  }

  async #readCached<Value>(
    cache: AnswerCache,
    callerKey: string,
    key: string,
    context: CallContext,
    send: Send<Value>,
    isValue: IsValue<Value>,
    fresh: boolean,
  ): Promise<AgedValue<Value>> {
    const lookup = await cache.lookup(callerKey, key, isValue);
    const cached = lookup?.cached;
    if (!fresh && cached !== undefined && this.#now() - cached.at <= cache.ttlMs) {
      this.#onCacheRead('hit');
      return { ...cached, stale: false };
    }
    this.#onCacheRead('miss');
    const at = this.#now();
    try {
      const value = await send(context);
      if (lookup !== undefined && isComplete(value)) {
        cache.store(callerKey, key, { value, at, generation: lookup.generation, bytes: estimateBytes(value) });
      }
      return { value, at, stale: false };
    } catch (error) {
      if (isRefusal(error)) await this.changed(callerKey);
      throw error;
    }
  }

  /**
   * Falls back to an expired value. Each waiter does so by itself, because one may run out of time before the others.
   * @throws the given error when nothing is cached.
   */
  async #readStale<Value>(
    cache: AnswerCache,
    callerKey: string,
    key: string,
    error: unknown,
    isValue: IsValue<Value>,
  ): Promise<AgedValue<Value>> {
    const cached = isOutage(error) ? (await cache.lookup(callerKey, key, isValue))?.cached : undefined;
    if (cached === undefined) throw error;
    this.#onCacheRead('stale');
    return { ...cached, stale: true };
  }
}

const isRefusal = (error: unknown): boolean =>
  isUpstreamError(error) && (error.kind === 'unauthenticated' || error.kind === 'forbidden');

/** Other failures are answers of Waldur, which must be passed on. */
const isOutage = (error: unknown): boolean =>
  isUpstreamError(error) && (error.kind === 'unavailable' || error.kind === 'timeout');

/** The rows of a value: of a list, of a page, or the single object that it is. */
function rowsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const rows = typeof value === 'object' && value !== null && 'rows' in value ? value.rows : undefined;
  return Array.isArray(rows) ? rows : [value];
}

/** A page with a row that could not be read is not cached: the next attempt may succeed. */
const isComplete = (value: unknown): boolean => !rowsOf(value).some((row) => row instanceof Error);

const BYTES_PER_CHARACTER = 2;
const BYTES_PER_ENTRY = 500;

/** Estimates the size from the first row. Rows of a page have the same columns, and measuring all of them would be expensive. */
function estimateBytes(value: unknown): number {
  const rows = rowsOf(value);
  return BYTES_PER_ENTRY + rows.length * BYTES_PER_CHARACTER * (JSON.stringify(rows[0])?.length ?? 0);
}
