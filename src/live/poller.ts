import type { State } from '../domain/states.ts';
import { Failures } from './failure.ts';
import { Freshness } from './freshness.ts';
import { PollClient, type PollerTools } from './poll-client.ts';
import type { PollTarget } from './poll-target.ts';
import { Rechecks } from './rechecks.ts';
import { Relist } from './relist.ts';
import { type Job, type RelistPlan, Schedule } from './schedule.ts';
import type { Change, ReadStamp } from './store.ts';
import { type Cancel, type Failure, FetchError, type LiveRow } from './types.ts';
import { WakeableTimer } from './wakeable-timer.ts';

const FORBIDDEN = Symbol('forbidden');

type Work = Exclude<Job, { kind: 'wait' }>;

/** Polls for one informer: one call at a time, as the schedule decides. */
export class Poller {
  readonly schedule: Schedule;
  readonly #tools: PollerTools;
  readonly #target: PollTarget;
  readonly #client: PollClient;
  readonly #failures: Failures;
  readonly #freshness: Freshness;
  readonly #timer: WakeableTimer;
  #running: AbortController | null = null;
  #done: Promise<void> = Promise.resolve();
  /** Logical time at which the last complete read of the scope began. */
  #readBegun = 0;
  /** When the first page of the relist in progress was requested. */
  #relistBeganAt = 0;
  /** When the last read of the scope began, until its unclear objects have been rechecked. */
  #scopeReadAt: number | null = null;
  /** Events were sent for the job in progress. */
  #hasPublished = false;
  #cancelResume: Cancel | null = null;

