import type { Rechecks } from './rechecks.ts';
import type { Relist } from './relist.ts';
import type { Tuning, Urgency } from './tuning.ts';
import type { Random } from './types.ts';

/** What a poller does next. Every kind but `wait` is one or two upstream calls. */
export type Job =
  | { readonly kind: 'recheck'; readonly uuid: string; readonly urgency: Urgency }
  | { readonly kind: 'states'; readonly urgency: Urgency }
  | { readonly kind: 'page'; readonly relist: Relist; readonly urgency: Urgency }
  | { readonly kind: 'wait'; readonly until: number };

/** What the schedule needs to know of its informer. */
export interface ScopeState {
  /** The uuid of a scope with a single object. */
  readonly single: string | null;
  /** Objects held. */
  size(): number;
  /** Whether any object is in a transitional state. */
  moving(): boolean;
  /** Makes a relist that starts now. */
  newRelist(withRelations: boolean, again: boolean): Relist;
}

const NEVER = Number.POSITIVE_INFINITY;
const LONG_AGO = Number.NEGATIVE_INFINITY;

/**
 * Decides when to poll and what. Pure: it makes no calls and sets no timers.
 *
 * The pace follows the state of the scope. Each tick is one call. A scope that fits on one page is relisted, which also shows what no
 * state filter would (renamed, unlinked, changed from OK to ERRED at once). For a larger scope a tick reads the transitional objects,
 * and a relist runs once a minute.
 */
export class Schedule {
  readonly rechecks: Rechecks;
  readonly #tuning: Tuning;
  readonly #random: Random;
  readonly #scope: ScopeState;
  #relist: Relist | null = null;
  #tickAt = NEVER;
  #relistAt = LONG_AGO;
  #relationsAt = LONG_AGO;
  /** Duration of the last relist without relation fields. */
  #columnsMs = 0;
  #blockedUntil = LONG_AGO;
  #changedAt = LONG_AGO;
  /** When something last changed, to detect stuck objects. */
  #movedAt: number;
  #loaded = false;
  #finished: { readonly version: number | null } | null = null;

  constructor(parts: { rechecks: Rechecks; tuning: Tuning; random: Random; scope: ScopeState; now: number }) {
    this.rechecks = parts.rechecks;
    this.#tuning = parts.tuning;
    this.#random = parts.random;
    this.#scope = parts.scope;
    this.#movedAt = parts.now;
  }

  /** The relist in progress. */
  get relist(): Relist | null {
    return this.#relist;
  }

