import type { WantedFields } from './field-union.ts';
import type { Scope } from './scope.ts';
import type { Objects, Step } from './store.ts';
import type { Kind, ListFetcher } from './types.ts';

/** Who and what a cohort is: the same caller, kind and scope are one cohort, whatever its subscribers select. */
export interface CohortIdentity {
  readonly key: string;
  readonly callerKey: string;
  readonly kind: Kind;
  readonly scope: Scope;
  readonly fetcher: ListFetcher;
}

/** The cohort, as its poller sees it. */
export interface Watched {
  readonly identity: CohortIdentity;
  readonly wanted: WantedFields;
  readonly objects: Objects;
  stepped(step: Step): void;
  /** The whole scope has been read and every question about it answered; `version` null: relation fields apart. */
  caughtUp(version: number | null, recovered: boolean): void;
  turnedStale(): void;
  forbidden(): void;
  unauthenticated(): void;
}
