import type { Rechecks } from './rechecks.ts';
import type { Relist } from './relist.ts';
import type { Tuning, Urgency } from './tuning.ts';
import type { Random } from './types.ts';

/** What a poller does next. Everything but `wait` is one upstream call, or two. */
export type Job =
  | { readonly kind: 'look'; readonly uuid: string; readonly urgency: Urgency }
  | { readonly kind: 'states'; readonly urgency: Urgency }
  | { readonly kind: 'page'; readonly sweep: Relist; readonly urgency: Urgency }
  | { readonly kind: 'wait'; readonly until: number };

/** What the schedule must know of the cohort. */
export interface Surroundings {
  /** The one object of the scope, when it has just one. */
  readonly single: string | null;
  /** Objects held. */
  size(): number;
  /** Anything is in a transitional state. */
  moving(): boolean;
  /** Makes a sweep that begins now. */
  newSweep(withRelations: boolean, again: boolean): Relist;
}

const NEVER = Number.POSITIVE_INFINITY;
const LONG_AGO = Number.NEGATIVE_INFINITY;

/**
 * When to poll, and what. Pure: it makes no calls and sets no timers.
 *
 * Polling follows the state of the scope. Each tick is one call: a scope that fits on one page is swept whole, which also shows
 * what no state filter would (renamed, unlinked, gone straight from OK to ERRED); a larger one is asked for its transitional
 * objects and swept once a minute.
 */
export class Schedule {
  readonly looks: Rechecks;
  readonly #tuning: Tuning;
  readonly #random: Random;
  readonly #around: Surroundings;
  #sweep: Relist | null = null;
  #tickAt = NEVER;
  #sweepAt = LONG_AGO;
  #relationsAt = LONG_AGO;
  /** What the last sweep without relation fields took. */
  #columnsMs = 0;
  #blockedUntil = LONG_AGO;
  #changedAt = LONG_AGO;
  /** Since when nothing has moved, for objects that are stuck. */
  #movedAt: number;
  #loaded = false;
  #finished: { readonly version: number | null } | null = null;

  constructor(parts: { looks: Rechecks; tuning: Tuning; random: Random; around: Surroundings; now: number }) {
    this.looks = parts.looks;
    this.#tuning = parts.tuning;
    this.#random = parts.random;
    this.#around = parts.around;
    this.#movedAt = parts.now;
  }

  /** The sweep under way. */
  get sweep(): Relist | null {
    return this.#sweep;
  }