  next(now: number): Job {
    if (now < this.#blockedUntil) return { kind: 'wait', until: this.#blockedUntil };
    if (this.rechecks.fallDue(now)) this.tickNow(now);
    if (this.rechecks.unclear > this.#maxRechecks()) {
      this.rechecks.leaveToRelist();
      this.relistNow();
    }
    const unclear = this.rechecks.first('unclear');
    if (unclear !== undefined) return { kind: 'recheck', uuid: unclear, urgency: 'hot' };
    if (now >= this.#tickAt) return this.#tick(now);
    return this.#walk(now);
  }

  /** How urgent polls of the scope are. */
  phase(now: number): Urgency {
    if (this.#scope.moving() && now - this.#movedAt < this.#tuning.stuckMs) return 'hot';
    return now - this.#changedAt < this.#tuning.warmForMs ? 'warm' : 'idle';
  }

  /** Something changed, so the pace may rise. */
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

  /** Starts a relist with relation fields as soon as calls are allowed. */
  relistNow(): void {
    if (this.#scope.single !== null && this.#loaded) this.#tickAt = LONG_AGO;
    this.#relist = null;
    this.#finished = null;
    this.#relistAt = LONG_AGO;
    this.#relationsAt = LONG_AGO;
  }

  /** Restarts after a time without polls: nothing counts as known until a relist is complete. */
  restart(now: number): void {
    this.rechecks.clear();
    this.relistNow();
    this.#loaded = false;
    this.#tickAt = NEVER;
    this.#blockedUntil = LONG_AGO;
    this.#movedAt = now;
  }

  /** No calls before `until`. */
  block(until: number): void {
    this.#blockedUntil = until;
  }

  /** A page was read; `more` is whether the relist continues. */
  paged(relist: Relist, more: boolean, now: number): void {
    if (more) {
      if (relist.notBefore !== null) relist.notBefore = now + this.#interval(now);
      return;
    }
    this.#relist = null;
    // Without relation fields every relist is whole, and none is delayed.
    if (relist.version === null) {
      this.#columnsMs = relist.spentMs;
    } else {
      this.#relationsAt = Math.max(this.#relationsAt, now + this.#pauseAfter(relist.spentMs));
    }
    const wasTick = this.#scope.size() <= this.#tuning.pageSize;
    if (!this.#loaded || wasTick || this.phase(now) !== 'hot') this.ticked(now);
  }

  /** Suspiciously many rows were missing: relists once more before concluding anything. */
  relistAgain(relist: Relist): void {
    this.#relist = this.#scope.newRelist(relist.version !== null, true);
  }

  /** The whole scope has been read. */
  finish(version: number | null): void {
    this.#loaded = true;
    this.#finished = { version };
  }

  /** Takes the version of the last complete read of the scope that left no recheck; null when there is none. */
  takeFinished(): { readonly version: number | null } | null {
    if (this.#finished === null || !this.rechecks.idle) return null;
    const finished = this.#finished;
    this.#finished = null;
    return finished;
  }

  /** How long to leave relation fields out after a relist with them took `spentMs`. */
  #pauseAfter(spentMs: number): number {
    const { relistShare, pageSize, idleMs, relistMs, relationsMostMs } = this.#tuning;
    // Columns are always requested. Relation fields get the share of time that is left, and cost what they add.
    const columnsEveryMs = this.#scope.size() <= pageSize ? idleMs : relistMs;
    const shareLeft = relistShare - this.#columnsMs / columnsEveryMs;
    const onTopMs = spentMs - this.#columnsMs;
    if (onTopMs <= 0) return 0;
    return shareLeft <= 0 ? relationsMostMs : Math.min(onTopMs / shareLeft, relationsMostMs);
  }

  /** More rechecks than this cost more than a relist. */
  #maxRechecks(): number {
    if (this.#scope.single !== null) return NEVER;
    return Math.max(4, 2 * Math.ceil(this.#scope.size() / this.#tuning.pageSize));
  }

  #tick(now: number): Job {
    const urgency = this.phase(now);
    if (this.#scope.single !== null) return { kind: 'recheck', uuid: this.#scope.single, urgency };
    const size = this.#scope.size();
    if (size <= this.#tuning.pageSize) return this.#page(this.#relist ?? this.#begin(now), urgency);
    if (urgency === 'hot' && size <= this.#tuning.hotRelistRows && this.#relist === null)
      this.#begin(now).notBefore = now;
    return { kind: 'states', urgency };
  }

  #walk(now: number): Job {
    const urgency = this.#loaded ? this.phase(now) : 'hot';
    if (this.#scope.single !== null) {
      if (this.#loaded) return { kind: 'wait', until: Math.min(this.#tickAt, this.rechecks.nextDue()) };
      return { kind: 'recheck', uuid: this.#scope.single, urgency };
    }
    const walkAt = this.#relist === null ? this.#relistAt : (this.#relist.notBefore ?? now);
    if (this.#relist !== null && now >= walkAt) return this.#page(this.#relist, urgency);
    const vanished = this.rechecks.first('vanished');
    if (vanished !== undefined) return { kind: 'recheck', uuid: vanished, urgency };
    if (now >= walkAt) return this.#page(this.#begin(now), urgency);
    return { kind: 'wait', until: Math.min(this.#tickAt, walkAt, this.rechecks.nextDue()) };
  }

  #page(relist: Relist, urgency: Urgency): Job {
    return { kind: 'page', relist, urgency };
  }

  #begin(now: number): Relist {
    const { relistMs, relationsMs } = this.#tuning;
    const withRelations = now >= this.#relationsAt;
    if (withRelations) this.#relationsAt = now + relationsMs;
    // Without jitter: sooner would put two relists into some minutes. Informers differ by their start.
    this.#relistAt = now + relistMs;
    this.#relist = this.#scope.newRelist(withRelations, false);
    return this.#relist;
  }

  #interval(now: number): number {
    const { hotMs, warmMs, idleMs, jitter } = this.#tuning;
    const pause = { hot: hotMs, warm: warmMs, idle: idleMs }[this.phase(now)];
    return pause * (1 + jitter * (2 * this.#random() - 1));
  }
}
