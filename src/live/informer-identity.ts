import type { FieldUnion } from './field-union.ts';
import type { Scope } from './scope.ts';
import type { Step, Store } from './store.ts';
import type { Kind, ListFetcher } from './types.ts';

/** Who and what a cohort is: the same caller, kind and scope are one cohort, whatever its subscribers select. */
export interface InformerIdentity {
  readonly key: string;
  readonly callerKey: string;
  readonly kind: Kind;
  readonly scope: Scope;
  readonly fetcher: ListFetcher;
}

/** The cohort, as its poller sees it. */
export interface Watched {
  readonly identity: InformerIdentity;
  readonly wanted: FieldUnion;
  readonly objects: Store;
  stepped(step: Step): void;
  /** The whole scope has been read and every question about it answered; `version` null: relation fields apart. */
  caughtUp(version: number | null, recovered: boolean): void;
  turnedStale(): void;
  forbidden(): void;
  unauthenticated(): void;
}
