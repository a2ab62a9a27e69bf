import { decodeEntry, encodeEntry } from '../../../src/cluster/codec.ts';
import {
  createLive,
  type ListFetcher,
  type Live,
  type LiveEvent,
  type Nudge,
  type SubscribeRequest,
  type Tuning,
} from '../../../src/live/index.ts';
import type {
  Beat,
  Cluster,
  LogListener,
  LogMessage,
  SharedContent,
  SharedLog,
  SharedSnapshot,
  SharedWrite,
} from '../../../src/live/shared-log.ts';
import type { Cancel, Clock } from '../../../src/live/types.ts';
import { seeded, type VirtualClock } from './clock.ts';

/**
 * Several engines in virtual time over a model of what Redis does for them. The model is for histories only: `test/faults/replicas.test.ts` uses a
 * real Redis.
 */

/** How long a call without a reply is waited for, as `src/cluster/redis-link.ts` does. */
const REPLY_MS = 1_000;
const LEASE_MS = 6_000;

interface Stored {
  lease: { readonly holder: string; readonly epoch: number; until: number } | null;
  epoch: number;
  /** Texts, as they are in Redis. */
  entries: { readonly sequence: number; readonly text: string }[];
  snapshot: string | null;
}

type Message = { readonly channel: string; readonly from: string; readonly text: string };

/** What Redis holds, with the semantics of the scripts. */
class ModelRedis {
  readonly #clock: VirtualClock;
  readonly #logs = new Map<string, Stored>();
  readonly hearers = new Set<(message: Message) => void>();
  isFull = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  flush(): void {
    this.#logs.clear();
  }

  publish(message: Message): void {
    for (const hear of this.hearers) hear(message);
  }

