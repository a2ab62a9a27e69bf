import type { AnswerCache } from '../cache/answers.ts';
import { isUpstreamError } from '../waldur/errors.ts';
import type { CallContext } from '../waldur/types.ts';
import type { BusyCallers } from './busy-callers.ts';
import { SingleFlight } from './single-flight.ts';

/** What was read, and when it was asked for. */
interface Reading<Value> {
  readonly value: Value;
  /** By `now`. */
  readonly at: number;
  /** Kept from before, and older than it may be: the upstream failed. */
  readonly stale: boolean;
}

/** Is told how old what was read is. */
export interface Reader {
  /**
   * @param at when it was asked for, by `now`.
   * @param stale kept from before, and older than it may be: the upstream failed.
   */
  noted(at: number, stale: boolean): void;
}

export interface SharedReadsOptions {
  /** None: every question is asked. */
  readonly cache: AnswerCache | undefined;
  readonly activity: BusyCallers;
  readonly now: () => number;
  /** Reads of the same callers: they are told of what changes. */
  readonly others?: readonly SharedReads[];
}

/**
 * Reading on behalf of callers, across their operations: what is being asked already is not asked again, and what was answered a
 * moment ago is not asked yet. Nothing here is shared between callers.
 */
export class SharedReads {
  readonly #cache: AnswerCache | undefined;
  readonly #now: () => number;
  readonly #flights: SingleFlight;
  readonly #others: readonly SharedReads[];

  constructor({ cache, activity, now, others = [] }: SharedReadsOptions) {
    this.#cache = cache;
    this.#others = others;
    this.#now = now;
    this.#flights = new SingleFlight(activity, now);
  }

  /**
   * @param question tells everything that the answer depends on, the caller apart.
   * @param ask asks the upstream. Nobody may change what it answers: it may be others' as well.
   * @param reader is told how old it is.
   * @throws what `ask` throws.
   */
  read<Value>(
    callerKey: string,
    question: string,
    context: CallContext,
    ask: (context: CallContext) => Promise<Value>,
    reader: Reader,
  ): Promise<Value> {
    const cache = this.#cache;
    if (cache === undefined) {
      reader.noted(this.#now(), false);
      return this.#flights.join(callerKey, question, context, ask);
    }
    const answer = (shared: CallContext) => this.#answer(cache, callerKey, question, shared, ask);
    const taken = ({ value, at, stale }: Reading<Value>): Value => {
      reader.noted(at, stale);
      return value;
    };
    return this.#flights
      .join(callerKey, question, context, answer)
      .then(taken, (error) => this.#keptInstead<Value>(cache, callerKey, question, error).then(taken));
  }

  /** Asks now, whatever was answered a moment ago; those who ask the same at the same time ask together. */
  together<Value>(
    callerKey: string,
    question: string,
    context: CallContext,
    ask: (context: CallContext) => Promise<Value>,
  ): Promise<Value> {
    return this.#flights.join(callerKey, question, context, ask);
  }

  /** The caller changes something, has changed it, or may not see it any more: what was read before serves nobody. */
  async changed(callerKey: string): Promise<void> {
    this.#flights.forget(callerKey);
    await Promise.all([this.#cache?.drop(callerKey), ...this.#others.map((other) => other.changed(callerKey))]);
  }

  async #answer<Value>(
    cache: AnswerCache,
    callerKey: string,
    question: string,
    context: CallContext,
    ask: (context: CallContext) => Promise<Value>,
  ): Promise<Reading<Value>> {
    const look = await cache.look(callerKey, question);
    const kept = look?.kept as Reading<Value> | undefined;
    if (kept !== undefined && this.#now() - kept.at <= cache.ttlMs) return { ...kept, stale: false };
    const at = this.#now();
    try {
      const value = await ask(context);
      if (look !== undefined && isWhole(value)) {
        cache.keep(callerKey, question, {
          value,
          at,
          generation: look.generation,
          bytes: bytesOf(value),
        });
      }
      return { value, at, stale: false };
    } catch (error) {
      if (isRefusal(error)) await this.changed(callerKey);
      throw error;
    }
  }

  /** What is kept of an upstream that failed. For each who waited: one may have had less time than others. @throws the error where nothing is. */
  async #keptInstead<Value>(
    cache: AnswerCache,
    callerKey: string,
    question: string,
    error: unknown,
  ): Promise<Reading<Value>> {
    const kept = isAway(error) ? (await cache.look(callerKey, question))?.kept : undefined;
    if (kept === undefined) throw error;
    return { ...(kept as Reading<Value>), stale: true };
  }
}

const isRefusal = (error: unknown): boolean =>
  isUpstreamError(error) && (error.kind === 'unauthenticated' || error.kind === 'forbidden');

/** Anything that Waldur did answer is the truth, be it a failure. */
const isAway = (error: unknown): boolean =>
  isUpstreamError(error) && (error.kind === 'unavailable' || error.kind === 'timeout');

/** The rows of an answer: of a list, of a page, or the single object that it is. */
function rowsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const rows = typeof value === 'object' && value !== null && 'rows' in value ? value.rows : undefined;
  return Array.isArray(rows) ? rows : [value];
}

/** A page with a row that could not be read may be right the next time. */
const isWhole = (value: unknown): boolean => !rowsOf(value).some((row) => row instanceof Error);

const BYTES_A_CHARACTER = 2;
const BYTES_AN_ENTRY = 500;

/** A guess from the first row: rows of a page have the same columns, and weighing each would cost as much as it saves. */
function bytesOf(value: unknown): number {
  const rows = rowsOf(value);
  return BYTES_AN_ENTRY + rows.length * BYTES_A_CHARACTER * (JSON.stringify(rows[0])?.length ?? 0);
}
