import { TRANSITIONAL_STATES } from '../domain/states.ts';
import { Failures } from './failure.ts';
import type { Watched } from './informer-identity.ts';
import { PollClient, type PollerTools } from './poll-client.ts';
import { Rechecks } from './rechecks.ts';
import { Relist } from './relist.ts';
import { type Job, Schedule } from './schedule.ts';
import type { Look } from './store.ts';
import { type Failure, FetchError, type LiveRow } from './types.ts';
import { WakeableTimer } from './wakeable-timer.ts';

const FORBIDDEN = Symbol('forbidden');

type Work = Exclude<Job, { kind: 'wait' }>;

/** Polls for one cohort: one call at a time, what and when as the schedule says. */
export class Poller {
  readonly schedule: Schedule;
  readonly #tools: PollerTools;
  readonly #watched: Watched;
  readonly #upstream: PollClient;
  readonly #failures: Failures;
  readonly #alarm: WakeableTimer;
  #running: AbortController | null = null;
  #done: Promise<void> = Promise.resolve();

  constructor(watched: Watched, tools: PollerTools) {
    const { tuning, random, order, clock } = tools;
    const { objects, wanted, identity } = watched;
    this.#tools = tools;
    this.#watched = watched;
    this.#upstream = new PollClient(identity.callerKey, tools);
    this.#failures = new Failures(tuning, random);
    this.#alarm = new WakeableTimer(clock);
    this.schedule = new Schedule({
      looks: new Rechecks(tuning.burstSlotMs, tuning.burstTogether),
      tuning,
      random,
      now: clock.now(),
      around: {
        single: identity.scope.uuid,
        size: () => objects.size,
        moving: () => objects.transitional.size > 0,
        newSweep: (withRelations, again) => {
          wanted.prune(clock.now());
          const whole = withRelations || !wanted.hasRelations;
          const fields = whole ? wanted.all : wanted.columns;
          return new Relist({ begun: order(), fields, version: whole ? wanted.version : null, again });
        },
      },
    });
  }

  /** Time of the last good answer. */
  get answeredAt(): number {
    return this.#upstream.answeredAt;
  }

  /** What was sent may be out of date. */
  get stale(): boolean {
    return this.#failures.stale;
  }

  start(): void {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    this.schedule.restart(this.#tools.clock.now());
    const before = this.#done;
    this.#done = before.then(() => this.#loop(running.signal));
  }

  /** Stops polling and aborts the call under way. */
  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.#alarm.ring();
  }

  /** Resolves when nothing is under way after `stop`. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** The schedule was changed from outside: looks at it again. */
  wake(): void {
    this.#alarm.ring();
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const job = this.schedule.next(this.#tools.clock.now());
      if (job.kind === 'wait') {
        await this.#alarm.wait(job.until);
        continue;
      }
      const release = await this.#upstream.turn(job.urgency, signal);
      if (release === null) return;
      try {
        await this.#work(job, signal);
        this.#worked();
      } catch (error) {
        if (!signal.aborted) this.#failed(error, job);
      } finally {
        release();
      }
    }
  }

