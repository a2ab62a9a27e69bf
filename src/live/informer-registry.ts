import { CallerEvents } from './event-log.ts';
import type { Hint } from './hints.ts';
import { Informer, type InformerHost } from './informer.ts';
import type { InformerTools } from './informer-tools.ts';
import { ParkedInformers } from './parked-informers.ts';
import { canonicalFilter, type LiveFilter, type Scope } from './scope.ts';
import { SelfCheck } from './self-check.ts';
import type { SharedWrite } from './shared-log.ts';
import type { Subscriber } from './subscriber.ts';
import type { Cancel, EventLogReader, Kind, ListFetcher, LiveEnd, LiveRow } from './types.ts';
import { Watcher } from './watcher.ts';

export interface SubscribeRequest {
  /** Authorization, impersonated user and client address, hashed: whoever shares it sees the same objects. */
  readonly callerKey: string;
  readonly kind: Kind;
  readonly filter: LiveFilter;
  /** REST names of the fields that the document selects. */
  readonly fields: ReadonlySet<string>;
  /** Only events of these objects are sent; absent: of all in scope. What is polled does not change. */
  readonly uuids?: readonly string[] | null;
  /** Cursor of the last event received, to get only what came after it. */
  readonly after?: string | null;
  /** Whether the current state follows a RESET, as INITIAL events. Default true. */
  readonly initial?: boolean;
  /** Calls the upstream with the credentials of this caller; an informer uses those of its first subscriber. */
  readonly fetcher: ListFetcher;
  /** Reads the event log with the same credentials. Absent: it is not read. */
  readonly events?: EventLogReader;
  /** Called once when the stream ends with an error, even while nobody reads it. */
  readonly onEnd?: (end: LiveEnd) => void;
}

export interface Nudge {
  readonly kind: Kind;
  readonly uuid: string;
  /** The result of `Live.mark` before the write was sent. */
  readonly mark: number;
  /** The whole object, when the write returned it. */
  readonly row?: LiveRow | null;
}

export interface LiveStats {
  readonly informers: number;
  /** Informers without subscribers, kept for resumption; they make no calls. */
  readonly informersParked: number;
  /** Informers whose polls fail, or are later than promised. */
  readonly informersStale: number;
  readonly subscribers: number;
  readonly subscriberGroups: number;
  readonly storeObjects: number;
  readonly deltaLogLength: number;
  /** Deltas and notices that wait for subscribers. */
  readonly deltaQueueLength: number;
  readonly pollsWaiting: number;
  readonly pollsInFlight: number;
  /** Polls that may be in flight; see `PollLimit`. */
  readonly pollsAllowed: number;
  /** Mean duration of the last polls, in seconds, and what is usual for the same work. */
  readonly pollSeconds: number;
  readonly pollUsualSeconds: number;
  /** Informers by their role among replicas; all 0 without other replicas. */
  readonly informersLeading: number;
  readonly informersFollowing: number;
  readonly informersAlone: number;
  /** How often an informer of this replica became the leader. */
  readonly leaseChanges: number;
  /** Longest time since a follower heard from its leader, in seconds. */
  readonly followSeconds: number;
  /** Informers whose polls are replaced by hints. */
  readonly informersHinted: number;
  readonly calls: {
    readonly pages: number;
    readonly states: number;
    readonly gets: number;
    readonly events: number;
  };
}

interface OfCaller {
  readonly informers: Set<Informer>;
  readonly deafen: (() => void) | null;
  readonly events: CallerEvents | null;
}

/** All informers: starts them for the first subscriber, and parks and drops them after the last. */
export class InformerRegistry implements InformerHost {
  readonly #tools: InformerTools;
  readonly #informers = new Map<string, Informer>();
  readonly #callers = new Map<string, OfCaller>();
  readonly #watchers = new Map<Kind, Watcher>();
  /** Logical time since when the watcher of a kind has worked. */
  readonly #watchedSince = new Map<Kind, number>();
  readonly #lingering = new Map<Informer, Cancel>();
  readonly #parked: ParkedInformers;
  readonly #waiting = new Set<Subscriber>();
  readonly #selfCheck: SelfCheck;
  #cancelCheck: Cancel | null = null;
  #closed = false;
  /** Of informers that are gone. */
  #leaseChanges = 0;

