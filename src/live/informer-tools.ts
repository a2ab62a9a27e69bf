import type { CursorSigner } from './cursor.ts';
import type { LiveObserver } from './observer.ts';
import type { PollerTools } from './poll-client.ts';
import type { CanonicalFilter } from './scope.ts';
import type { Cluster } from './shared-log.ts';
import type { Kind, LiveEnd } from './types.ts';
import type { WatchAccount } from './watcher.ts';

/** Shared by all informers. */
export interface InformerTools extends PollerTools {
  readonly signer: CursorSigner;
  readonly isColumn: (kind: Kind, field: string) => boolean;
  /** Events follow that answers kept for the caller may contradict. */
  readonly onNews: (callerKey: string) => void;
  readonly observer: LiveObserver;
  /** The replicas that share their informers; null when there is none but this. */
  readonly cluster: Cluster | null;
  /** The account of the watcher; null without one. */
  readonly watch: WatchAccount | null;
}

/** A subscriber that joins an informer. */
export interface JoinRequest {
  readonly filter: CanonicalFilter;
  readonly fields: ReadonlySet<string>;
  readonly uuids: readonly string[] | null;
  readonly after: string | null;
  readonly initial: boolean;
  readonly onEnd: ((end: LiveEnd) => void) | null;
}
