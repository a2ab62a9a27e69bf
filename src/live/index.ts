import { PollBudget } from './budget.ts';
import { CursorSigner } from './cursor.ts';
import type { LiveEvent } from './events.ts';
import { InformerRegistry, type LiveStats, type Nudge, type SubscribeRequest } from './informer-registry.ts';
import { Progress } from './progress.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import type { Clock, Kind, Random } from './types.ts';

export type { LiveEvent } from './events.ts';
export type { LiveStats, Nudge, SubscribeRequest } from './informer-registry.ts';
export type { LiveFilter } from './scope.ts';
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
  /** Signs cursors. With a random one, every cursor is refused after a restart and readers get RESET, as the log is gone anyway. */
  readonly cursorKey: string | Uint8Array;
  /** True for a field that is a column of the object itself, which costs the upstream nothing (contract 3.3). */
  readonly isColumn: (kind: Kind, field: string) => boolean;
  /** True while a request of the caller itself is under way upstream. Absent: polls never step aside. */
  readonly isBusy?: (callerKey: string) => boolean;
  /** Hears of exceptions that a fetcher should not have thrown. */
  readonly onUnexpected?: (error: unknown) => void;
  readonly tuning?: Partial<Tuning>;
}

export type ProgressRequest = Omit<SubscribeRequest, 'kind' | 'filter' | 'after'> & { readonly volumeUuid: string };

/** List and watch over an API that can only be polled. */
export interface Live {
  /**
   * The present state, then every change, until the iterator is returned.
   * The iterator throws `LiveEnd` when the stream cannot go on.
   */
  subscribe(request: SubscribeRequest): AsyncIterableIterator<LiveEvent>;
  /** A volume until it is OK, ERRED or gone. Throws `LiveEnd` `not-found` for one that the caller cannot see. */
  restoreProgress(request: ProgressRequest): AsyncIterableIterator<LiveEvent>;
  /** To be read before a write is sent, and handed on with its `nudge`: tells answers from before the write from later ones. */
  mark(): number;
  /** The caller has written to an object: its watchers see it at once, or within a second. */
  nudge(callerKey: string, nudge: Nudge): void;
  /** Ends all streams and resolves when no call is under way. */
  close(): Promise<void>;
  stats(): LiveStats;
}

/** Composes the engine. It sets no timer and makes no call before somebody subscribes. */
export function createLive(options: LiveOptions): Live {
  const { clock, random, isBusy = () => false, onUnexpected = () => {} } = options;
  const tuning: Tuning = { ...DEFAULT_TUNING, ...options.tuning };
  let last = 0;
  const order = (): number => {
    last += 1;
    return last;
  };
  const hub = new InformerRegistry({
    clock,
    random,
    order,
    tuning,
    isBusy,
    onUnexpected,
    isColumn: options.isColumn,
    budget: new PollBudget(clock, tuning),
    counts: { pages: 0, states: 0, gets: 0 },
    signer: new CursorSigner(options.cursorKey),
  });
  return {
    subscribe: (request) => hub.subscribe(request),
    restoreProgress: ({ volumeUuid, ...request }) =>
      new Progress(hub.subscribe({ ...request, kind: 'volume', filter: { uuid: volumeUuid } })),
    mark: order,
    nudge: (callerKey, nudge) => hub.nudge(callerKey, nudge),
    close: () => hub.close(),
    stats: () => hub.stats(),
  };
}