  next(now: number): Job {
    if (now < this.#blockedUntil) return { kind: 'wait', until: this.#blockedUntil };
    if (this.looks.fallDue(now)) this.tickNow(now);
    if (this.looks.unclear > this.#fewLooks()) {
      this.looks.leaveToSweep();
      this.sweepNow();
    }
    const unclear = this.looks.first('unclear');
    if (unclear !== undefined) return { kind: 'look', uuid: unclear, urgency: 'hot' };
    if (now >= this.#tickAt) return this.#tick(now);
    return this.#walk(now);
  }

  /** How busy the scope is. */
  phase(now: number): Urgency {
    if (this.#around.moving() && now - this.#movedAt < this.#tuning.stuckMs) return 'hot';
    return now - this.#changedAt < this.#tuning.warmForMs ? 'warm' : 'idle';
  }

  /** Something changed: the pace may quicken. */
  changed(now: number): void {
    this.#changedAt = now;
    this.#movedAt = now;
    if (this.#loaded) this.#tickAt = Math.min(this.#tickAt, now + this.#interval(now));
  }

  tickNow(now: number): void {
    if (this.#loaded) this.#tickAt = now;
  }

  ticked(now: number): void {
    this.#tickAt = now + this.#interval(now);
  }

  /** Reads the whole scope from its beginning, with relation fields, as soon as calls may go. */
  sweepNow(): void {
    if (this.#around.single !== null && this.#loaded) this.#tickAt = LONG_AGO;
    this.#sweep = null;
    this.#finished = null;
    this.#sweepAt = LONG_AGO;
    this.#relationsAt = LONG_AGO;
  }

  /** Begins anew after a time without polls: nothing counts as known until a whole sweep is done. */
  restart(now: number): void {
    this.looks.clear();
    this.sweepNow();
    this.#loaded = false;
    this.#tickAt = NEVER;
    this.#blockedUntil = LONG_AGO;
    this.#movedAt = now;
  }

  /** No calls before `until`. */
  block(until: number): void {
    this.#blockedUntil = until;
  }

  /** A page was read; `more` tells whether the sweep goes on. */
  paged(sweep: Relist, more: boolean, now: number): void {
    if (more) {
      if (sweep.notBefore !== null) sweep.notBefore = now + this.#interval(now);
      return;
    }
    this.#sweep = null;
    // Without relations in the scope every sweep is whole, and none is put off.
    if (sweep.version === null) {
      this.#columnsMs = sweep.spentMs;
    } else {
      this.#relationsAt = Math.max(this.#relationsAt, now + this.#pauseAfter(sweep.spentMs));
    }
    const wasTick = this.#around.size() <= this.#tuning.pageSize;
    if (!this.#loaded || wasTick || this.phase(now) !== 'hot') this.ticked(now);
  }

  /** Suspiciously much was missing: walks once more before anything is concluded. */
  walkAgain(sweep: Relist): void {
    this.#sweep = this.#around.newSweep(sweep.version !== null, true);
  }

  /** The whole scope has been read. */
  finish(version: number | null): void {
    this.#loaded = true;
    this.#finished = { version };
  }

  /** The version of a look at the whole scope that ended and left no question, once; null: there is none. */
  takeFinished(): { readonly version: number | null } | null {
    if (this.#finished === null || !this.looks.idle) return null;
    const finished = this.#finished;
    this.#finished = null;
    return finished;
  }

  /** How long relation fields are not asked for, after a sweep with them that took so long. */
  #pauseAfter(spentMs: number): number {
    const { sweepsShare, pageSize, idleMs, sweepMs, relationsMostMs } = this.#tuning;
    // The columns are asked for anyway, and are never put off: relations have what they leave, and cost what comes on top.
    const columnsEveryMs = this.#around.size() <= pageSize ? idleMs : sweepMs;
    const shareLeft = sweepsShare - this.#columnsMs / columnsEveryMs;
    const onTopMs = spentMs - this.#columnsMs;
    if (onTopMs <= 0) return 0;
    return shareLeft <= 0 ? relationsMostMs : Math.min(onTopMs / shareLeft, relationsMostMs);
  }

  /** More single looks than this cost more than a sweep. */
  #fewLooks(): number {
    if (this.#around.single !== null) return NEVER;
    return Math.max(4, 2 * Math.ceil(this.#around.size() / this.#tuning.pageSize));
  }

  #tick(now: number): Job {
    const urgency = this.phase(now);
    if (this.#around.single !== null) return { kind: 'look', uuid: this.#around.single, urgency };
    const size = this.#around.size();
    if (size <= this.#tuning.pageSize) return this.#page(this.#sweep ?? this.#begin(now), urgency);
    if (urgency === 'hot' && size <= this.#tuning.hotSweepRows && this.#sweep === null)
      this.#begin(now).notBefore = now;
    return { kind: 'states', urgency };
  }

  #walk(now: number): Job {
    const urgency = this.#loaded ? this.phase(now) : 'hot';
    if (this.#around.single !== null) {
      if (this.#loaded) return { kind: 'wait', until: Math.min(this.#tickAt, this.looks.nextDue()) };
      return { kind: 'look', uuid: this.#around.single, urgency };
    }
    const walkAt = this.#sweep === null ? this.#sweepAt : (this.#sweep.notBefore ?? now);
    if (this.#sweep !== null && now >= walkAt) return this.#page(this.#sweep, urgency);
    const vanished = this.looks.first('vanished');
    if (vanished !== undefined) return { kind: 'look', uuid: vanished, urgency };
    if (now >= walkAt) return this.#page(this.#begin(now), urgency);
    return { kind: 'wait', until: Math.min(this.#tickAt, walkAt, this.looks.nextDue()) };
  }

  #page(sweep: Relist, urgency: Urgency): Job {
    return { kind: 'page', sweep, urgency };
  }

  #begin(now: number): Relist {
    const { sweepMs, relationsMs } = this.#tuning;
    const withRelations = now >= this.#relationsAt;
    if (withRelations) this.#relationsAt = now + relationsMs;
    // To the millisecond: sooner would put two sweeps into some minutes. Cohorts differ by when they began.
    this.#sweepAt = now + sweepMs;
    this.#sweep = this.#around.newSweep(withRelations, false);
    return this.#sweep;
  }

  #interval(now: number): number {
    const { hotMs, warmMs, idleMs, jitter } = this.#tuning;
    const pause = { hot: hotMs, warm: warmMs, idle: idleMs }[this.phase(now)];
    return pause * (1 + jitter * (2 * this.#random() - 1));
  }
}