  #worked(): void {
    this.#failures.succeeded();
    const finished = this.schedule.takeFinished();
    if (finished) this.#watched.caughtUp(finished.version, this.#failures.recovered());
  }

  async #work(job: Work, signal: AbortSignal): Promise<void> {
    switch (job.kind) {
      case 'look':
        return this.#look(job.uuid, signal);
      case 'states':
        return this.#states(signal);
      case 'page':
        return this.#page(job.sweep, signal);
    }
  }

  async #look(uuid: string, signal: AbortSignal): Promise<void> {
    const { identity, wanted, objects } = this.#watched;
    const { scope, fetcher } = identity;
    const plan = { fields: wanted.all, version: wanted.version };
    const { answer, look } = await this.#upstream.ask('gets', plan, signal, async (during) => {
      try {
        return await fetcher.get(scope.filter, uuid, plan.fields, during);
      } catch (error) {
        // In a list, one object that may not be read is one that is not in scope; the list itself goes on.
        if (scope.uuid === null && error instanceof FetchError && error.failure.kind === 'forbidden') return FORBIDDEN;
        throw error;
      }
    });
    if (answer !== null && answer !== FORBIDDEN) {
      this.schedule.looks.settle(uuid);
      this.#apply(answer, look);
    } else {
      if (objects.has(uuid)) {
        const leftAs = answer === null && scope.filtered ? await this.#elsewhere(uuid, signal) : null;
        const step = objects.remove(uuid, look, leftAs?.state ?? null);
        if (step) this.#watched.stepped(step);
      }
      // Only now: if the second question failed, the look is still owed.
      this.schedule.looks.settle(uuid);
    }
    if (uuid !== scope.uuid) return;
    this.schedule.ticked(this.#tools.clock.now());
    this.schedule.finish(plan.version);
  }

  /** The object without the scope's filter: it may only have stopped matching. */
  async #elsewhere(uuid: string, signal: AbortSignal): Promise<LiveRow | null> {
    const plan = { fields: ['uuid', 'state'], version: null };
    const { answer } = await this.#upstream.ask('gets', plan, signal, (during) =>
      this.#watched.identity.fetcher.get({}, uuid, plan.fields, during),
    );
    return answer;
  }

  async #states(signal: AbortSignal): Promise<void> {
    const { identity, wanted, objects } = this.#watched;
    const { scope, fetcher } = identity;
    const version = wanted.hasRelations ? null : wanted.version;
    const plan = { fields: wanted.columns, version };
    const { answer, look } = await this.#upstream.ask('states', plan, signal, (during) =>
      fetcher.inStates(scope.filter, TRANSITIONAL_STATES, plan.fields, during),
    );
    const listed = new Set(answer.map(({ uuid }) => uuid));
    const left = [...objects.transitional].filter(
      (uuid) => !listed.has(uuid) && !objects.isSeenSince(uuid, look.begun),
    );
    for (const row of answer) this.#apply(row, look);
    for (const uuid of left) this.schedule.looks.unclearNow(uuid);
    this.schedule.ticked(this.#tools.clock.now());
  }

  async #page(sweep: Relist, signal: AbortSignal): Promise<void> {
    if (this.schedule.sweep !== sweep) return;
    const { identity, objects } = this.#watched;
    const { scope, fetcher } = identity;
    const { pageSize, vanishedTogether } = this.#tools.tuning;
    const { clock } = this.#tools;
    const askedAt = clock.now();
    const { answer, look } = await this.#upstream.ask('pages', sweep, signal, (during) =>
      fetcher.sweepPage(scope.filter, sweep.page, sweep.fields, during),
    );
    sweep.spentMs += clock.now() - askedAt;
    for (const row of answer?.rows ?? []) {
      sweep.met(row.uuid);
      this.#apply(row, look);
    }
    if (this.schedule.sweep !== sweep) return;
    const more = sweep.turn(answer, pageSize);
    this.schedule.paged(sweep, more, clock.now());
    if (more) return;
    const missing = [...objects.notSeenSince(sweep.begun)].filter((uuid) => !sweep.hasMet(uuid));
    if (missing.length > vanishedTogether && !sweep.again) {
      this.schedule.walkAgain(sweep);
      return;
    }
    for (const uuid of missing) this.schedule.looks.vanished(uuid);
    objects.forgetGone(sweep.begun);
    this.schedule.finish(sweep.version);
  }

  #apply(row: LiveRow, look: Look): void {
    const observation = this.#watched.objects.observe(row, look);
    if (observation === 'look') {
      this.schedule.looks.unclearNow(row.uuid);
      return;
    }
    this.schedule.looks.shown(row.uuid, look.version !== null);
    if (observation !== 'nothing') this.#watched.stepped(observation);
  }

  #failed(error: unknown, job: Work): void {
    const failure: Failure = error instanceof FetchError ? error.failure : { kind: 'unavailable' };
    if (!(error instanceof FetchError)) this.#tools.onUnexpected(error);
    const now = this.#tools.clock.now();
    if (job.kind === 'look' && job.uuid !== this.#watched.identity.scope.uuid) {
      // Perhaps only this object cannot be read: a poll of the scope tells, and asks for the object again if need be.
      this.schedule.looks.settle(job.uuid);
      this.schedule.tickNow(now);
    }
    switch (failure.kind) {
      case 'unauthenticated':
        this.#watched.unauthenticated();
        break;
      case 'forbidden':
        this.schedule.restart(now);
        this.schedule.block(now + this.#tools.tuning.idleMs);
        this.#watched.forbidden();
        break;
      case 'rate-limited':
      case 'unavailable': {
        const { waitMs, turnedStale } = this.#failures.failed(failure);
        this.schedule.block(now + waitMs);
        if (failure.kind === 'rate-limited') this.#tools.budget.pause(this.#watched.identity.callerKey, now + waitMs);
        if (!turnedStale) break;
        this.schedule.sweepNow();
        this.#watched.turnedStale();
      }
    }
  }
}
