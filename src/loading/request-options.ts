import type { Caller } from '../auth/caller.ts';
import type { WaldurClient } from '../waldur/client.ts';
import type { CallContext, SnapshotRow, VolumeRow } from '../waldur/types.ts';
import type { BusyCallers } from './busy-callers.ts';
import type { ListTotals } from './list-totals.ts';
import type { Filter, Order } from './lists.ts';
import type { SharedReads } from './shared-reads.ts';

/** What an operation asks Waldur with, and what it learns of it. */

/** The row of each kind of resource. */
export interface Rows {
  readonly snapshot: SnapshotRow;
  readonly volume: VolumeRow;
}

export interface PageRequest {
  readonly filter: Filter;
  readonly order: Order;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly fields: readonly string[];
}

/** What the operations of the process share; everything in it is kept apart by caller. */
export interface Shared {
  readonly reads: SharedReads;
  readonly activity: BusyCallers;
  readonly totals: ListTotals;
}

export interface UpstreamOptions {
  readonly client: WaldurClient;
  readonly caller: Caller;
  readonly call: CallContext;
  /** What operations share; without it every read is asked for, as polls must be. */
  readonly shared?: Shared;
  /** Most calls that an operation which changes nothing may need; none: any number. */
  readonly maxCalls?: number;
}

/** What was read, for `extensions`, metrics, and whoever keeps the answer. */
export interface Tally {
  /** Calls made upstream on behalf of this operation. */
  calls: number;
  /** Reads answered without a call: kept from a moment ago, or under way for another operation of the same caller. */
  saved: number;
  /** When the oldest of what was read was asked for, by the clock that measures durations; Infinity when nothing was read. */
  oldestAt: number;
  /** True when something older than it may be was served, because Waldur failed. */
  stale: boolean;
  /** False when something was read or done that must not be kept for the next operation. */
  repeatable: boolean;
}
