import { Informer, type InformerHost, type InformerTools } from './informer.ts';
import { ParkedInformers } from './parked-informers.ts';
import { canonicalFilter, type LiveFilter, type Scope } from './scope.ts';
import type { Subscriber } from './subscriber.ts';
import type { Cancel, Kind, ListFetcher, LiveEnd, LiveRow } from './types.ts';

export interface SubscribeRequest {
  /** Authorization, impersonated user and client address, hashed: whoever shares it sees the same objects. */
  readonly callerKey: string;
  readonly kind: Kind;
  readonly filter: LiveFilter;
  /** REST names of the fields that the document selects. */
  readonly fields: ReadonlySet<string>;
  /** Cursor of the last event received, to get only what came after it. */
  readonly after?: string | null;
  /** Asks the upstream with this caller's credentials; those of the first subscriber serve the whole cohort. */
  readonly fetcher: ListFetcher;
  /** Called once when the stream ends by an error, also while nobody reads it. */
  readonly onEnd?: (end: LiveEnd) => void;
}

export interface Nudge {
  readonly kind: Kind;
  readonly uuid: string;
  /** What `Live.mark` said before the write was sent. */
  readonly mark: number;
  /** The whole object, when the write answered with it. */
  readonly row?: LiveRow | null;
}

export interface LiveStats {
  readonly informers: number;
  /** Informers without subscribers, kept for resumption; they make no calls. */
  readonly informersParked: number;
  /** Informers whose polls fail. */
  readonly informersStale: number;
  readonly subscribers: number;
  readonly subscriberGroups: number;
  readonly storeObjects: number;
  readonly deltaLogLength: number;
  /** Deltas and notices that wait for subscribers. */
  readonly deltaQueueLength: number;
  readonly pollsWaiting: number;
  readonly calls: { readonly pages: number; readonly states: number; readonly gets: number };
}

/** All cohorts: who watches what, and when to begin and to stop. */
export class InformerRegistry implements InformerHost {
  readonly #tools: InformerTools;
  readonly #cohorts = new Map<string, Informer>();
  readonly #callers = new Map<string, Set<Informer>>();
  readonly #lingering = new Map<Informer, Cancel>();
  readonly #dormant: ParkedInformers;
  readonly #waiting = new Set<Subscriber>();
  #cancelCheck: Cancel | null = null;
  #closed = false;

  constructor(tools: InformerTools) {
    this.#tools = tools;
    this.#dormant = new ParkedInformers(tools.clock, tools.tuning);
  }

  subscribe(request: SubscribeRequest): Subscriber {
    const filter = canonicalFilter(request.filter);
    const key = JSON.stringify([request.callerKey, request.kind, filter.scope.key]);
    const cohort = this.#cohorts.get(key) ?? this.#begin(key, request, filter.scope);
    const { fields, after = null, onEnd = null } = request;
    const subscriber = cohort.join({ filter, fields, after, onEnd });
    if (this.#closed) {
      void subscriber.return();
      this.#forget(cohort);
    }
    return subscriber;
  }

  nudge(callerKey: string, { kind, uuid, mark, row = null }: Nudge): void {
    for (const cohort of this.#callers.get(callerKey) ?? []) {
      if (cohort.identity.kind === kind) cohort.nudge(uuid, mark, row);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const cohorts = [...this.#cohorts.values()];
    for (const cohort of cohorts) cohort.end(null);
    for (const cancel of this.#lingering.values()) cancel();
    this.#lingering.clear();
    this.#cohorts.clear();
    this.#callers.clear();
    this.#dormant.clear();
    this.#cancelCheck?.();
    this.#cancelCheck = null;
    await Promise.all(cohorts.map((cohort) => cohort.stop()));
  }

  stats(): LiveStats {
    const sums = {
      informersStale: 0,
      subscribers: 0,
      subscriberGroups: 0,
      storeObjects: 0,
      deltaLogLength: 0,
      deltaQueueLength: 0,
    };
    for (const cohort of this.#cohorts.values()) {
      const { groups, objects, logged, stale } = cohort.stats;
      sums.subscribers += cohort.subscribers.size;
      sums.subscriberGroups += groups;
      sums.storeObjects += objects;
      sums.deltaLogLength += logged;
      sums.informersStale += stale ? 1 : 0;
      for (const subscriber of cohort.subscribers) sums.deltaQueueLength += subscriber.queued;
    }
    const { budget, counts } = this.#tools;
    return {
      informers: this.#cohorts.size,
      informersParked: this.#dormant.size,
      ...sums,
      pollsWaiting: budget.waiting,
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

  peopled(cohort: Informer, some: boolean): void {
    this.#lingering.get(cohort)?.();
    this.#lingering.delete(cohort);
    if (some || this.#cohorts.get(cohort.identity.key) !== cohort) return;
    const { clock, tuning } = this.#tools;
    this.#lingering.set(
      cohort,
      clock.setTimer(tuning.lingerMs, () => {
        this.#forget(cohort);
        void cohort.stop();
        this.#dormant.put(cohort);
      }),
    );
  }

  refused(cohort: Informer): void {
    this.#forget(cohort);
    void cohort.stop();
  }

  #begin(key: string, request: SubscribeRequest, scope: Scope): Informer {
    const { callerKey, kind, fetcher } = request;
    const cohort = this.#dormant.take(key) ?? new Informer({ key, callerKey, kind, scope, fetcher }, this.#tools, this);
    this.#cohorts.set(key, cohort);
    const ofCaller = this.#callers.get(callerKey) ?? new Set();
    this.#callers.set(callerKey, ofCaller.add(cohort));
    if (!this.#closed) cohort.start();
    return cohort;
  }

  #forget(cohort: Informer): void {
    this.#lingering.get(cohort)?.();
    this.#lingering.delete(cohort);
    this.#cohorts.delete(cohort.identity.key);
    const ofCaller = this.#callers.get(cohort.identity.callerKey);
    ofCaller?.delete(cohort);
    if (ofCaller?.size === 0) this.#callers.delete(cohort.identity.callerKey);
  }

  /** Ends readers who have left something unread for too long. One timer for all, and none while everybody reads. */
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
