import type { RelatedRows } from '../waldur/related.ts';
import type { SnapshotRow, VolumeRow } from '../waldur/types.ts';

/** The vocabulary of lists: which rows of which list an operation requests, and the keys by which equal requests are found. */

/** The row of each kind of resource. */
export interface Rows extends RelatedRows {
  readonly snapshot: SnapshotRow;
  readonly volume: VolumeRow;
}

export type Kind = keyof Rows;

/** Conditions by their names in the graph. They have been checked, and absent conditions have been removed. */
export type Filter = Readonly<Record<string, string | true | readonly string[]>>;
export type Order = readonly { readonly field: string; readonly direction: 'ASC' | 'DESC' }[];

/**
 * Which rows are requested. `head`: `count` rows from `start` on. `tail`: the last `count` rows of the list, none before `start`;
 * their positions are known only with the total.
 */
export type Window =
  | { readonly kind: 'head'; readonly start: number; readonly count: number }
  | { readonly kind: 'tail'; readonly start: number; readonly count: number };

/** A list, independent of the rows that are requested. */
export interface ListIdentity<K extends Kind = Kind> {
  readonly kind: K;
  readonly filter: Filter;
  /** True when no row can fulfil the conditions, so that no call is needed. */
  readonly empty: boolean;
}

export interface ListRequest<K extends Kind = Kind> extends ListIdentity<K> {
  readonly order: Order;
  readonly window: Window;
}

export interface ListPage<Row> {
  /** An Error stands in for a row that could not be read. */
  readonly rows: readonly (Row | Error)[];
  /** Position of the first row within the list. */
  readonly start: number;
  /** An Error when Waldur sent no total, or an impossible one. */
  readonly total: number | Error;
}

/** One REST page. */
export interface PageRequest {
  readonly filter: Filter;
  readonly order: Order;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly fields: readonly string[];
}

/** Position of the first row of a window in a list of this length. */
export const startOf = ({ kind, start, count }: Window, total: number): number =>
  kind === 'head' ? start : Math.max(start, total - count);

/** Equal for equal conditions, whatever their order. */
export const filterKey = (filter: Filter): string => JSON.stringify(Object.entries(filter).sort());

export const orderKey = (order: Order): string => JSON.stringify(order);

export const windowKey = ({ kind, start, count }: Window): string => `${kind} ${start} ${count}`;

/** Equal for requests of the same list, whatever rows they request. */
export const listKey = ({ kind, filter, empty }: ListIdentity): string => `${kind} ${empty} ${filterKey(filter)}`;