  constructor(target: PollTarget, tools: PollerTools) {
    const { tuning, random, logicalNow, clock } = tools;
    const { store, fieldUnion, identity } = target;
    this.#tools = tools;
    this.#target = target;
    this.#client = new PollClient(identity.callerKey, tools);
    this.#failures = new Failures(tuning, random);
    // A watcher is late when its callers would be: if they all began to poll sooner, it would become later.
    this.#freshness = new Freshness({
      clock,
      promiseMs: identity.isWatcher ? { ...tuning.promiseMs, hot: tuning.promiseMs.idle } : tuning.promiseMs,
      onLate: () => {
        if (!this.#failures.stale) target.turnedStale();
      },
    });
    this.#timer = new WakeableTimer(clock);
    this.schedule = new Schedule({
      rechecks: new Rechecks(tuning.burstSlotMs, tuning.burstTogether),
      tuning,
      random,
      scope: {
        single: identity.scope.uuid,
        isAlwaysHot: identity.isWatcher,
        size: () => store.size,
        count: (state) => store.count(state),
        newRelist: ({ withRelations, ...plan }: RelistPlan) => {
          fieldUnion.prune(clock.now());
          const whole = withRelations || !fieldUnion.hasRelations;
          const fields = whole ? fieldUnion.all : fieldUnion.columns;
          return new Relist({ ...plan, begun: logicalNow(), fields, version: whole ? fieldUnion.version : null });
        },
      },
    });
  }

  /** Time of the last successful response. */
  get answeredAt(): number {
    return this.#client.answeredAt;
  }

  /** What subscribers received may be out of date. */
  get stale(): boolean {
    return this.#failures.stale || this.#freshness.isLate;
  }

  /** Waldur fails: queries would fail, too. */
  get failing(): boolean {
    return this.#failures.stale;
  }

  /** Whether it polls. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  start(): void {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    this.schedule.restart();
    const before = this.#done;
    this.#done = before.then(() => this.#loop(running.signal));
  }

  /** Stops polling and aborts the call in flight. */
  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.#freshness.stop();
    this.#scopeReadAt = null;
    this.#cancelResume?.();
    this.#timer.wake();
  }

  /** Resolves when no call is in flight after `stop`. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Reads the schedule again after a change from outside. */
  wake(): void {
    this.#timer.wake();
  }

  /** A source of hints has looked at everything, as a read of the scope would. @param begunAt when it began to. */
  vouched(begunAt: number): void {
    if (this.#running === null || this.#failures.stale) return;
    this.#scopeReadAt = Math.max(begunAt, this.#scopeReadAt ?? begunAt);
    // Otherwise the reads that the hints have caused complete it.
    if (this.#settleRead() && !this.stale) this.#target.caughtUp();
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#tools.clock.now();
      const job = this.schedule.next(now);
      if (this.schedule.takeDifference()) this.#target.differs();
      this.#freshness.expect(this.schedule.urgency(now));
      if (job.kind === 'wait') {
        await this.#wait(job.until, now);
        continue;
      }
      const release = await this.#client.turn(this.#target.identity.isWatcher ? 'watcher' : job.urgency, signal);
      if (release === null) return;
      try {
        const begunAt = this.#begunAt(job);
        await this.#work(job, signal);
        this.#worked(job, begunAt);
      } catch (error) {
        if (!signal.aborted) this.#failed(error, job);
      } finally {
        release();
      }
    }
  }

  /** Waits for the next job, or until a poll is due that keeps the promise. */
  async #wait(until: number, now: number): Promise<void> {
    const { pollBy } = this.#freshness;
    if (pollBy > now) return this.#timer.wait(Math.min(until, pollBy));
    this.#freshness.polled();
    this.schedule.tickNow(now);
  }

  /** When the read of the scope began that this job is part of. */
  #begunAt(job: Work): number {
    const now = this.#tools.clock.now();
    if (job.kind !== 'page') return now;
    if (job.relist.page === 1) this.#relistBeganAt = now;
    return this.#relistBeganAt;
  }

  #worked(job: Work, begunAt: number): void {
    this.#failures.succeeded();
    this.#cancelResume?.();
    const finished = this.schedule.takeFinished();
    const caughtUp = this.#updateFreshness(job, begunAt);
    const recovered = finished !== null && this.#failures.recovered();
    if (finished) this.#target.synced(finished.version, recovered, this.#readBegun);
    if (caughtUp && !recovered && !this.stale) this.#target.caughtUp();
    // Clients take any event after STALE as its end.
    if (this.stale && this.#hasPublished) this.#target.stillStale();
    this.#hasPublished = false;
  }

  /** @returns whether the scope was late before and is not any more. */
  #updateFreshness(job: Work, begunAt: number): boolean {
    if (this.#isScopeRead(job)) this.#scopeReadAt = Math.max(begunAt, this.#scopeReadAt ?? begunAt);
    return this.#settleRead();
  }

  /** @returns whether the scope was late before and is not any more. */
  #settleRead(): boolean {
    // Subscribers know what the read showed only when its unclear objects have been rechecked.
    if (this.#scopeReadAt === null || this.schedule.rechecks.unclear > 0) return false;
    const readAt = this.#scopeReadAt;
    this.#scopeReadAt = null;
    this.#target.scopeRead(readAt);
    return this.#freshness.read(readAt, this.schedule.urgency(this.#tools.clock.now()));
  }

  /** Whether this job, which succeeded, completed a read of the scope. */
  #isScopeRead(job: Work): boolean {
    if (job.kind === 'recheck') return job.uuid === this.#target.identity.scope.uuid;
    return job.kind !== 'page' || this.schedule.relist !== job.relist;
  }

  /** The upstream is available again: the next poll is soon, but not at the same moment as those of others. */
  #resume(blockedUntil: number): void {
    const { clock, random, tuning } = this.#tools;
    const at = clock.now() + random() * tuning.resumeMs;
    if (at >= blockedUntil) return;
    this.schedule.block(at);
    this.#timer.wake();
  }

  async #work(job: Work, signal: AbortSignal): Promise<void> {
    switch (job.kind) {
      case 'recheck':
        return this.#recheck(job.uuid, signal);
      case 'states':
        return this.#states(job.states, signal);
      case 'count':
        return this.#count(job.state, signal);
      case 'page':
        return this.#page(job.relist, signal);
    }
  }

  async #recheck(uuid: string, signal: AbortSignal): Promise<void> {
    const { identity, fieldUnion, store } = this.#target;
    const { scope, fetcher } = identity;
    const plan = { fields: fieldUnion.all, version: fieldUnion.version };
    const { answer, stamp } = await this.#client.ask('gets', plan, signal, async (during) => {
      try {
        return await fetcher.get(scope.filter, uuid, plan.fields, during);
      } catch (error) {
        // In a list, a forbidden object is one outside the scope; the list itself continues.
        if (scope.uuid === null && error instanceof FetchError && error.failure.kind === 'forbidden') return FORBIDDEN;
        throw error;
      }
    });
    if (answer !== null && answer !== FORBIDDEN) {
      this.schedule.rechecks.settle(uuid);
      this.#apply(answer, stamp);
    } else {
      if (store.has(uuid)) {
        const leftAs = answer === null && scope.filtered ? await this.#elsewhere(uuid, signal) : null;
        const change = store.remove(uuid, stamp, leftAs?.state ?? null);
        if (change) this.#changed(change);
      }
      // Only now: if the second call failed, the recheck is still due.
      this.schedule.rechecks.settle(uuid);
    }
    if (uuid !== scope.uuid) return;
    this.schedule.ticked(this.#tools.clock.now());
    this.#readBegun = stamp.begun;
    this.schedule.finish(plan.version);
  }

  /** Reads the object without the filter of the scope: it may only have stopped matching. */
  async #elsewhere(uuid: string, signal: AbortSignal): Promise<LiveRow | null> {
    const plan = { fields: ['uuid', 'state'], version: null };
    const { answer } = await this.#client.ask('gets', plan, signal, (during) =>
      this.#target.identity.fetcher.get({}, uuid, plan.fields, during),
    );
    return answer;
  }

  async #states(states: readonly State[], signal: AbortSignal): Promise<void> {
    const { identity, fieldUnion, store } = this.#target;
    const { scope, fetcher } = identity;
    const version = fieldUnion.hasRelations ? null : fieldUnion.version;
    const plan = { fields: fieldUnion.columns, version };
    const { answer, stamp } = await this.#client.ask(
      'states',
      plan,
      signal,
      (during) => fetcher.inStates(scope.filter, states, plan.fields, during),
      (rows) => rows.length,
    );
    const listed = new Set(answer.map(({ uuid }) => uuid));
    const left = [...store.inStates(states)].filter(
      (uuid) => !listed.has(uuid) && !store.isSeenSince(uuid, stamp.begun),
    );
    for (const row of answer) this.#apply(row, stamp);
    for (const uuid of left) this.schedule.rechecks.unclearNow(uuid);
    this.schedule.ticked(this.#tools.clock.now());
  }

  async #count(state: State, signal: AbortSignal): Promise<void> {
    const { scope, fetcher } = this.#target.identity;
    const plan = { fields: [], version: null };
    const { answer } = await this.#client.ask('states', plan, signal, (during) =>
      fetcher.count(scope.filter, [state], during),
    );
    this.schedule.counted(answer, this.#tools.clock.now());
  }

  async #page(relist: Relist, signal: AbortSignal): Promise<void> {
    if (this.schedule.relist !== relist) return;
    const { identity, store } = this.#target;
    const { scope, fetcher } = identity;
    const { pageSize, vanishedTogether } = this.#tools.tuning;
    const { clock } = this.#tools;
    const askedAt = clock.now();
    const { answer, stamp } = await this.#client.ask(
      'pages',
      relist,
      signal,
      (during) => fetcher.listPage(scope.filter, relist.page, relist.fields, during),
      (page) => page?.rows.length ?? 0,
    );
    relist.spentMs += clock.now() - askedAt;
    for (const row of answer?.rows ?? []) {
      relist.met(row.uuid);
      this.#apply(row, stamp);
    }
    if (this.schedule.relist !== relist) return;
    const more = relist.turn(answer, pageSize);
    this.schedule.paged(relist, more, answer?.total, clock.now());
    const span = relist.covered(answer?.rows ?? [], more);
    const skipped = span === null ? [] : [...store.notSeenWithin(span, stamp.begun)];
    // Many at once: pages have shifted, or the response is wrong. The whole relist decides.
    if (skipped.length <= vanishedTogether) for (const uuid of skipped) this.schedule.rechecks.vanished(uuid);
    if (more) return;
    const missing = [...store.notSeenSince(relist.begun)].filter((uuid) => !relist.hasMet(uuid));
    if (missing.length > vanishedTogether && !relist.again) {
      this.schedule.relistAgain(relist);
      return;
    }
    for (const uuid of missing) this.schedule.rechecks.vanished(uuid);
    store.forgetGone(relist.begun);
    this.#readBegun = relist.begun;
    this.schedule.finish(relist.version);
  }

  #apply(row: LiveRow, stamp: ReadStamp): void {
    const observation = this.#target.store.observe(row, stamp);
    if (observation === 'recheck') {
      this.schedule.rechecks.unclearNow(row.uuid);
      return;
    }
    this.schedule.rechecks.shown(row.uuid, stamp.version !== null);
    if (observation !== 'nothing') this.#changed(observation);
  }

  #changed(change: Change): void {
    this.#hasPublished = true;
    this.#target.changed(change);
  }

  #failed(error: unknown, job: Work): void {
    const failure: Failure = error instanceof FetchError ? error.failure : { kind: 'unavailable' };
    if (!(error instanceof FetchError)) this.#tools.onUnexpected(error);
    const now = this.#tools.clock.now();
    if (job.kind === 'recheck' && job.uuid !== this.#target.identity.scope.uuid) {
      // Perhaps only this object is unreadable: a poll of the scope decides, and rechecks it if needed. One that was missing has not
      // changed as far as anybody knows, so that poll is the next regular one.
      if (this.schedule.rechecks.settle(job.uuid) === 'unclear') this.schedule.tickNow(now);
    }
    switch (failure.kind) {
      case 'unauthenticated':
        this.#target.unauthenticated();
        break;
      case 'forbidden':
        this.schedule.restart();
        this.schedule.block(now + this.#tools.tuning.idleMs);
        this.#freshness.stop();
        this.#target.forbidden();
        break;
      case 'rate-limited':
      case 'unavailable': {
        const { waitMs, turnedStale } = this.#failures.failed(failure);
        this.schedule.block(now + waitMs);
        this.#cancelResume?.();
        if (failure.kind === 'rate-limited') this.#tools.budget.pause(this.#target.identity.callerKey, now + waitMs);
        else this.#cancelResume = this.#tools.recovery.failed(() => this.#resume(now + waitMs));
        if (!turnedStale) break;
        this.schedule.relistNow();
        if (!this.#freshness.isLate) this.#target.turnedStale();
      }
    }
  }
}
