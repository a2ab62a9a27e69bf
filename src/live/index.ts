import { PollBudget } from './budget.ts';
import { CursorSigner } from './cursor.ts';
import type { LiveEvent } from './events.ts';
import { Recovery } from './failure.ts';
import { InformerRegistry, type LiveStats, type Nudge, type SubscribeRequest } from './informer-registry.ts';
import { type LiveObserver, NO_OBSERVER } from './observer.ts';
import { PollLimit } from './poll-limit.ts';
import { Progress } from './progress.ts';
import type { Cluster } from './shared-log.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import type { Clock, Kind, Random } from './types.ts';

export type { LiveEvent } from './events.ts';
export type { LiveStats, Nudge, SubscribeRequest } from './informer-registry.ts';
export { type LiveObserver, NO_OBSERVER, RESET_CAUSES, type ResetCause } from './observer.ts';
export type { LiveFilter } from './scope.ts';
export type {
  Beat,
  Cluster,
  LogListener,
  LogMessage,
  SharedContent,
  SharedLog,
  SharedSnapshot,
  SharedWrite,
} from './shared-log.ts';
export { DEFAULT_TUNING, type Tuning } from './tuning.ts';
export {
  type Cancel,
  type Clock,
  type EndReason,
  type Failure,
  FetchError,
  type HeldRow,
  type Kind,
  type ListFetcher,
  LiveEnd,
  type LiveRow,
  type Random,
  type RelistPage,
  type UpstreamFilter,
} from './types.ts';

export interface LiveOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Signs cursors. With a random key, cursors are refused after a restart and clients get RESET; the log is gone then anyway. */
  readonly cursorKey: string | Uint8Array;
  /** True for a field that is a column of the object itself, which costs the upstream nothing (contract 3.3). */
  readonly isColumn: (kind: Kind, field: string) => boolean;
  /** True while a request of the caller itself is in flight upstream. Absent: polls never yield to it. */
  readonly isBusy?: (callerKey: string) => boolean;
  /** Called before events are sent that answers kept for the caller may contradict: at the start of a stream, and for changes. */
  readonly onNews?: (callerKey: string) => void;
  /** Calls upstream that are in flight or wait, polls included. Absent: no others than polls. */
  readonly callsUpstream?: () => number;
  /** Receives exceptions that a fetcher should not have thrown. */
  readonly onUnexpected?: (error: unknown) => void;
  /** Receives what happens, for metrics. */
  readonly observer?: LiveObserver;
  /** The replicas that share their informers. Absent: each informer polls for itself. */
  readonly cluster?: Cluster;
  readonly tuning?: Partial<Tuning>;
}

export type ProgressRequest = Omit<SubscribeRequest, 'kind' | 'filter' | 'uuids' | 'after' | 'initial'> & {
  readonly volumeUuid: string;
};

/** List and watch over an API that can only be polled. */
export interface Live {
  /**
   * The current state, then every change, until the iterator is returned.
   * The iterator throws `LiveEnd` when the stream cannot go on.
   */
  subscribe(request: SubscribeRequest): AsyncIterableIterator<LiveEvent>;
  /** A volume until it is OK, ERRED or gone. Throws `LiveEnd` `not-found` for one that the caller cannot see. */
  restoreProgress(request: ProgressRequest): AsyncIterableIterator<LiveEvent>;
  /** Read before a write is sent and passed to `nudge`: separates responses from before the write from later ones. */
  mark(): number;
  /** The caller has written to an object: its subscribers see the change at once or within a second. */
  nudge(callerKey: string, nudge: Nudge): void;
  /** The upstream is available again after an outage: polls that wait after a failure continue. */
  upstreamRecovered(): void;
  /** Ends all streams and resolves when no call is in flight. */
  close(): Promise<void>;
  stats(): LiveStats;
}

/** Composes the engine. It sets no timer and makes no call before somebody subscribes. */
export function createLive(options: LiveOptions): Live {
  const { clock, random, isBusy = () => false, onNews = () => {}, onUnexpected = () => {} } = options;
  const tuning: Tuning = { ...DEFAULT_TUNING, ...options.tuning };
  let last = 0;
  const logicalNow = (): number => {
    last += 1;
    return last;
  };
  const limit = new PollLimit(() => clock.now(), tuning.callsInFlight);
  const budget: PollBudget = new PollBudget(clock, tuning, () => {
    const polls = budget.inFlight;
    return limit.allowed(Math.max(0, (options.callsUpstream?.() ?? polls) - polls));
  });
  const recovery = new Recovery();
  const registry = new InformerRegistry({
    clock,
    random,
    logicalNow,
    tuning,
    isBusy,
    onUnexpected,
    onNews,
    observer: options.observer ?? NO_OBSERVER,
    cluster: options.cluster ?? null,
    isColumn: options.isColumn,
    budget,
    limit,
    recovery,
    counts: { pages: 0, states: 0, gets: 0 },
    signer: new CursorSigner(options.cursorKey),
  });
  return {
    subscribe: (request) => registry.subscribe(request),
    restoreProgress: ({ volumeUuid, ...request }) =>
      new Progress(registry.subscribe({ ...request, kind: 'volume', filter: { uuid: volumeUuid } })),
    mark: logicalNow,
    nudge: (callerKey, nudge) => registry.nudge(callerKey, nudge),
    upstreamRecovered: () => recovery.over(),
    close: () => registry.close(),
    stats: () => registry.stats(),
  };
}