  lead(name: string, replica: string): number {
    this.#write();
    const log = this.#log(name);
    const holder = this.#lease(log)?.holder;
    if (holder !== undefined && holder !== replica) return 0;
    log.epoch = Math.max(log.epoch + 1, this.#clock.wallNow());
    log.lease = { holder: replica, epoch: log.epoch, until: this.#clock.now() + LEASE_MS };
    return log.epoch;
  }

  load(name: string): SharedContent {
    const { snapshot, entries } = this.#log(name);
    return {
      snapshot: snapshot === null ? null : (JSON.parse(snapshot) as SharedSnapshot),
      entries: entries.map(({ text }) => decodeEntry(text)),
    };
  }

  append(name: string, replica: string, epoch: number, entries: Stored['entries'], keepFrom: number): boolean {
    this.#write();
    const log = this.#log(name);
    if (!this.#holds(log, replica, epoch)) return false;
    const last = log.entries.at(-1);
    if (last !== undefined && last.sequence + 1 !== entries[0]?.sequence) return false;
    for (const entry of entries) {
      if (entry.sequence <= (log.entries.at(-1)?.sequence ?? 0))
        throw new Error('The ID is not larger than the last one.');
      log.entries.push(entry);
    }
    log.entries = log.entries.filter(({ sequence }) => sequence >= keepFrom);
    return true;
  }

  save(name: string, replica: string, epoch: number, snapshot: string, anew: boolean): boolean {
    this.#write();
    const log = this.#log(name);
    if (!this.#holds(log, replica, epoch)) return false;
    if (anew) log.entries = [];
    log.snapshot = snapshot;
    return true;
  }

  beat(name: string, replica: string, epoch: number): boolean {
    const log = this.#log(name);
    if (log.lease === null || !this.#holds(log, replica, epoch)) return false;
    log.lease.until = this.#clock.now() + LEASE_MS;
    return true;
  }

  release(name: string, replica: string, epoch: number): boolean {
    const log = this.#log(name);
    if (!this.#holds(log, replica, epoch)) return false;
    log.lease = null;
    return true;
  }

  #write(): void {
    if (this.isFull) throw new Error('OOM');
  }

  #log(name: string): Stored {
    const log = this.#logs.get(name) ?? { lease: null, epoch: 0, entries: [], snapshot: null };
    this.#logs.set(name, log);
    return log;
  }

  #lease(log: Stored): Stored['lease'] {
    if (log.lease !== null && log.lease.until <= this.#clock.now()) log.lease = null;
    return log.lease;
  }

  #holds(log: Stored, replica: string, epoch: number): boolean {
    const lease = this.#lease(log);
    return lease?.holder === replica && lease.epoch === epoch;
  }
}

/** The connection of one replica: calls and messages keep their order, and need time. */
class ModelCluster implements Cluster {
  readonly #redis: ModelRedis;
  readonly #clock: Clock;
  readonly #id: string;
  readonly #delay: () => number;
  readonly #listeners = new Map<string, Set<(text: string) => void>>();
  readonly #connected = new Set<() => void>();
  #isCut = false;
  #isKnownCut = false;
  /** Calls that were lost on the way. */
  readonly #lost = new Set<() => void>();
  #sentAt = 0;
  #heardAt = 0;

  constructor(redis: ModelRedis, clock: Clock, id: string, delay: () => number) {
    this.#redis = redis;
    this.#clock = clock;
    this.#id = id;
    this.#delay = delay;
    redis.hearers.add((message) => this.#deliver(message));
  }

  get isUp(): boolean {
    return !this.#isKnownCut;
  }

  /** Nothing passes in either direction. Calls find out after a second. */
  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    if (!this.#isCut) return;
    this.#isCut = false;
    this.#isKnownCut = false;
    // What was lost is not followed by what is not: the connection is a new one.
    for (const fail of [...this.#lost]) fail();
    this.#lost.clear();
    for (const tell of this.#connected) tell();
  }

  open(callerKey: string, scope: string, listener: LogListener): SharedLog {
    const name = `${callerKey} ${scope}`;
    const connected = (): void => listener.connected();
    this.#connected.add(connected);
    const deafen = this.#listen(name, (text) => {
      const message = JSON.parse(text) as LogMessage;
      if (message.kind !== 'entries') return listener.heard(message);
      listener.heard({ ...message, entries: message.entries.map((entry) => decodeEntry(JSON.stringify(entry))) });
    });
    const say = (message: object): void =>
      this.#redis.publish({ channel: name, from: this.#id, text: JSON.stringify(message) });
    return {
      lead: () =>
        this.#call(() => {
          const epoch = this.#redis.lead(name, this.#id);
          return epoch === 0 ? null : epoch;
        }),
      load: () => this.#call(() => this.#redis.load(name)),
      append: (lease, entries, keepFrom) => {
        const written = entries.map((entry) => ({ sequence: entry.sequence, text: encodeEntry(entry) }));
        return this.#call(() => {
          const isKept = this.#redis.append(name, this.#id, lease, written, keepFrom);
          if (isKept) say({ kind: 'entries', lease, entries: written.map(({ text }) => JSON.parse(text)) });
          return isKept;
        });
      },
      save: (lease, snapshot, anew) => {
        const text = JSON.stringify(snapshot);
        return this.#call(() => {
          const isKept = this.#redis.save(name, this.#id, lease, text, anew);
          if (isKept) say({ kind: 'snapshot', fields: snapshot.fields });
          return isKept;
        });
      },
      beat: (beat: Beat) =>
        this.#call(() => {
          const isHeld = this.#redis.beat(name, this.#id, beat.lease);
          if (isHeld) say({ kind: 'beat', beat });
          return isHeld;
        }),
      send: (message) => {
        this.#call(() => say(message)).catch(() => {});
      },
      release: (lease) =>
        this.#call(() => {
          if (this.#redis.release(name, this.#id, lease)) say({ kind: 'released' });
        }).catch(() => {}),
      close: () => {
        deafen();
        this.#connected.delete(connected);
      },
    };
  }

  onWrite(callerKey: string, heard: (write: SharedWrite) => void): () => void {
    return this.#listen(`writes ${callerKey}`, (text) => heard(JSON.parse(text) as SharedWrite));
  }

  wrote(callerKey: string, write: SharedWrite): void {
    const message = { channel: `writes ${callerKey}`, from: this.#id, text: JSON.stringify(write) };
    this.#call(() => this.#redis.publish(message)).catch(() => {});
  }

  #listen(channel: string, hear: (text: string) => void): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(hear));
    return () => listeners.delete(hear);
  }

  #deliver({ channel, from, text }: Message): void {
    if (this.#isCut || from === this.#id) return;
    this.#heardAt = Math.max(this.#clock.now() + this.#delay(), this.#heardAt);
    this.#clock.setTimer(this.#heardAt - this.#clock.now(), () => {
      for (const hear of this.#listeners.get(channel) ?? []) hear(text);
    });
  }

  #call<Reply>(run: () => Reply): Promise<Reply> {
    if (this.#isKnownCut) return Promise.reject(new Error('Redis cannot be used.'));
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        this.#isKnownCut = this.#isCut;
        reject(new Error('Redis did not respond.'));
      };
      const late = this.#clock.setTimer(REPLY_MS, fail);
      const lose = (): void => {
        this.#lost.add(() => {
          late();
          reject(new Error('The connection was lost.'));
        });
      };
      this.#sentAt = Math.max(this.#clock.now() + this.#delay(), this.#sentAt);
      this.#clock.setTimer(this.#sentAt - this.#clock.now(), () => {
        if (this.#isCut) return lose();
        try {
          const reply = run();
          this.#clock.setTimer(this.#delay(), () => {
            late();
            // A reply is lost when the connection is cut on its way.
            if (this.#isCut) fail();
            else resolve(reply);
          });
        } catch (error) {
          late();
          reject(error);
        }
      });
    });
  }
}

