import { Broadcaster } from './broadcaster.ts';
import type { CursorSigner } from './cursor.ts';
import { DeltaLog } from './delta-log.ts';
import type { LiveEvent } from './events.ts';
import { FieldUnion } from './field-union.ts';
import type { InformerIdentity, Watched } from './informer-identity.ts';
import type { PollerTools } from './poll-client.ts';
import { Poller } from './poller.ts';
import type { CanonicalFilter } from './scope.ts';
import { type Look, type Step, Store } from './store.ts';
import { Subscriber, type SubscriberHost } from './subscriber.ts';
import type { SubscriberGroup } from './subscriber-group.ts';
import type { Cancel, EndReason, Kind, LiveEnd, LiveRow } from './types.ts';

export interface InformerTools extends PollerTools {
  readonly signer: CursorSigner;
  readonly isColumn: (kind: Kind, field: string) => boolean;
}

/** What a cohort tells the hub. */
export interface InformerHost {
  waits(subscriber: Subscriber): void;
  reads(subscriber: Subscriber): void;
  /** The last subscriber has left, or somebody came back. */
  peopled(cohort: Informer, some: boolean): void;
  /** The upstream refused the caller: nothing of this cohort may be served again. */
  refused(cohort: Informer): void;
}

export interface JoinRequest {
  readonly filter: CanonicalFilter;
  readonly fields: ReadonlySet<string>;
  readonly after: string | null;
  readonly onEnd: ((end: LiveEnd) => void) | null;
}

/** While a stream is stale its overdue reminder is looked at again after this, not at once. */
const REMIND_AT_LEAST_MS = 1_000;

/** One poll stream and everybody who watches it. */
export class Informer implements Watched, SubscriberHost {
  readonly identity: InformerIdentity;
  readonly wanted: FieldUnion;
  readonly objects: Store;
  readonly #tools: InformerTools;
  readonly #host: InformerHost;
  readonly #poller: Poller;
  readonly #audience: Broadcaster;
  readonly #subscribers = new Set<Subscriber>();
  readonly #joining = new Set<Subscriber>();
  #cancelReminder: Cancel | null = null;
  /** Version of the wanted fields that all rows have; 0: nothing is known yet, or polling has stopped since. */
  #readyFor = 0;
  /** The whole scope has been read once, so what differs from now on is a change. */
  #known = false;
  #forbidden = false;

