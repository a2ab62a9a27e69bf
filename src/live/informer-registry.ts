import { Informer, type InformerHost, type InformerTools } from './informer.ts';
import { ParkedInformers } from './parked-informers.ts';
import { canonicalFilter, type LiveFilter, type Scope } from './scope.ts';
import { SelfCheck } from './self-check.ts';
import type { Subscriber } from './subscriber.ts';
import type { Cancel, Kind, ListFetcher, LiveEnd, LiveRow } from './types.ts';

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
  readonly calls: { readonly pages: number; readonly states: number; readonly gets: number };
}

/** All informers: starts them for the first subscriber, and parks and drops them after the last. */
export class InformerRegistry implements InformerHost {
  readonly #tools: InformerTools;
  readonly #informers = new Map<string, Informer>();
  readonly #callers = new Map<string, { readonly informers: Set<Informer>; readonly deafen: (() => void) | null }>();
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

  nudge(callerKey: string, nudge: Nudge): void {
    this.#nudgeHere(callerKey, nudge);
    this.#tools.cluster?.wrote(callerKey, { kind: nudge.kind, uuid: nudge.uuid });
  }

  #nudgeHere(callerKey: string, { kind, uuid, mark, row = null }: Nudge): void {
    for (const informer of this.#callers.get(callerKey)?.informers ?? []) {
      if (informer.identity.kind === kind) informer.nudge(uuid, mark, row);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#selfCheck.stop();
    const informers = [...this.#informers.values()];
    for (const informer of informers) informer.end(null);
    for (const cancel of this.#lingering.values()) cancel();
    this.#lingering.clear();
    this.#informers.clear();
    for (const { deafen } of this.#callers.values()) deafen?.();
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

  refused(informer: Informer): void {
    this.#forget(informer);
    void informer.stop();
  }

  #begin(key: string, request: SubscribeRequest, scope: Scope): Informer {
    const { callerKey, kind, fetcher } = request;
    const informer =
      this.#parked.take(key) ?? new Informer({ key, callerKey, kind, scope, fetcher }, this.#tools, this);
    this.#informers.set(key, informer);
    const ofCaller = this.#callers.get(callerKey) ?? { informers: new Set(), deafen: this.#hear(callerKey) };
    this.#callers.set(callerKey, ofCaller);
    ofCaller.informers.add(informer);
    if (!this.#closed) {
      informer.start();
      this.#selfCheck.start();
    }
    return informer;
  }

  #forget(informer: Informer): void {
    this.#lingering.get(informer)?.();
    this.#lingering.delete(informer);
    this.#informers.delete(informer.identity.key);
    this.#leaseChanges += informer.stats.takeovers;
    const ofCaller = this.#callers.get(informer.identity.callerKey);
    ofCaller?.informers.delete(informer);
    if (ofCaller?.informers.size !== 0) return;
    ofCaller.deafen?.();
    this.#callers.delete(informer.identity.callerKey);
  }

  /** A write on another replica: the row of its response may be older than what is held here, so the object is read again. */
  #hear(callerKey: string): (() => void) | null {
    const { cluster, logicalNow } = this.#tools;
    return cluster?.onWrite(callerKey, (write) => this.#nudgeHere(callerKey, { ...write, mark: logicalNow() })) ?? null;
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
