/** All intervals and limits of the engine, in milliseconds and counts. */
export interface Tuning {
  /** Rows a page; REST caps it at 300 (contract 3.5). */
  readonly pageSize: number;
  /** Times of rechecks after our own mutation of an object, counted from the mutation. */
  readonly burstMs: readonly number[];
  /** Rechecks within the same slot are due together, so that a bulk mutation becomes one list call. */
  readonly burstSlotMs: number;
  /** From this many rechecks due together on, one list call replaces them. */
  readonly burstTogether: number;
  /** Pause between polls until `hotForMs` after the last change of a transitional object. */
  readonly hotMs: number;
  readonly hotForMs: number;
  /** Pause between polls of the watcher: callers read a change only after it, and all of them in turn. */
  readonly watchMs: number;
  /** Pause between polls from then until `warmForMs` after that change. */
  readonly warmMs: number;
  readonly warmForMs: number;
  /** Pause between all other polls. Two calls at this pace are at most 12 a minute. */
  readonly idleMs: number;
  /** Pauses vary by this share in both directions. */
  readonly jitter: number;
  /** Up to this many objects each poll is a relist. In larger scopes the pages of relists are read in turn. */
  readonly tickRelistRows: number;
  /** Shortest pause between two pages that are read in turn. */
  readonly pageMs: number;
  /** Pause between pages while the number of objects differs from the one that Waldur states. */
  readonly hurryMs: number;
  /** Shortest duration of a relist whose pages are read in turn. */
  readonly relistMs: number;
  /** Up to this many objects of the rarer settled state are listed together with the transitional ones. */
  readonly rareRows: number;
  /** Where both settled states have more objects, those of one are counted this often in a quiet scope. */
  readonly countMs: number;
  /** Counts that twice led to no change are ignored for this long, then for twice as long, and so on. */
  readonly hintPauseMs: number;
  /** Relation fields of unchanged rows are requested again after this. */
  readonly relationsMs: number;
  /**
   * Share of the time that relists may take while nothing happens. Where relation fields cost more, they are requested less
   * often.
   */
  readonly relistShare: number;
  /** Longest interval of relation fields: one slow response must not delay them for hours. */
  readonly relationsMostMs: number;
  /** More missing rows than this cause a second relist before each is rechecked. */
  readonly vanishedTogether: number;
  /** Polling continues for this long after the last subscriber has left. */
  readonly lingerMs: number;
  /** Informers stay parked for this long, for subscribers that come back. */
  readonly retainMs: number;
  readonly retainInformers: number;
  readonly retainRows: number;
  readonly logEvents: number;
  readonly logMs: number;
  /** A quiet stream receives a BOOKMARK this often. */
  readonly bookmarkMs: number;
  /** Most deltas that may wait for a subscriber, or the size of the store if that is more. */
  readonly queueKeys: number;
  readonly slowReaderMs: number;
  /** Rows of an informer are compared with Waldur this often; 0: never. */
  readonly selfCheckMs: number;
  /** How long a difference may last that such a check finds. */
  readonly selfCheckConfirmMs: number;
  readonly selfCheckRows: number;
  readonly slowCheckMs: number;
  readonly backoffMs: { readonly least: number; readonly most: number };
  readonly retryAfterMostMs: number;
  /** Consecutive failed polls that make an informer stale. */
  readonly staleAfter: number;
  /** Time limit of a call; the fetcher's own deadline is shorter. */
  readonly callTimeoutMs: number;
  /** How often a poll checks whether the caller's own requests are done, and for how long it yields to them. */
  readonly asideStepMs: number;
  readonly asideMostMs: Readonly<Record<Urgency, number>>;
  /** Rate, burst and concurrency of poll calls, in total and for each caller. */
  readonly callsPerSecond: number;
  readonly callsBurst: number;
  readonly callsInFlight: number;
  readonly callerCallsPerSecond: number;
  readonly callerCallsBurst: number;
  readonly callerCallsInFlight: number;
  /** A poll that has waited this long takes turns with more urgent ones. */
  readonly starvedMs: number;
  /** Longest time from a change to its event, by urgency of the scope (docs/live.md). A later stream gets STALE. */
  readonly promiseMs: Readonly<Record<Urgency, number>>;
  /** After an outage polls continue within this time. */
  readonly resumeMs: number;
  /** While hints show changes, the whole scope is read this often. */
  readonly hintRelistMs: number;
  /** Largest share of the time that these reads may take; where they cost more, they are made less often. */
  readonly hintRelistShare: number;
  /** Objects that hints make an informer read; a hint beyond that causes a relist, at most one in `hintedRelistMs`. */
  readonly hintedReads: { readonly burst: number; readonly perSecond: number };
  readonly hintedRelistMs: number;
  /** An object is read again after this when a hint may have come before its change. */
  readonly hintAgainMs: number;
  /** Whether reads of the event log take the place of pages in large quiet scopes, so that a new name arrives much later. */
  readonly eventsReplacePages: boolean;
  /** Pause between reads of the event log of a project. */
  readonly eventsMs: number;
  /** The log is read for callers whose objects are in at most so many projects. */
  readonly eventsProjects: number;
  /** Each read of the log overlaps the one before by this, because events may become visible late. */
  readonly eventsOverlapMs: number;
  /** When the number of objects differs, what came or went is looked for in the newest entries that are at most so far apart. */
  readonly eventsLookMs: number;
  /** A log that was refused is tried again after this. */
  readonly eventsRefusedMs: number;
  /** The projects of a caller are read again after this. */
  readonly eventsProjectsMs: number;
  /** With several replicas: how long a lease lasts, and how often its holder renews it. */
  readonly leaseMs: number;
  readonly beatMs: number;
  /** So many beats of another leader that were expected and not heard, one after another, make a follower poll for itself. */
  readonly silentLooks: number;
  /** A leader saves a snapshot after so many entries. */
  readonly snapshotEntries: number;
  /** A follower repeats the fields that it needs once in so many beats. */
  readonly wantedBeats: number;
}

