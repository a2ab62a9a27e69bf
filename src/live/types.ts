import type { Columns } from '../domain/diff.ts';
import type { State } from '../domain/states.ts';
import type { Time } from '../runtime/time.ts';

/** The source of time, in milliseconds. Injected, so that tests run thousands of histories in virtual time. */
export interface Clock extends Time {
  /** Calls `fire` once after `ms`; the result cancels it. */
  setTimer(ms: number, fire: () => void): Cancel;
}
export type Cancel = () => void;

/** A number in [0, 1). */
export type Random = () => number;

export type Kind = 'snapshot' | 'volume';

/** A REST row with its state normalised. `fields` holds what was requested, by REST name. */
export interface LiveRow {
  readonly uuid: string;
  readonly state: State;
  readonly fields: Columns;
}

/** A row in the store, with the time of the response that first showed it in this form. */
export interface HeldRow extends LiveRow {
  readonly observedAt: number;
}

export type FilterValue = string | number | boolean | readonly string[];

/** The part of a filter that Waldur applies: everything but `state` and `uuid`. */
export type UpstreamFilter = Readonly<Record<string, FilterValue>>;

export interface RelistPage {
  readonly rows: readonly LiveRow[];
  /** Length of the whole list as the response states it, if it does; it may be wrong. */
  readonly total: number | undefined;
  /** Rows on the page including unreadable ones; defaults to the readable ones. */
  readonly listed?: number;
}

/**
 * What the engine needs of the REST client, for one caller and one kind of object.
 *
 * `fields` are REST names; `uuid` and `state` are always among them. Every method stops when `signal` aborts and throws
 * `FetchError` when the upstream failed. Each has its own deadline.
 */
export interface ListFetcher {
  /**
   * One page of the list, oldest object first (`o=created`), of `Tuning.pageSize` rows. Pages count from 1; the engine
   * computes the number and follows no links.
   * @returns null for a page past the end of the list (404).
   */
  listPage(
    filter: UpstreamFilter,
    page: number,
    fields: readonly string[],
    signal: AbortSignal,
  ): Promise<RelistPage | null>;
  /** All objects in one of the states: one call with repeated `state=`. */
  inStates(
    filter: UpstreamFilter,
    states: readonly State[],
    fields: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly LiveRow[]>;
  /**
   * The number of objects in one of the states, by a list of one row.
   * @returns undefined when the response does not state it; it may be wrong.
   */
  count(filter: UpstreamFilter, states: readonly State[], signal: AbortSignal): Promise<number | undefined>;
  /**
   * One object by its detail address, which carries the filter too (contract 2.0).
   * @returns null when it is gone, hidden or no longer matched (404).
   */
  get(filter: UpstreamFilter, uuid: string, fields: readonly string[], signal: AbortSignal): Promise<LiveRow | null>;
}

/** An entry of Waldur's event log about a snapshot or volume (contract 11.3). */
export interface LoggedChange {
  readonly kind: Kind;
  readonly uuid: string;
  readonly project: string | null;
  readonly type: string;
  /** By Waldur's clock, in ms. */
  readonly created: number;
}

export interface LogPage {
  /** Newest first. */
  readonly changes: readonly LoggedChange[];
  /** By Waldur's clock, in ms, of the newest entry of any kind; null without one. */
  readonly newest: number | null;
  /** The page is full, so older entries may be missing. */
  readonly isFull: boolean;
}

/** Calls of one caller to the event log. Each throws `FetchError` when Waldur failed. */
export interface EventLogReader {
  /**
   * The projects that the caller sees.
   * @returns `all` for a caller who may read the log without a scope; null when there are more than `most`.
   */
  projects(most: number, signal: AbortSignal): Promise<readonly string[] | 'all' | null>;
  /**
   * @param project null: without a scope.
   * @param since Unix seconds by Waldur's clock, inclusive; null: the newest entry only, to learn that clock.
   * @returns null when Waldur refuses it, or has no event log.
   */
  read(project: string | null, since: number | null, signal: AbortSignal): Promise<LogPage | null>;
}

/** How a call can fail, as far as polling distinguishes. */
export type Failure =
  | { readonly kind: 'unauthenticated' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }
  | { readonly kind: 'unavailable' };

/** Thrown by a `ListFetcher`; any other exception counts as `unavailable`. */
export class FetchError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(`The upstream call failed: ${failure.kind}.`, options);
    this.name = 'FetchError';
    this.failure = failure;
  }
}

export type EndReason = 'unauthenticated' | 'forbidden' | 'not-found' | 'slow-reader';

/** WebSocket close codes that clients may retry; 4401 would be fatal to them. */
const CLOSE_CODES: Readonly<Record<EndReason, number | null>> = {
  unauthenticated: 4403,
  forbidden: null,
  'not-found': null,
  'slow-reader': 1013,
};

/** Thrown by the iterator of a subscription when the stream cannot continue. */
export class LiveEnd extends Error {
  readonly reason: EndReason;
  /** Code to close the whole socket with; null: only this subscription ends. */
  readonly closeCode: number | null;

  constructor(reason: EndReason) {
    super(`The stream ended: ${reason}.`);
    this.name = 'LiveEnd';
    this.reason = reason;
    this.closeCode = CLOSE_CODES[reason];
  }
}
