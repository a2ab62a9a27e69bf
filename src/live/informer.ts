import { Broadcaster } from './broadcaster.ts';
import { DeltaLog } from './delta-log.ts';
import type { LiveEvent } from './events.ts';
import { FieldUnion } from './field-union.ts';
import type { Hint } from './hints.ts';
import { InformerHints } from './informer-hints.ts';
import { type MemberHost, openMembership } from './informer-member.ts';
import type { InformerTools, JoinRequest } from './informer-tools.ts';
import { Joining } from './joining.ts';
import type { Membership } from './membership.ts';
import type { InformerIdentity, PollTarget } from './poll-target.ts';
import { Poller } from './poller.ts';
import type { Cluster, LiveStatus, LogListener } from './shared-log.ts';
import { type Change, type ReadStamp, Store } from './store.ts';
import { Subscriber, type SubscriberHost } from './subscriber.ts';
import type { Cancel, EndReason, LiveRow } from './types.ts';

/** What an informer reports to the registry. */
export interface InformerHost {
  waits(subscriber: Subscriber): void;
  reads(subscriber: Subscriber): void;
  /** The last subscriber has left, or the first one has joined. */
  occupied(informer: Informer, some: boolean): void;
  /** The upstream rejected the credentials: nothing of this informer may be served again. */
  refused(informer: Informer): void;
  /** The whole scope has been read, or read again. @param begunAt when the read began, by the monotonic clock. */
  scopeRead(informer: Informer, begunAt: number): void;
  /** Waldur states another number of objects than it holds. */
  differs(informer: Informer): void;
}

/** Shortest time between two checks for a due BOOKMARK; while an informer is stale, one is overdue all the time. */
const REMIND_AT_LEAST_MS = 1_000;

/** Lists and watches one scope for one caller: a poller, the store of what it saw, and the subscribers. */
export class Informer implements PollTarget, SubscriberHost, MemberHost {
  readonly identity: InformerIdentity;
  readonly fieldUnion: FieldUnion;
  readonly store: Store;
  readonly hints: InformerHints;
  readonly #tools: InformerTools;
  readonly #host: InformerHost;
  readonly #poller: Poller;
  readonly #broadcaster: Broadcaster;
  readonly #log: DeltaLog;
  /** Its part in what replicas share; null while it is stopped, and without other replicas. */
  #membership: Membership | null = null;
  /** What the leader last said; null while this replica polls. */
  #followed: LiveStatus | null = null;
  readonly #subscribers = new Set<Subscriber>();
  readonly #joining: Joining;
  #cancelReminder: Cancel | null = null;
  /** Version of the field union that all rows have; 0 before the first relist and while polling is stopped. */
  #readyFor = 0;
  /** The whole scope has been read once, so later differences are changes. */
  #known = false;
  #forbidden = false;
  #isNewsReported = false;

  constructor(identity: InformerIdentity, tools: InformerTools, host: InformerHost) {
    this.identity = identity;
    this.#tools = tools;
    this.#host = host;
    const { tuning, clock, random, signer } = tools;
    this.fieldUnion = new FieldUnion((field) => tools.isColumn(identity.kind, field), tuning.logMs);
    this.store = new Store(this.fieldUnion);
    this.#poller = new Poller(this, tools);
    this.hints = new InformerHints({ identity, store: this.store, poller: this.#poller, tools });
    // The time makes it unique after a restart, the random part within a millisecond.
    const epoch = `${Math.floor(clock.wallNow()).toString(36)}${Math.floor(random() * 2 ** 48).toString(36)}`;
    this.#log = new DeltaLog(epoch, tuning);
    this.#broadcaster = new Broadcaster({
      key: identity.key,
      log: this.#log,
      fieldUnion: this.fieldUnion,
      store: this.store,
      signer,
      observer: tools.observer,
      now: () => clock.now(),
      answeredAt: () => this.status().answeredAt,
      onEntry: (entry) => this.#membership?.added(entry),
      isFollowing: () => this.#membership?.isFollowing === true,
    });
    const joiningHost = {
      isReady: ({ group }: Subscriber) => this.#readyFor >= this.fieldUnion.versionOf(group.view.fields),
      isFailing: () => this.status().failing,
      isShared: () => this.#membership !== null,
      open: (subscriber: Subscriber) => this.#open(subscriber),
      relist: () => this.#relist(),
    };
    this.#joining = new Joining(joiningHost, this.#broadcaster, tools.logicalNow);
  }

  get subscribers(): ReadonlySet<Subscriber> {
    return this.#subscribers;
  }

  /** `role` and what follows are of its part in what replicas share; the role is null without other replicas. */
  get stats() {
    const { role = null, takeovers = 0, silentMs = 0 } = this.#membership ?? {};
    return {
      ...this.#broadcaster.stats,
      objects: this.store.size,
      stale: this.#isStale,
      role,
      takeovers,
      silentMs,
    };
  }