  constructor(tools: InformerTools) {
    this.#tools = tools;
    this.#parked = new ParkedInformers(tools.clock, tools.tuning);
    const { clock, random, tuning, isBusy, observer } = tools;
    this.#selfCheck = new SelfCheck({
      clock,
      random,
      everyMs: tuning.selfCheckMs,
      confirmMs: tuning.selfCheckConfirmMs,
      rows: tuning.selfCheckRows,
      informers: () => this.#informers.values(),
      isBusy,
      observer,
    });
  }

  subscribe(request: SubscribeRequest): Subscriber {
    const filter = canonicalFilter(request.filter);
    const key = JSON.stringify([request.callerKey, request.kind, filter.scope.key]);
    const informer = this.#informers.get(key) ?? this.#begin(key, request, filter.scope);
    const { fields, uuids = null, after = null, initial = true, onEnd = null } = request;
    const subscriber = informer.join({ filter, fields, uuids, after, initial, onEnd });
    if (this.#closed) {
      void subscriber.return();
      this.#forget(informer);
    }
    return subscriber;
  }

  /** Own mutations are the first source of hints. */
  nudge(callerKey: string, { kind, uuid, mark, row = null }: Nudge): void {
    this.hint({ kind, uuid, write: { mark, row } }, callerKey);
    this.#tools.cluster?.wrote(callerKey, { kind, uuid });
  }

  /** @param callerKey whose informers are to look; null: those of all callers. */
  hint(hint: Hint, callerKey: string | null = null): void {
    const callers = callerKey === null ? this.#callers.values() : [this.#callers.get(callerKey)];
    for (const caller of callers) {
      for (const informer of caller?.informers ?? []) if (informer.identity.kind === hint.kind) informer.hint(hint);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#selfCheck.stop();
    for (const watcher of this.#watchers.values()) watcher.stop();
    const informers = [...this.#informers.values()];
    for (const informer of informers) informer.end(null);
    for (const cancel of this.#lingering.values()) cancel();
    this.#lingering.clear();
    this.#informers.clear();
    for (const { deafen, events } of this.#callers.values()) {
      deafen?.();
      events?.stop();
    }
    this.#callers.clear();
    this.#parked.clear();
    this.#cancelCheck?.();
    this.#cancelCheck = null;
    await Promise.all(informers.map((informer) => informer.stop()));
  }

  stats(): LiveStats {
    const sums = {
      informersStale: 0,
      subscribers: 0,
      subscriberGroups: 0,
      storeObjects: 0,
      deltaLogLength: 0,
      deltaQueueLength: 0,
      informersLeading: 0,
      informersFollowing: 0,
      informersAlone: 0,
      leaseChanges: this.#leaseChanges,
      followSeconds: 0,
      informersHinted: 0,
    };
    for (const informer of this.#informers.values()) {
      const { groups, objects, logged, stale, role, takeovers, silentMs } = informer.stats;
      sums.subscribers += informer.subscribers.size;
      sums.subscriberGroups += groups;
      sums.storeObjects += objects;
      sums.deltaLogLength += logged;
      sums.informersStale += stale ? 1 : 0;
      sums.informersLeading += role === 'leading' ? 1 : 0;
      sums.informersFollowing += role === 'following' ? 1 : 0;
      sums.informersAlone += role === 'alone' ? 1 : 0;
      sums.leaseChanges += takeovers;
      sums.followSeconds = Math.max(sums.followSeconds, silentMs / 1_000);
      sums.informersHinted += informer.hints.isRelied ? 1 : 0;
      for (const subscriber of informer.subscribers) sums.deltaQueueLength += subscriber.queued;
    }
    const { budget, limit, counts } = this.#tools;
    const polls = limit.stats;
    return {
      informers: this.#informers.size,
      informersParked: this.#parked.size,
      ...sums,
      pollsWaiting: budget.waiting,
      pollsInFlight: budget.inFlight,
      pollsAllowed: polls.limit,
      pollSeconds: polls.latencyMs / 1_000,
      pollUsualSeconds: polls.usualMs / 1_000,
      calls: { ...counts },
    };
  }

  waits(subscriber: Subscriber): void {
    this.#waiting.add(subscriber);
    this.#checkLater();
  }

  reads(subscriber: Subscriber): void {
    this.#waiting.delete(subscriber);
  }

  occupied(informer: Informer, some: boolean): void {
    this.#lingering.get(informer)?.();
    this.#lingering.delete(informer);
    if (some || this.#informers.get(informer.identity.key) !== informer) return;
    const { clock, tuning } = this.#tools;
    this.#lingering.set(
      informer,
      clock.setTimer(tuning.lingerMs, () => {
        this.#forget(informer);
        void informer.stop();
        this.#parked.put(informer);
      }),
    );
  }

  scopeRead(informer: Informer, begunAt: number): void {
    const { callerKey, kind, isWatcher } = informer.identity;
    this.#callers.get(callerKey)?.events?.check();
    if (!isWatcher || !this.#watchedSince.has(kind)) return;
    for (const other of this.#informers.values())
      if (other.identity.kind === kind) other.hints.vouch('watcher', begunAt);
  }

  differs({ identity, hints }: Informer): void {
    this.#callers.get(identity.callerKey)?.events?.look(hints);
  }

  refused(informer: Informer): void {
    this.#forget(informer);
    void informer.stop();
  }

  #begin(key: string, request: SubscribeRequest, scope: Scope): Informer {
    const { callerKey, kind, fetcher, events = null } = request;
    const isWatcher = callerKey === this.#tools.watch?.callerKey;
    const identity = { key, callerKey, kind, scope, fetcher, events, isWatcher };
    const informer = this.#parked.take(key) ?? new Informer(identity, this.#tools, this);
    this.#informers.set(key, informer);
    const ofCaller = this.#callers.get(callerKey) ?? this.#newCaller(callerKey, events);
    this.#callers.set(callerKey, ofCaller);
    ofCaller.informers.add(informer);
    if (!isWatcher) informer.hints.cover('watcher', this.#watchedSince.get(kind) ?? null);
    if (this.#closed) return informer;
    informer.start();
    this.#selfCheck.start();
    if (!isWatcher) this.#watch(kind);
    return informer;
  }

  #newCaller(callerKey: string, reader: EventLogReader | null): OfCaller {
    const informers = new Set<Informer>();
    const emit = (hint: Hint): void => this.hint(hint, callerKey);
    const events = reader && new CallerEvents(callerKey, reader, this.#tools, () => informers, emit);
    return { informers, deafen: this.#hear(callerKey), events };
  }

  /** Starts the watcher of a kind, of which there is an informer now. */
  #watch(kind: Kind): void {
    const { watch, clock, logicalNow } = this.#tools;
    if (watch === null) return;
    const { callerKey, events } = watch;
    const watcher =
      this.#watchers.get(kind) ??
      new Watcher(
        kind,
        {
          open: () =>
            this.subscribe({
              callerKey,
              kind,
              filter: {},
              fields: watch.fields(kind),
              initial: false,
              fetcher: watch.fetcher(kind),
              ...(events && { events }),
            }),
          hint: (hint) => this.hint(hint),
          works: (_kind, works) => {
            if (works === this.#watchedSince.has(kind)) return;
            if (works) this.#watchedSince.set(kind, logicalNow());
            else this.#watchedSince.delete(kind);
            this.#coverByWatcher(kind);
            if (works) watch.onWorks?.(kind);
          },
          ended: (error) => watch.onEnd(kind, error),
        },
        clock,
      );
    this.#watchers.set(kind, watcher);
    watcher.start();
  }

  #coverByWatcher(kind: Kind): void {
    const since = this.#watchedSince.get(kind) ?? null;
    for (const { identity, hints } of this.#informers.values()) {
      if (identity.kind === kind && !identity.isWatcher) hints.cover('watcher', since);
    }
    for (const { events } of this.#callers.values()) events?.check();
  }

  /** A watcher that nobody needs costs Waldur nothing. */
  #stopWatchers(): void {
    for (const [kind, watcher] of this.#watchers) {
      const isNeeded = [...this.#informers.values()].some(
        (one) => one.identity.kind === kind && !one.identity.isWatcher,
      );
      if (!isNeeded) watcher.stop();
    }
  }

  #forget(informer: Informer): void {
    this.#lingering.get(informer)?.();
    this.#lingering.delete(informer);
    this.#informers.delete(informer.identity.key);
    this.#leaseChanges += informer.stats.takeovers;
    const ofCaller = this.#callers.get(informer.identity.callerKey);
    ofCaller?.informers.delete(informer);
    if (!informer.identity.isWatcher) this.#stopWatchers();
    if (ofCaller?.informers.size !== 0) return;
    ofCaller.deafen?.();
    ofCaller.events?.stop();
    this.#callers.delete(informer.identity.callerKey);
  }

  /** A write on another replica: the row of its response may be older than what is held here, so the object is read again. */
  #hear(callerKey: string): (() => void) | null {
    const { cluster, logicalNow } = this.#tools;
    const heard = (write: SharedWrite): void =>
      this.hint({ ...write, write: { mark: logicalNow(), row: null } }, callerKey);
    return cluster?.onWrite(callerKey, heard) ?? null;
  }

  /** Ends subscribers that have left events unread for too long. One timer serves all; there is none while all keep up. */
  #checkLater(): void {
    if (this.#cancelCheck !== null || this.#closed) return;
    const { clock, tuning } = this.#tools;
    this.#cancelCheck = clock.setTimer(tuning.slowCheckMs, () => {
      this.#cancelCheck = null;
      const now = clock.now();
      for (const subscriber of this.#waiting) {
        if (now - subscriber.waitingSince >= tuning.slowReaderMs) subscriber.fail('slow-reader');
      }
      if (this.#waiting.size > 0) this.#checkLater();
    });
  }
}
