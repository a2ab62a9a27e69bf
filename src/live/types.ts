import type { Columns } from '../domain/diff.ts';
import type { State } from '../domain/states.ts';
import type { Time } from '../runtime/time.ts';

/** Time comes from outside, so that thousands of histories run in virtual time. Milliseconds everywhere. */
export interface Clock extends Time {
  /** Calls `fire` once after `ms`; the answer takes it back. */
  setTimer(ms: number, fire: () => void): Cancel;
}
export type Cancel = () => void;

/** A number in [0, 1). */
export type Random = () => number;

export type Kind = 'snapshot' | 'volume';

/** A REST row, its state already normalised. `fields` holds what was asked for, by REST name. */
export interface LiveRow {
  readonly uuid: string;
  readonly state: State;
  readonly fields: Columns;
}

/** A row as the engine holds it: with the time of the upstream answer that first showed it so. */
export interface HeldRow extends LiveRow {
  readonly observedAt: number;
}

export type FilterValue = string | number | boolean | readonly string[];

/** The part of a subscriber's filter that Waldur judges: everything but `state` and `uuid`. */
export type UpstreamFilter = Readonly<Record<string, FilterValue>>;

export interface RelistPage {
  readonly rows: readonly LiveRow[];
  /** Rows in the whole list, as the answer says, if it does; it may be wrong. */
  readonly total: number | undefined;
  /** Rows on the page, including those that cannot be read; by default those that can. */
  readonly listed?: number;
}

/**
 * What the engine asks of the REST client, on behalf of one caller and for one kind of object.
 *
 * `fields` are REST names; `uuid` and `state` are always among them. Every method gives up when `signal` aborts and throws a
 * `FetchError` when the upstream did not answer as it should. Each has its own deadline.
 */
export interface ListFetcher {
  /**
   * One page of the list, oldest object first (`o=created`), of `Tuning.pageSize` rows. Pages count from 1; the number is
   * computed by the engine, links in answers are not followed.
   * @returns null when there is no such page (404), which is the end of the list.
   */
  sweepPage(
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
   * One object by its detail address, which carries the filter too (contract 2.0).
   * @returns null when it is gone, hidden or no longer matched (404).
   */
  get(filter: UpstreamFilter, uuid: string, fields: readonly string[], signal: AbortSignal): Promise<LiveRow | null>;
}

/** How a call can fail, as far as polling cares. */
export type Failure =
  | { readonly kind: 'unauthenticated' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }
  | { readonly kind: 'unavailable' };

/** Thrown by a `ListFetcher`. Anything else that it throws counts as `unavailable`. */
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

/** Thrown by a subscription's iterator when the stream cannot go on. */
export class LiveEnd extends Error {
  readonly reason: EndReason;
  /** The code to close the whole socket with; null: only this subscription ends. */
  readonly closeCode: number | null;

  constructor(reason: EndReason) {
    super(`The stream ended: ${reason}.`);
    this.name = 'LiveEnd';
    this.reason = reason;
    this.closeCode = CLOSE_CODES[reason];
  }
}