/** A clock of a process that can be stopped: what falls due meanwhile happens when it continues. */
class ProcessClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #aheadMs: number;
  readonly #late: (() => void)[] = [];
  readonly #timers = new Set<Cancel>();
  #isStopped = false;
  #isDead = false;

  /** @param aheadMs by how much its clocks are ahead of those of others. */
  constructor(clock: VirtualClock, aheadMs: number) {
    this.#clock = clock;
    this.#aheadMs = aheadMs;
  }

  now(): number {
    return this.#clock.now() + this.#aheadMs;
  }

  wallNow(): number {
    return this.#clock.wallNow() + this.#aheadMs;
  }

  setTimer(ms: number, fire: () => void): Cancel {
    let isCancelled = false;
    const cancel = this.#clock.setTimer(ms, () => {
      this.#timers.delete(cancel);
      if (this.#isStopped) this.#late.push(() => isCancelled || fire());
      else fire();
    });
    if (this.#isDead) cancel();
    else this.#timers.add(cancel);
    return () => {
      isCancelled = true;
      this.#timers.delete(cancel);
      cancel();
    };
  }

  stop(): void {
    this.#isStopped = true;
  }

  continue(): void {
    this.#isStopped = false;
    for (const fire of this.#late.splice(0)) fire();
  }

  kill(): void {
    this.#isDead = true;
    this.#late.length = 0;
    for (const cancel of this.#timers) cancel();
  }

  get isRunning(): boolean {
    return !this.#isStopped && !this.#isDead;
  }

  /** Gives a result to the process: when it is stopped, later; when it is dead, never. */
  async arrive<Value>(result: Promise<Value>): Promise<Value> {
    const settled = await result.then(
      (value) => () => value,
      (error) => () => {
        throw error;
      },
    );
    await new Promise<void>((resolve) => {
      this.setTimer(0, resolve);
    });
    return settled();
  }
}

export interface ReplicasOptions {
  readonly clock: VirtualClock;
  readonly upstream: ListFetcher;
  readonly count: number;
  readonly seed: number;
  readonly tuning: Partial<Tuning>;
  readonly isColumn: (field: string) => boolean;
}

interface Replica {
  readonly live: Live;
  readonly clock: ProcessClock;
  readonly cluster: ModelCluster;
  readonly fetcher: ListFetcher;
}

/**
 * Clocks of replicas differ by multiples of this, so that a test can tell what `observedAt` is by its own clock: far more than the
 * duration of a history.
 */
const SKEW_MS = 10 ** 10;

/** @returns the time by the clock of the test. @param now by the same. */
export const withoutSkew = (at: number, now: number): number => at - Math.round((at - now) / SKEW_MS) * SKEW_MS;

/** Replicas of one gateway, with clocks that are months apart. */
export class Replicas {
  readonly redis: ModelRedis;
  readonly #options: ReplicasOptions;
  readonly #chance: () => number;
  readonly #replicas: Replica[] = [];
  /** Longest delay of a message or call to Redis, in ms. */
  delayMs = 2;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.#chance = seeded(options.seed + 7);
    this.redis = new ModelRedis(options.clock);
    for (let at = 0; at < options.count; at += 1) this.#replicas.push(this.#start(at));
  }

  get count(): number {
    return this.#replicas.length;
  }

  at(index: number): Replica {
    const replica = this.#replicas[index % this.#replicas.length];
    if (replica === undefined) throw new Error('There is no replica.');
    return replica;
  }

  /** @returns whether it runs; one that is stopped accepts nobody. */
  isRunning(index: number): boolean {
    return this.at(index).clock.isRunning;
  }

  subscribe(index: number, request: SubscribeRequest): AsyncIterableIterator<LiveEvent> {
    const { live, fetcher } = this.at(index);
    return live.subscribe({ ...request, fetcher });
  }

  /** A write begins on a replica. @returns what reports its response. */
  beginWrite(index: number, callerKey: string): (nudge: Omit<Nudge, 'mark'>) => void {
    const { live, clock } = this.at(index);
    const mark = live.mark();
    // A process that is stopped or dead sends no response, so the client does not know of its write either.
    return (nudge) => clock.setTimer(0, () => live.nudge(callerKey, { ...nudge, mark }));
  }

  /** It stops at once, and another takes its place. */
  kill(index: number): void {
    const { clock, cluster } = this.at(index);
    clock.kill();
    cluster.cut();
    this.#replicas[index % this.count] = this.#start(index + 10 * this.count);
  }

  stop(index: number): void {
    this.at(index).clock.stop();
  }

  continue(index: number): void {
    this.at(index).clock.continue();
  }

  /** Shuts one down in order, and starts another. */
  async restart(index: number): Promise<void> {
    const { live, clock } = this.at(index);
    clock.continue();
    this.#replicas[index % this.count] = this.#start(index + 20 * this.count);
    let isClosed = false;
    void live.close().then(() => {
      isClosed = true;
    });
    // Its lease is given up by a call, which takes time.
    await this.#options.clock.advance(10);
    while (!isClosed) await this.#options.clock.advance(100);
  }

  cut(index: number): void {
    this.at(index).cluster.cut();
  }

  heal(): void {
    this.redis.isFull = false;
    for (const { cluster, clock } of this.#replicas) {
      cluster.heal();
      clock.continue();
    }
  }

  async close(): Promise<void> {
    const closed = this.#replicas.map(({ live }) => live.close());
    await this.#options.clock.advance(3_000);
    await Promise.all(closed);
  }

  #start(number: number): Replica {
    const { clock: world, upstream, tuning, seed, isColumn } = this.#options;
    const clock = new ProcessClock(world, number * SKEW_MS);
    const cluster = new ModelCluster(this.redis, clock, `replica ${number}`, () =>
      // Whole numbers: sums of others are rounded, which changes their order.
      Math.floor(this.#chance() * this.delayMs),
    );
    const fetcher: ListFetcher = {
      listPage: (...args) => clock.arrive(upstream.listPage(...args)),
      inStates: (...args) => clock.arrive(upstream.inStates(...args)),
      count: (...args) => clock.arrive(upstream.count(...args)),
      get: (...args) => clock.arrive(upstream.get(...args)),
    };
    const live = createLive({
      clock,
      random: seeded(seed + 100 + number),
      cursorKey: 'test key',
      isColumn: (_kind, field) => isColumn(field),
      cluster,
      tuning,
      onUnexpected: (error) => {
        throw error;
      },
    });
    return { live, clock, cluster, fetcher };
  }
}
