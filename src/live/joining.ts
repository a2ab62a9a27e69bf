import type { Broadcaster } from './broadcaster.ts';
import { RelistWaiters } from './relist-waiters.ts';
import type { LogicalClock } from './store.ts';
import type { Subscriber } from './subscriber.ts';
import type { EndReason } from './types.ts';

/** What joining subscribers need of their informer. */
export interface JoiningHost {
  /** Whether the rows hold all fields that it selects. */
  isReady(subscriber: Subscriber): boolean;
  /** Waldur fails: queries would fail, too. */
  isFailing(): boolean;
  /** Whether other replicas serve the same scope. */
  isShared(): boolean;
  open(subscriber: Subscriber): void;
  /** Whoever polls begins a relist. */
  relist(): void;
}

/** The subscribers of an informer that wait for their first events. */
export class Joining {
  readonly #host: JoiningHost;
  readonly #broadcaster: Broadcaster;
  readonly #subscribers = new Set<Subscriber>();
  /** Those that may have been shown a newer state by another replica, here or (as numbers) on a follower. */
  readonly #waiters: RelistWaiters<Subscriber | number>;
  /** Those that a relist has been made for. */
  readonly #current = new Set<Subscriber>();

  constructor(host: JoiningHost, broadcaster: Broadcaster, logicalNow: LogicalClock) {
    this.#host = host;
    this.#broadcaster = broadcaster;
    this.#waiters = new RelistWaiters(logicalNow, () => host.relist());
  }

  has(subscriber: Subscriber): boolean {
    return this.#subscribers.has(subscriber);
  }

  /** It is opened as soon as possible, perhaps now. */
  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    this.openReady();
  }

  /** It has started with a state that another one replaces: it starts again with RESET, and never with an older state. */
  addAgain(subscriber: Subscriber): void {
    subscriber.suspend();
    this.#subscribers.add(subscriber);
    this.#waiters.add(subscriber);
  }

  delete(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    this.#waiters.delete(subscriber);
    this.#current.delete(subscriber);
  }

  openReady(): void {
    for (const subscriber of this.#subscribers) {
      if (!this.#host.isReady(subscriber) || this.#waiters.has(subscriber) || this.#awaitsRecovery(subscriber))
        continue;
      if (this.#isAhead(subscriber)) {
        this.#waiters.add(subscriber);
        continue;
      }
      this.#subscribers.delete(subscriber);
      this.#current.delete(subscriber);
      this.#host.open(subscriber);
    }
  }

  tellStale(): void {
    for (const subscriber of this.#subscribers) this.#broadcaster.tellStale(subscriber);
  }

  fail(reason: EndReason): void {
    for (const subscriber of [...this.#subscribers]) subscriber.fail(reason);
  }

  /** A follower waits for a relist. */
  waitForRelist(id: number): void {
    this.#waiters.add(id);
  }

  /** The scope has been read since this logical time. @returns the followers that waited for it. */
  relisted(begun: number): number[] {
    const served = this.#waiters.relisted(begun);
    for (const waiter of served) if (typeof waiter !== 'number') this.#current.add(waiter);
    this.openReady();
    return served.filter((waiter) => typeof waiter === 'number');
  }

  /** Somebody else polls from now on. */
  relistAgain(): void {
    this.#waiters.again();
  }

  /** Without INITIAL events, a RESET empties a table that the client cannot fill again while Waldur fails. */
  #awaitsRecovery(subscriber: Subscriber): boolean {
    return this.#host.isFailing() && !subscriber.initial && !this.#broadcaster.canResume(subscriber);
  }

  /** Whether another replica may have shown it a newer state: it would go back in time. */
  #isAhead(subscriber: Subscriber): boolean {
    return this.#host.isShared() && !this.#current.has(subscriber) && this.#broadcaster.isForeign(subscriber);
  }
}
