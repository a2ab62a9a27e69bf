import { randomBytes } from 'node:crypto';
import type { Seals } from '../auth/seal.ts';
import type { Cluster, LogListener, SharedLog, SharedWrite } from '../live/shared-log.ts';
import { Channel } from './channel.ts';
import { RedisLink, type RedisLinkEvents } from './redis-link.ts';
import { type LogTools, RedisLog, type Renewal } from './redis-log.ts';
import { BEAT } from './scripts.ts';

export interface RedisClusterOptions {
  readonly url: string;
  readonly seals: Seals;
  /** Measures durations. */
  readonly now: () => number;
  readonly events: RedisLinkEvents;
  /** How long a lease lasts, in ms. */
  readonly leaseMs: number;
}

const PREFIX = 'waldur-graph:2:';
/** The state of an informer is kept for so long after its last subscriber has left all replicas, in ms. */
const KEEP_MS = 11 * 60_000;
/** Renewals within this time, in ms, are one call, of at most so many. */
const RENEWAL_WINDOW_MS = 25;
const RENEWALS = 200;

interface WaitingRenewal {
  readonly renewal: Renewal;
  readonly resolve: (isHeld: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** The replicas of a gateway that use the same Redis. */
export class RedisCluster implements Cluster {
  readonly #seals: Seals;
  readonly #link: RedisLink;
  readonly #tools: LogTools;
  readonly #logs = new Set<RedisLog>();
  #renewals: WaitingRenewal[] = [];
  #onceUp: () => void = () => {};

  constructor({ url, seals, now, events, leaseMs }: RedisClusterOptions) {
    const replica = randomBytes(8).toString('hex');
    this.#seals = seals;
    this.#link = new RedisLink(url, replica, now, events, () => {
      this.#onceUp();
      for (const log of this.#logs) log.connected();
    });
    this.#tools = { link: this.#link, replica, leaseMs, keepMs: KEEP_MS, beat: (renewal) => this.#renew(renewal) };
  }

  get isUp(): boolean {
    return this.#link.isUp;
  }

  /** Resolves when Redis can be used, or after `ms`. */
  async ready(ms: number): Promise<void> {
    if (this.isUp) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onceUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  open(callerKey: string, scope: string, listener: LogListener): SharedLog | null {
    const seal = this.#seals.of(callerKey);
    if (seal === undefined) return null;
    const name = `${PREFIX}${seal.name('informer', scope)}`;
    const log = new RedisLog(name, seal, this.#tools, listener, () => this.#logs.delete(log));
    this.#logs.add(log);
    return log;
  }

  onWrite(callerKey: string, heard: (write: SharedWrite) => void): (() => void) | null {
    const channel = this.#writesOf(callerKey);
    if (channel === null) return null;
    const listening = this.#link.listen(channel.name, (message) => {
      const write = channel.unwrap(message);
      if (write !== undefined) heard(write as SharedWrite);
    });
    // When the connection fails, the channel is subscribed to again.
    listening.catch(() => {});
    return () => this.#link.deafen(channel.name);
  }

  wrote(callerKey: string, write: SharedWrite): void {
    const channel = this.#writesOf(callerKey);
    if (channel !== null) this.#link.publish(channel.name, channel.wrap(write));
  }

  close(): void {
    this.#link.close();
  }

  #writesOf(callerKey: string): Channel | null {
    const seal = this.#seals.of(callerKey);
    return seal === undefined ? null : new Channel(`${PREFIX}${seal.name('writes')}:writes`, seal, this.#tools.replica);
  }

  #renew(renewal: Renewal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#renewals.length === 0) setTimeout(() => this.#sendRenewals(), RENEWAL_WINDOW_MS).unref();
      this.#renewals.push({ renewal, resolve, reject });
    });
  }

  #sendRenewals(): void {
    const waiting = this.#renewals;
    this.#renewals = [];
    for (let from = 0; from < waiting.length; from += RENEWALS)
      void this.#sendSome(waiting.slice(from, from + RENEWALS));
  }

  async #sendSome(waiting: readonly WaitingRenewal[]): Promise<void> {
    const { leaseMs, keepMs } = this.#tools;
    const names = waiting.map(({ renewal }) => renewal.name);
    const values = waiting.flatMap(({ renewal: { holder, message, state } }) => [holder, message, state ? '1' : '0']);
    try {
      const held = (await this.#link.run(BEAT, false, names, [String(leaseMs), String(keepMs), ...values])) as number[];
      for (const [at, { resolve }] of waiting.entries()) resolve(held[at] === 1);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
