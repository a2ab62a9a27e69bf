import type { FieldUnion } from './field-union.ts';
import type { Scope } from './scope.ts';
import type { Change, Store } from './store.ts';
import type { EventLogReader, Kind, ListFetcher } from './types.ts';

/** What distinguishes informers: one for each caller, kind and scope, whatever its subscribers select. */
export interface InformerIdentity {
  readonly key: string;
  readonly callerKey: string;
  readonly kind: Kind;
  readonly scope: Scope;
  readonly fetcher: ListFetcher;
  /** Reads the event log for the caller; null where that is not possible. */
  readonly events: EventLogReader | null;
  /** Its deltas are hints for the informers of all callers. */
  readonly isWatcher: boolean;
}

/** What a poller needs of its informer. */
export interface PollTarget {
  readonly identity: InformerIdentity;
  readonly fieldUnion: FieldUnion;
  readonly store: Store;
  changed(change: Change): void;
  /**
   * The whole scope has been read and no recheck is left; `version` null: without relation fields.
   * @param begun logical time at which the read began.
   */
  synced(version: number | null, recovered: boolean, begun: number): void;
  /** Waldur states another number of objects than are held. */
  differs(): void;
  turnedStale(): void;
  /** The scope was read, and nothing is left to recheck. @param begunAt when the read began. */
  scopeRead(begunAt: number): void;
  /** The scope has been read within its promise again. */
  caughtUp(): void;
  /** An event was sent although the scope is still stale. */
  stillStale(): void;
  forbidden(): void;
  unauthenticated(): void;
}
