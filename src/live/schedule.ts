import { type State, TRANSITIONAL_STATES } from '../domain/states.ts';
import { CountHint } from './count-hint.ts';
import { Heat } from './heat.ts';
import type { Coverage } from './hints.ts';
import type { Rechecks } from './rechecks.ts';
import type { Relist } from './relist.ts';
import type { Tuning, Urgency } from './tuning.ts';
import type { Random } from './types.ts';

/** What a poller does next. Every kind but `wait` is one or two upstream calls. */
export type Job =
  | { readonly kind: 'recheck'; readonly uuid: string; readonly urgency: Urgency }
  | { readonly kind: 'states'; readonly states: readonly State[]; readonly urgency: Urgency }
  | { readonly kind: 'count'; readonly state: State; readonly urgency: Urgency }
  | { readonly kind: 'page'; readonly relist: Relist; readonly urgency: Urgency }
  | { readonly kind: 'wait'; readonly until: number };

/** What the schedule needs to know of its informer. */
export interface ScopeState {
  /** The uuid of a scope with a single object. */
  readonly single: string | null;
  /** Of the watcher: ticks are always as fast as while objects move. */
  readonly isAlwaysHot: boolean;
  /** Objects held. */
  size(): number;
  /** Objects held in a state. */
  count(state: State): number;
  /** Makes a relist that starts now. */
  newRelist(plan: RelistPlan): Relist;
}

export interface RelistPlan {
  readonly withRelations: boolean;
  /** The pages are read one right after the other. */
  readonly atOnce: boolean;
  /** The second pass, because suspiciously many rows were missing in the first. */
  readonly again: boolean;
}

const NEVER = Number.POSITIVE_INFINITY;
const LONG_AGO = Number.NEGATIVE_INFINITY;

/** Factor of the pause between pages after some were read before their turn. */
const LONGER_TURN = 1.5;
/** Calls with which the event log leads to an object: the log, and the object twice. They are made up for like pages. */
const LOOK_CALLS = 3;

/** The settled state whose objects are counted where both settled states have too many to be listed. */
const COUNTED: State = 'ERRED';

/**
 * Decides when to poll and what. Pure: it makes no calls and sets no timers.
 *
 * The interval between ticks follows the object that moved last (`Heat`). In a scope of at most `tickRelistRows` objects a tick is a relist,
 * which shows every change. In a larger one a tick lists the transitional objects and those of the rarer settled state, one call, and the
 * pages of the relist are read in turn, one at a time. While the number of objects differs from the one that Waldur states, they are
 * read in quick succession.
 */
export class Schedule {
  readonly rechecks: Rechecks;
  /** When transitional objects last changed. */
  readonly heat: Heat;
  readonly #tuning: Tuning;
  readonly #random: Random;
  readonly #scope: ScopeState;
  readonly #length: CountHint;
  readonly #counted: CountHint;
  #relist: Relist | null = null;
  /** A relist that reads its pages at once is due. */
  #relistDue = true;
  #tickAt = NEVER;
  /** When the next page that is read in turn is due. */
  #pageAt = LONG_AGO;
  /** When the last page was read. */
  #readAt = LONG_AGO;
  /** Pages that were read before their turn, and calls that took their place, that are not made up for. */
  #ahead = 0;
  #countAt = LONG_AGO;
  /** The difference in the number of objects that the event log was last read for, and when it may be read for another. */
  #lookedFor = 0;
  #lookAt = LONG_AGO;
  #isDifferent = false;
  #relationsAt = LONG_AGO;
  /** What hints show, so that it needs no polls. */
  #coverage: Coverage = 'none';
  /** Duration of the last relist without relation fields. */
  #columnsMs = 0;
  /** Duration of the last relist. */
  #relistTookMs = 0;
  #blockedUntil = LONG_AGO;
  #loaded = false;
  #finished: { readonly version: number | null } | null = null;

  constructor(parts: { rechecks: Rechecks; tuning: Tuning; random: Random; scope: ScopeState }) {
    this.rechecks = parts.rechecks;
    this.heat = new Heat(parts.tuning, parts.scope.isAlwaysHot);
    this.#tuning = parts.tuning;
    this.#random = parts.random;
    this.#scope = parts.scope;
    this.#length = new CountHint(parts.tuning.hintPauseMs);
    this.#counted = new CountHint(parts.tuning.hintPauseMs);
  }

  /**
   * How urgent polls are. Where hints show every change, the objects may move without any.
   */
  urgency(now: number): Urgency {
    return this.#coverage === 'all' ? 'idle' : this.heat.urgency(now);
  }

