/** Every pace and bound of the engine, in milliseconds and counts. */
export interface Tuning {
  /** Rows a page; REST caps it at 300 (contract 3.5). */
  readonly pageSize: number;
  /** Looks at an object after our own mutation of it, counted from the mutation. */
  readonly burstMs: readonly number[];
  /** Looks due within the same slot count as due together, so that a bulk mutation becomes one list call. */
  readonly burstSlotMs: number;
  /** So many objects with a look due together, or more, are looked at by one list call. */
  readonly burstTogether: number;
  /** Pause between polls while anything in the scope is transitional. */
  readonly hotMs: number;
  /** Pause between polls for `warmForMs` after a change. */
  readonly warmMs: number;
  readonly warmForMs: number;
  readonly idleMs: number;
  /** Pauses vary by this share in both directions. */
  readonly jitter: number;
  /** A sweep begins at least so often. */
  readonly sweepMs: number;
  /** While hot, scopes up to this size also walk one page of a sweep each tick. */
  readonly hotSweepRows: number;
  /** A cohort whose transitional objects have not moved for so long is no longer hot: nothing rescues them (contract 2.8). */
  readonly stuckMs: number;
  /** Relation fields of unchanged rows are asked for again after this. */
  readonly relationsMs: number;
  /**
   * While nothing happens, sweeps may take this share of the time, those that ask for relation fields included: where rows are many
   * or dear, they ask for them less often.
   */
  readonly sweepsShare: number;
  /** But never less often than this, whatever it costs: one slow answer must not put them off for hours. */
  readonly relationsMostMs: number;
  /** More vanished rows than this are looked for by a second sweep before each is confirmed. */
  readonly vanishedTogether: number;
  /** Polling goes on so long after the last subscriber left. */
  readonly lingerMs: number;
  /** What was known is kept so long after polling stopped, for readers who come back. */
  readonly retainMs: number;
  readonly retainCohorts: number;
  readonly retainRows: number;
  readonly logEvents: number;
  readonly logMs: number;
  /** A quiet stream gets a BOOKMARK this often. */
  readonly bookmarkMs: number;
  /** A reader may have this many objects waiting, or as many as its cohort holds if that is more. */
  readonly queueKeys: number;
  readonly slowReaderMs: number;
  readonly slowCheckMs: number;
  readonly backoffMs: { readonly least: number; readonly most: number };
  readonly retryAfterMostMs: number;
  /** Failed polls in a row that make a stream STALE. */
  readonly staleAfter: number;
  /** A call that has not come back by then counts as failed; the fetcher's own deadline is shorter. */
  readonly callTimeoutMs: number;
  /** How often a poll looks whether the caller's own request is over, and for how long it lets it go first. */
  readonly asideStepMs: number;
  readonly asideMostMs: Readonly<Record<Urgency, number>>;
  /** Poll calls a second and at once, over all callers and for each. */
  readonly callsPerSecond: number;
  readonly callsBurst: number;
  readonly callsInFlight: number;
  readonly callerCallsPerSecond: number;
  readonly callerCallsBurst: number;
  readonly callerCallsInFlight: number;
  /** A poll that has waited so long for its turn goes ahead of more urgent ones. */
  readonly starvedMs: number;
}

export type Urgency = 'hot' | 'warm' | 'idle';

export const DEFAULT_TUNING: Tuning = Object.freeze({
  pageSize: 300,
  burstMs: [500, 1_000, 2_000],
  burstSlotMs: 250,
  burstTogether: 5,
  hotMs: 1_100,
  warmMs: 4_000,
  warmForMs: 120_000,
  idleMs: 10_000,
  jitter: 0.15,
  sweepMs: 60_000,
  hotSweepRows: 600,
  stuckMs: 30 * 60_000,
  relationsMs: 60_000,
  sweepsShare: 0.045,
  relationsMostMs: 30 * 60_000,
  vanishedTogether: 20,
  lingerMs: 30_000,
  retainMs: 600_000,
  retainCohorts: 200,
  retainRows: 20_000,
  logEvents: 1_000,
  logMs: 600_000,
  bookmarkMs: 45_000,
  queueKeys: 1_000,
  slowReaderMs: 30_000,
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
  callerCallsInFlight: 2,
  starvedMs: 30_000,
});