  get isKnown(): boolean {
    return this.#known;
  }

  get readyFor(): number {
    return this.#readyFor;
  }

  get #isStale(): boolean {
    return this.#followed?.stale ?? this.#poller.stale;
  }

  join(request: JoinRequest): Subscriber {
    if (this.#subscribers.size === 0) this.#host.occupied(this, true);
    const before = this.fieldUnion.version;
    const group = this.#broadcaster.admit(request.filter, request.fields, request.uuids);
    if (this.fieldUnion.version > before) this.grown();
    const { after, initial, onEnd } = request;
    const subscriber = new Subscriber({ group, after, initial, host: this, onEnd });
    this.#subscribers.add(subscriber);
    if (this.#forbidden) {
      subscriber.fail('forbidden');
      return subscriber;
    }
    this.#joining.add(subscriber);
    if (this.#joining.has(subscriber) && this.#isStale) this.#broadcaster.tellStale(subscriber);
    return subscriber;
  }

  /** Starts polling with a relist; nothing is served before the whole scope has been read. */
  start(): void {
    const { cluster } = this.#tools;
    this.#membership = cluster === null ? null : this.#openMembership(cluster);
    if (this.#membership === null) this.#poller.start();
    else this.#membership.start();
    this.#remind();
  }

  /** Stops polling and keeps the store for subscribers that come back. */
  async stop(): Promise<void> {
    this.#readyFor = 0;
    this.hints.restart();
    this.#followed = null;
    this.#cancelReminder?.();
    this.#cancelReminder = null;
    this.#poller.stop();
    const membership = this.#membership;
    this.#membership = null;
    await Promise.all([this.#poller.done, membership?.stop()]);
  }

  end(reason: EndReason | null): void {
    for (const subscriber of [...this.#subscribers]) {
      if (reason === null) void subscriber.return();
      else subscriber.fail(reason);
    }
  }

  /** A source of hints says that an object may have changed. */
  hint(hint: Hint): void {
    if (hint.write === undefined) this.hints.hint(hint);
    else this.#nudge(hint.uuid, hint.write.mark, hint.write.row);
  }

  /**
   * The caller has written to an object.
   * @param since logical time at which the write began: responses to later requests are newer than its own.
   * @param row the response of the write, when it is the whole object.
   */
  #nudge(uuid: string, since: number, row: LiveRow | null): void {
    const { clock, logicalNow, tuning } = this.#tools;
    const { scope } = this.identity;
    // The leader rechecks, for all replicas.
    if (!this.#poller.isRunning) return;
    if (scope.uuid !== null && scope.uuid !== uuid) return;
    const now = clock.now();
    const { schedule } = this.#poller;
    // Only Waldur can tell whether the object matches a filter, so the row is used at once only without one.
    const usable = row !== null && !scope.filtered ? row : null;
    if (usable !== null) {
      const { all: fields, version } = this.fieldUnion;
      const stamp: ReadStamp = { begun: since, answered: logicalNow(), at: clock.wallNow(), fields, version };
      const observation = this.store.observe(usable, stamp);
      if (typeof observation === 'object') {
        this.changed(observation);
        if (this.#isStale) this.stillStale();
      }
    }
    const times = tuning.burstMs.map((ms) => now + ms);
    schedule.rechecks.burst(uuid, usable === null ? [now + 1, ...times] : times);
    schedule.changed(now);
    this.#poller.wake();
  }

  now(): number {
    return this.#tools.clock.now();
  }

  queueLimit(): number {
    return Math.max(this.#tools.tuning.queueKeys, this.store.size);
  }

  waits(subscriber: Subscriber): void {
    this.#host.waits(subscriber);
  }

  reads(subscriber: Subscriber): void {
    this.#host.reads(subscriber);
  }

  left(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    this.#joining.delete(subscriber);
    this.#broadcaster.leave(subscriber.group, subscriber);
    if (this.#subscribers.size === 0) this.#host.occupied(this, false);
  }

  changed({ delta, quiet }: Change): void {
    const { schedule } = this.#poller;
    if (!quiet) schedule.heat.changed(delta, this.now());
    if (!this.#known) return;
    if (!quiet) schedule.changed(this.now());
    this.reportNews();
    this.#broadcaster.publish(delta);
  }

  synced(version: number | null, recovered: boolean, begun: number): void {
    this.#known = true;
    this.#forbidden = false;
    this.hints.read(begun);
    if (version !== null) this.#readyFor = version;
    if (recovered) this.#broadcaster.bookmark(this.now());
    this.relisted(begun);
    // Fields were added while it was read.
    if (version !== null && version < this.fieldUnion.version) this.#poller.schedule.relistNow();
    this.#membership?.synced();
    if (recovered) this.#membership?.changed();
  }

  differs(): void {
    this.#host.differs(this);
  }

  caughtUp(): void {
    this.#broadcaster.bookmark(this.now());
    this.#membership?.changed();
  }

  scopeRead(begunAt: number): void {
    this.#host.scopeRead(this, begunAt);
  }

  stillStale(): void {
    this.#broadcaster.stale();
  }

  turnedStale(): void {
    this.#tellStale();
    this.#membership?.changed();
  }

  forbidden(): void {
    this.hints.restart();
    const { clock, logicalNow } = this.#tools;
    this.#forbidden = true;
    this.#readyFor = 0;
    const begun = logicalNow();
    const stamp: ReadStamp = { begun, answered: logicalNow(), at: clock.wallNow(), fields: [], version: null };
    for (const { uuid } of this.store.rows()) {
      const change = this.store.remove(uuid, stamp, null);
      if (change) this.changed(change);
    }
    this.#joining.fail('forbidden');
    this.#membership?.changed();
  }

  status(): LiveStatus {
    const { stale, failing, answeredAt } = this.#poller;
    return this.#followed ?? { stale, failing, forbidden: this.#forbidden, answeredAt };
  }

  follow(status: LiveStatus): void {
    if (this.#poller.isRunning) return;
    const wasStale = this.#isStale;
    this.#followed = status;
    // The leader has read the scope since the beat before this one.
    if (!status.stale) this.#host.scopeRead(this, this.now() - this.#tools.tuning.beatMs);
    this.#forbidden = status.forbidden;
    if (status.forbidden) this.#joining.fail('forbidden');
    if (status.stale && !wasStale) this.#tellStale();
    if (wasStale && !status.stale) this.#broadcaster.bookmark(this.now());
    this.#joining.openReady();
  }

  replaced(version: number, restart: boolean): void {
    this.#known = true;
    this.#readyFor = version;
    if (restart) {
      this.reportNews();
      for (const subscriber of this.#subscribers) {
        if (!this.#joining.has(subscriber)) this.#joining.addAgain(subscriber);
      }
    }
    this.#joining.openReady();
  }

  waitForRelist(id: number): void {
    this.#joining.waitForRelist(id);
  }

  relisted(since: number): void {
    // Without other replicas, too: the argument of an optional call would not be evaluated.
    const served = this.#joining.relisted(since);
    this.#membership?.relisted(served);
  }

  grown(): void {
    if (this.#readyFor > 0) {
      this.#poller.schedule.relistNow();
      this.#poller.wake();
    }
    this.#membership?.selected();
  }

  becameLeader(): void {
    this.#followed = null;
    this.#joining.relistAgain();
  }

  unauthenticated(): void {
    this.#host.refused(this);
    this.end('unauthenticated');
  }

  reset(subscriber: Subscriber): Iterator<LiveEvent> {
    this.#tools.observer.reset('slow-reader');
    return this.#broadcaster.reset(subscriber);
  }

  /** Before events are sent, so that no query that follows them is older; once for all events of one response. */
  reportNews(): void {
    if (this.#isNewsReported) return;
    this.#isNewsReported = true;
    queueMicrotask(() => {
      this.#isNewsReported = false;
    });
    this.#tools.onNews(this.identity.callerKey);
  }

  #open(subscriber: Subscriber): void {
    // While Waldur fails, kept answers are all that queries have.
    if (!this.status().failing) this.reportNews();
    subscriber.open(this.#broadcaster.openingEvents(subscriber));
    if (this.#isStale) this.#broadcaster.tellStale(subscriber);
  }

  /** Whoever polls begins a relist. */
  #relist(): void {
    if (this.#poller.isRunning) {
      this.#poller.schedule.relistNow();
      this.#poller.wake();
    }
    this.#membership?.requestRelist(this.#tools.logicalNow());
  }

  #tellStale(): void {
    this.#broadcaster.stale();
    this.#joining.tellStale();
  }

  #openMembership(cluster: Cluster): Membership | null {
    const parts = { log: this.#log, broadcaster: this.#broadcaster, poller: this.#poller };
    const listener: LogListener = {
      heard: (message) => this.#membership?.heard(message),
      connected: () => this.#membership?.connected(),
    };
    return openMembership(this, parts, cluster, listener, this.#tools);
  }

  /** Sends a BOOKMARK to quiet groups, so that their subscribers keep a fresh cursor. */
  #remind(): void {
    const { clock, tuning } = this.#tools;
    const wait = this.#broadcaster.quietestSince() + tuning.bookmarkMs - clock.now();
    this.#cancelReminder = clock.setTimer(Math.max(wait, REMIND_AT_LEAST_MS), () => {
      // While the informer is stale a BOOKMARK would claim that the state is current.
      if (!this.#isStale && this.#readyFor > 0) this.#broadcaster.bookmark(clock.now() - tuning.bookmarkMs);
      this.#remind();
    });
  }
}