export type Urgency = 'hot' | 'warm' | 'idle';

export const DEFAULT_TUNING: Tuning = Object.freeze({
  pageSize: 300,
  burstMs: [500, 1_000, 2_000],
  burstSlotMs: 250,
  burstTogether: 5,
  hotMs: 2_000,
  hotForMs: 120_000,
  watchMs: 1_500,
  warmMs: 5_000,
  warmForMs: 240_000,
  idleMs: 10_600,
  jitter: 0.05,
  tickRelistRows: 600,
  pageMs: 3_500,
  hurryMs: 500,
  relistMs: 18_000,
  rareRows: 100,
  countMs: 17_000,
  hintPauseMs: 60_000,
  relationsMs: 60_000,
  relistShare: 0.045,
  relationsMostMs: 30 * 60_000,
  vanishedTogether: 20,
  lingerMs: 30_000,
  retainMs: 600_000,
  retainInformers: 200,
  retainRows: 20_000,
  logEvents: 1_000,
  logMs: 600_000,
  bookmarkMs: 45_000,
  queueKeys: 1_000,
  slowReaderMs: 30_000,
  selfCheckMs: 0,
  selfCheckConfirmMs: 60_000,
  selfCheckRows: 3,
  slowCheckMs: 5_000,
  backoffMs: { least: 1_000, most: 30_000 },
  retryAfterMostMs: 60_000,
  staleAfter: 2,
  callTimeoutMs: 30_000,
  asideStepMs: 50,
  asideMostMs: { hot: 300, warm: 1_000, idle: 2_000 },
  callsPerSecond: 200,
  callsBurst: 400,
  callsInFlight: 64,
  callerCallsPerSecond: 20,
  callerCallsBurst: 40,
  callerCallsInFlight: 1,
  starvedMs: 4_000,
  promiseMs: { hot: 2_500, warm: 12_000, idle: 12_000 },
  resumeMs: 2_000,
  hintRelistMs: 300_000,
  hintRelistShare: 0.003,
  hintedReads: { burst: 20, perSecond: 1 },
  hintedRelistMs: 60_000,
  hintAgainMs: 1_000,
  eventsReplacePages: false,
  eventsMs: 2_900,
  eventsProjects: 3,
  eventsOverlapMs: 4_000,
  eventsLookMs: 30_000,
  eventsRefusedMs: 3_600_000,
  eventsProjectsMs: 600_000,
  leaseMs: 6_000,
  beatMs: 2_000,
  silentLooks: 3,
  snapshotEntries: 400,
  wantedBeats: 30,
});
