import type { Delta } from './delta.ts';
import { DeltaQueue } from './delta-queue.ts';
import type { BookmarkEvent, LiveEvent, SignalEvent } from './events.ts';
import type { Reader, SubscriberGroup } from './subscriber-group.ts';
import { type EndReason, LiveEnd } from './types.ts';

/** What a subscriber needs of its informer. */
export interface SubscriberHost {
  now(): number;
  /** Most deltas that may wait for one subscriber. */
  queueLimit(): number;
  /** Events for a subscriber that fell too far behind. */
  reset(subscriber: Subscriber): Iterator<LiveEvent>;
  /** Events wait and nobody reads; called once until it is read again. */
  waits(subscriber: Subscriber): void;
  reads(subscriber: Subscriber): void;
  left(subscriber: Subscriber): void;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<LiveEvent>) => void;
  readonly reject: (error: LiveEnd) => void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * One subscription, as an iterator. First come its first events (RESET or a replay), made as they are read; then what was queued
 * meanwhile; then each event as it happens.
 */
export class Subscriber implements AsyncIterableIterator<LiveEvent, undefined>, Reader {
  readonly group: SubscriberGroup;
  /** Whether the current state follows a RESET. */
  readonly initial: boolean;
  /** Since when waiting events have not been read. */
  waitingSince = 0;
  readonly #host: SubscriberHost;
  readonly #onEnd: ((end: LiveEnd) => void) | null;
  readonly #queue = new DeltaQueue();
  readonly #waiters: Waiter[] = [];
  #after: string | null;
  #head: Iterator<LiveEvent> | null = null;
  #end: LiveEnd | null = null;
  #over = false;
  #idle = true;

  constructor(parts: {
    group: SubscriberGroup;
    after: string | null;
    initial: boolean;
    host: SubscriberHost;
    onEnd: ((end: LiveEnd) => void) | null;
  }) {
    this.group = parts.group;
    this.#after = parts.after;
    this.initial = parts.initial;
    this.#host = parts.host;
    this.#onEnd = parts.onEnd;
  }

  /** The cursor to resume from. */
  get after(): string | null {
    return this.#after;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Starts: `head` first, then what is pushed from now on. */
  open(head: Iterator<LiveEvent>): void {
    if (this.#over) return;
    // It may hold a STALE from before the start, which no longer applies.
    this.#queue.clear();
    this.#head = head;
    this.group.readers.add(this);
    this.#flush();
  }

  push(delta: Delta, event: LiveEvent): void {
    const waiter = this.#isIdle() ? this.#waiters.shift() : undefined;
    if (waiter) {
      waiter.resolve({ done: false, value: event });
      return;
    }
    this.group.enqueue(this.#queue, delta, !this.initial);
    if (this.#queue.size > this.#host.queueLimit()) this.restart();
    else this.#flush();
  }

  /** Drops what waits, and starts again with RESET. */
  restart(): void {
    this.#queue.clear();
    this.#head = this.#host.reset(this);
    this.#flush();
  }

  /** Drops what waits, and waits for another `open`, which will be with RESET. */
  suspend(): void {
    this.group.readers.delete(this);
    this.#queue.clear();
    this.#head = null;
    this.#after = null;
    if (this.#idle) return;
    this.#idle = true;
    this.#host.reads(this);
  }

  notify(notice: BookmarkEvent | SignalEvent, sequence: number): void {
    this.#queue.notify(notice, sequence);
    this.#flush();
  }

  /** Ends the stream at once with an error; waiting events are dropped. */
  fail(reason: EndReason): void {
    if (this.#over) return;
    const end = new LiveEnd(reason);
    const waiter = this.#waiters.shift();
    if (waiter) waiter.reject(end);
    else this.#end = end;
    this.#finish();
    this.#onEnd?.(end);
  }

  next(): Promise<IteratorResult<LiveEvent, undefined>> {
    if (!this.#idle) {
      this.#idle = true;
      this.#host.reads(this);
    }
    if (this.#end !== null) {
      const end = this.#end;
      this.#end = null;
      return Promise.reject(end);
    }
    const event = this.#over ? undefined : this.#take();
    if (event !== undefined) {
      // More may wait: the time limit starts again.
      this.#noteWaiting();
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#over) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#finish();
    this.#end = null;
    return Promise.resolve(DONE);
  }

  throw(error?: unknown): Promise<IteratorReturnResult<undefined>> {
    this.#finish();
    this.#end = null;
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Nothing waits, so an event can be delivered directly. */
  #isIdle(): boolean {
    return this.#head === null && this.#queue.size === 0;
  }

  #take(): LiveEvent | undefined {
    if (this.#head !== null) {
      const next = this.#head.next();
      if (next.done !== true) return next.value;
      this.#head = null;
    }
    return this.group.take(this.#queue);
  }

  #flush(): void {
    while (this.#waiters.length > 0) {
      const value = this.#take();
      if (value === undefined) return;
      this.#waiters.shift()?.resolve({ done: false, value });
    }
    this.#noteWaiting();
  }

  #noteWaiting(): void {
    if (!this.#idle || this.#isIdle() || this.#over) return;
    this.#idle = false;
    this.waitingSince = this.#host.now();
    this.#host.waits(this);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#head = null;
    this.#queue.clear();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(DONE);
    if (!this.#idle) this.#host.reads(this);
    this.#host.left(this);
  }
}