  constructor(identity: InformerIdentity, tools: InformerTools, host: InformerHost) {
    this.identity = identity;
    this.#tools = tools;
    this.#host = host;
    const { tuning, clock, random, signer } = tools;
    this.wanted = new FieldUnion((field) => tools.isColumn(identity.kind, field), tuning.logMs);
    this.objects = new Store(this.wanted);
    this.#poller = new Poller(this, tools);
    // The time keeps it from coming again after a restart, the rest within one millisecond.
    const epoch = `${Math.floor(clock.wallNow()).toString(36)}${Math.floor(random() * 2 ** 48).toString(36)}`;
    this.#audience = new Broadcaster({
      key: identity.key,
      log: new DeltaLog(epoch, tuning),
      wanted: this.wanted,
      objects: this.objects,
      signer,
      now: () => clock.now(),
      answeredAt: () => this.#poller.answeredAt,
    });
  }

  get subscribers(): ReadonlySet<Subscriber> {
    return this.#subscribers;
  }

  get stats(): { readonly groups: number; readonly objects: number; readonly logged: number; readonly stale: boolean } {
    return { ...this.#audience.stats, objects: this.objects.size, stale: this.#poller.stale };
  }

  join(request: JoinRequest): Subscriber {
    if (this.#subscribers.size === 0) this.#host.peopled(this, true);
    const before = this.wanted.version;
    const { group, needs } = this.#audience.admit(request.filter, request.fields);
    if (this.wanted.version > before && this.#readyFor > 0) {
      this.#poller.schedule.sweepNow();
      this.#poller.wake();
    }
    const subscriber = new Subscriber({ group, after: request.after, needs, host: this, onEnd: request.onEnd });
    this.#subscribers.add(subscriber);
    if (this.#forbidden) {
      subscriber.fail('forbidden');
      return subscriber;
    }
    if (this.#readyFor >= needs) {
      this.#open(subscriber);
    } else {
      this.#joining.add(subscriber);
      if (this.#poller.stale) this.#audience.tellStale(subscriber);
    }
    return subscriber;
  }

  /** Polls, from the beginning: until the whole scope has been read, nothing is served. */
  start(): void {
    this.#poller.start();
    this.#remind();
  }

  /** Polls no more; what is known is kept, in case somebody comes back. */
  stop(): Promise<void> {
    this.#readyFor = 0;
    this.#cancelReminder?.();
    this.#cancelReminder = null;
    this.#poller.stop();
    return this.#poller.done;
  }

  end(reason: EndReason | null): void {
    for (const subscriber of [...this.#subscribers]) {
      if (reason === null) void subscriber.return();
      else subscriber.fail(reason);
    }
  }

  /**
   * The caller has written to an object.
   * @param since order at which the write began: an answer to a later question knows better than the write's own.
   * @param row what the write answered, when it is the whole object.
   */
  nudge(uuid: string, since: number, row: LiveRow | null): void {
    const { clock, order, tuning } = this.#tools;
    const { scope } = this.identity;
    if (scope.uuid !== null && scope.uuid !== uuid) return;
    const now = clock.now();
    const { schedule } = this.#poller;
    // Whether the object matches a filter is Waldur's to judge, so its own answer is shown at once only where there is none.
    const judged = row !== null && !scope.filtered ? row : null;
    if (judged !== null) {
      const { all: fields, version } = this.wanted;
      const look: Look = { begun: since, answered: order(), at: clock.wallNow(), fields, version };
      const observation = this.objects.observe(judged, look);
      if (typeof observation === 'object') this.stepped(observation);
    }
    const times = tuning.burstMs.map((ms) => now + ms);
    schedule.looks.burst(uuid, judged === null ? [now + 1, ...times] : times);
    schedule.changed(now);
    this.#poller.wake();
  }

  now(): number {
    return this.#tools.clock.now();
  }

  queueLimit(): number {
    return Math.max(this.#tools.tuning.queueKeys, this.objects.size);
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
    this.#audience.leave(subscriber.group, subscriber);
    if (this.#subscribers.size === 0) this.#host.peopled(this, false);
  }

  stepped({ transition, quiet }: Step): void {
    if (!this.#known) return;
    if (!quiet) this.#poller.schedule.changed(this.now());
    this.#audience.publish(transition);
  }

  caughtUp(version: number | null, recovered: boolean): void {
    this.#known = true;
    this.#forbidden = false;
    if (version !== null) this.#readyFor = version;
    if (recovered) this.#audience.bookmark(this.now());
    for (const subscriber of this.#joining) {
      if (subscriber.needs > this.#readyFor) continue;
      this.#joining.delete(subscriber);
      this.#open(subscriber);
    }
  }

  turnedStale(): void {
    this.#audience.stale();
    for (const subscriber of this.#joining) this.#audience.tellStale(subscriber);
  }

  forbidden(): void {
    const { clock, order } = this.#tools;
    this.#forbidden = true;
    this.#readyFor = 0;
    const at = clock.wallNow();
    const begun = order();
    const look: Look = { begun, answered: order(), at, fields: [], version: null };
    for (const { uuid } of this.objects.rows()) {
      const step = this.objects.remove(uuid, look, null);
      if (step) this.stepped(step);
    }
    for (const subscriber of [...this.#joining]) subscriber.fail('forbidden');
  }

  unauthenticated(): void {
    this.#host.refused(this);
    this.end('unauthenticated');
  }

  anew(group: SubscriberGroup): Iterator<LiveEvent> {
    return this.#audience.anew(group);
  }

  #open(subscriber: Subscriber): void {
    subscriber.open(this.#audience.opening(subscriber.group, subscriber.after));
    if (this.#poller.stale) this.#audience.tellStale(subscriber);
  }

  /** Sends a BOOKMARK to groups that have been quiet for long, so that their readers keep a fresh cursor. */
  #remind(): void {
    const { clock, tuning } = this.#tools;
    const wait = this.#audience.quietestSince() + tuning.bookmarkMs - clock.now();
    this.#cancelReminder = clock.setTimer(Math.max(wait, REMIND_AT_LEAST_MS), () => {
      // While the stream is stale a BOOKMARK would say that all is well.
      if (!this.#poller.stale && this.#readyFor > 0) this.#audience.bookmark(clock.now() - tuning.bookmarkMs);
      this.#remind();
    });
  }
}