  /** Hints show so much from now on. @returns whether that is new. */
  cover(coverage: Coverage, now: number): boolean {
    if (coverage === this.#coverage) return false;
    this.#coverage = coverage;
    // Spread, because the informers of all callers may be covered at the same moment.
    if (this.#loaded) this.#tickAt = now + this.#interval(now) * (coverage === 'none' ? 1 : this.#random());
    if (this.#pageAt > now) this.#pageAt = now + this.#random() * this.#pagePause();
    return true;
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

  /** Something changed, so the pace may rise. */
  changed(now: number): void {
    if (this.#loaded) this.#tickAt = Math.min(this.#tickAt, now + this.#interval(now));
  }

  tickNow(now: number): void {
    if (this.#loaded) this.#tickAt = now;
  }

  ticked(now: number): void {
    this.#tickAt = now + this.#interval(now);
  }

  /** The objects of the state that is counted were counted; undefined when the response did not state the number. */
  counted(total: number | undefined, now: number): void {
    this.#counted.note(total);
    // In a quiet scope counts and lists of states take turns. While something moves, its tick follows the count at once.
    this.#countAt = now + 0.75 * this.#tuning.countMs;
    if (this.heat.urgency(now) === 'idle') this.ticked(now);
  }

  /** Starts a relist with relation fields as soon as calls are allowed. */
  relistNow(): void {
    if (this.#scope.single !== null && this.#loaded) this.#tickAt = LONG_AGO;
    this.#relist = null;
    this.#finished = null;
    this.#relistDue = true;
    this.#relationsAt = LONG_AGO;
  }

  /** Restarts after a time without polls: nothing counts as known until a relist is complete. */
  restart(): void {
    this.rechecks.clear();
    this.relistNow();
    this.#loaded = false;
    this.#tickAt = NEVER;
    this.#blockedUntil = LONG_AGO;
  }

  /** No calls before `until`. */
  block(until: number): void {
    this.#blockedUntil = until;
  }

  /**
   * A page was read.
   * @param more whether the relist continues.
   * @param total length of the whole list as the response states it, if it does.
   */
  paged(relist: Relist, more: boolean, total: number | undefined, now: number): void {
    this.#length.note(total);
    this.#length.pageRead();
    this.#counted.pageRead();
    this.#readAt = now;
    this.#setPageAt(now, relist.atOnce);
    if (more) return;
    this.#relist = null;
    this.#relistTookMs = relist.spentMs;
    // Without relation fields every relist is whole, and none is delayed.
    if (relist.version === null) {
      this.#columnsMs = relist.spentMs;
    } else {
      this.#relationsAt = Math.max(this.#relationsAt, now + this.#pauseAfter(relist.spentMs));
    }
    if (!this.#loaded || this.#isTickRelist()) this.ticked(now);
  }

  /** Suspiciously many rows were missing: relists once more before concluding anything. */
  relistAgain(relist: Relist): void {
    this.#relist = this.#scope.newRelist({ withRelations: relist.version !== null, atOnce: true, again: true });
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

  /** Whether the event log may name what came or went: true once for each difference in the number of objects. */
  takeDifference(): boolean {
    const isDifferent = this.#isDifferent;
    this.#isDifferent = false;
    return isDifferent;
  }

  /** How long to leave relation fields out after a relist with them took `spentMs`. */
  #pauseAfter(spentMs: number): number {
    const { relistShare, idleMs, relationsMostMs } = this.#tuning;
    // Columns are always requested. Relation fields get the share of time that is left, and cost what they add.
    const columnsEveryMs = this.#isTickRelist() ? idleMs : this.#pages() * this.#pagePause();
    const shareLeft = relistShare - this.#columnsMs / columnsEveryMs;
    const onTopMs = spentMs - this.#columnsMs;
    if (onTopMs <= 0) return 0;
    return shareLeft <= 0 ? relationsMostMs : Math.min(onTopMs / shareLeft, relationsMostMs);
  }

  #pages(): number {
    return Math.max(1, Math.ceil(this.#scope.size() / this.#tuning.pageSize));
  }

  #isTickRelist(): boolean {
    return this.#scope.size() <= this.#tuning.tickRelistRows;
  }

  /** Time between two complete reads of the scope while hints show its changes. */
  #hintedRelistMs(): number {
    const { hintRelistMs, hintRelistShare } = this.#tuning;
    return Math.max(hintRelistMs, this.#relistTookMs / hintRelistShare);
  }

  /** Time between two pages that are read in turn. */
  #pagePause(): number {
    const { pageMs, relistMs } = this.#tuning;
    return Math.max(pageMs, (this.#coverage === 'none' ? relistMs : this.#hintedRelistMs()) / this.#pages());
  }

  /** Pages that a hint brought forward are made up for by longer pauses, so that changes do not raise the number of calls for long. */
  #setPageAt(now: number, atOnce: boolean): void {
    if (now >= this.#pageAt) this.#ahead = Math.max(0, this.#ahead - (LONGER_TURN - 1));
    else if (!atOnce) this.#ahead = Math.min(this.#ahead + 1, this.#pages());
    const pause = this.#pagePause() * (this.#ahead > 0 ? LONGER_TURN : 1);
    // Counted from when the page was due, so that slow responses do not make a relist longer.
    const wasInTurn = this.#pageAt <= now && now < this.#pageAt + pause;
    this.#pageAt = (wasInTurn ? this.#pageAt : now) + pause;
  }

  /** More rechecks than this cost more than a relist. */
  #maxRechecks(): number {
    return this.#scope.single === null ? Math.max(4, 2 * this.#pages()) : NEVER;
  }

  #tick(now: number): Job {
    const urgency = this.urgency(now);
    if (this.#scope.single !== null) return { kind: 'recheck', uuid: this.#scope.single, urgency };
    if (this.#isTickRelist()) return this.#page(this.#relist ?? this.#begin(now), urgency);
    const rare = this.#rareState();
    if (rare === null && now >= this.#countAt) return { kind: 'count', state: COUNTED, urgency };
    return { kind: 'states', states: rare === null ? TRANSITIONAL_STATES : [...TRANSITIONAL_STATES, rare], urgency };
  }

  /** The settled state with fewer objects; null when they are too many to be listed at each tick. */
  #rareState(): State | null {
    const [ok, erred] = [this.#scope.count('OK'), this.#scope.count('ERRED')];
    if (Math.min(ok, erred) > this.#tuning.rareRows) return null;
    return ok < erred ? 'OK' : 'ERRED';
  }

  /** Whether counts take turns with lists of states. */
  #isCounted(): boolean {
    return this.#scope.single === null && !this.#isTickRelist() && this.#rareState() === null;
  }

  #walk(now: number): Job {
    const urgency = this.#loaded ? this.urgency(now) : 'hot';
    if (this.#scope.single !== null) {
      if (this.#loaded) return { kind: 'wait', until: Math.min(this.#tickAt, this.rechecks.nextDue()) };
      return { kind: 'recheck', uuid: this.#scope.single, urgency };
    }
    const vanished = this.rechecks.first('vanished');
    if (vanished !== undefined) return { kind: 'recheck', uuid: vanished, urgency };
    const pageAt = this.#nextPageAt(now);
    if (now >= pageAt) return this.#page(this.#relist ?? this.#begin(now), urgency);
    return { kind: 'wait', until: Math.min(this.#tickAt, pageAt, this.rechecks.nextDue()) };
  }

  /** When the next page is due; with Infinity only the next tick reads one. */
  #nextPageAt(now: number): number {
    if (!this.#loaded || this.#relistDue || this.#relist?.atOnce === true) return LONG_AGO;
    if (this.#isTickRelist()) return this.#relist === null ? NEVER : LONG_AGO;
    const pages = this.#pages();
    const held = this.#scope.size();
    const differs = [
      this.#length.isUrgent(held, pages, now),
      this.#counted.isUrgent(this.#scope.count(COUNTED), pages, now),
    ];
    this.#noteDifference(differs[0] === true ? this.#length.difference(held) : 0, now);
    return differs.includes(true) ? Math.min(this.#pageAt, this.#readAt + this.#tuning.hurryMs) : this.#pageAt;
  }

  #noteDifference(difference: number, now: number): void {
    const isNew = difference !== 0 && difference !== this.#lookedFor && now >= this.#lookAt;
    if (difference === 0) this.#lookedFor = 0;
    if (!isNew) return;
    this.#lookedFor = difference;
    this.#lookAt = now + this.#tuning.eventsMs;
    this.#ahead = Math.min(this.#ahead + LOOK_CALLS, this.#pages());
    this.#isDifferent = true;
  }

  #page(relist: Relist, urgency: Urgency): Job {
    return { kind: 'page', relist, urgency };
  }

  #begin(now: number): Relist {
    const withRelations = now >= this.#relationsAt;
    if (withRelations) this.#relationsAt = now + this.#tuning.relationsMs;
    this.#relist = this.#scope.newRelist({ withRelations, atOnce: this.#relistDue, again: false });
    this.#relistDue = false;
    return this.#relist;
  }

  #interval(now: number): number {
    const { hotMs, watchMs, warmMs, idleMs, countMs, jitter } = this.#tuning;
    const polledMs = this.#isCounted() ? countMs / 2 : idleMs;
    const quietMs = this.#coverage === 'none' ? polledMs : this.#hintedRelistMs();
    const movingMs = this.#scope.isAlwaysHot ? watchMs : hotMs;
    const pause = { hot: movingMs, warm: warmMs, idle: quietMs }[this.urgency(now)];
    return pause * (1 + jitter * (2 * this.#random() - 1));
  }
}
