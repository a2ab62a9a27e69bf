import { setTimeout as pause } from 'node:timers/promises';
import type WebSocket from 'ws';
import { DEFAULT_TUNING } from '../../src/live/index.ts';
import { type Redis, startRedis } from '../../test/support/redis.ts';
import type { Running } from '../lib/processes.ts';
import { connect, subscribe } from '../live/clients.ts';
import { startGateway, startWorld, type World } from '../live/servers.ts';
import { RedisProbe } from './redis.ts';

const WATCH = 'subscription { snapshotChanges(initial: false) { kind uuid state snapshot { uuid name state } } }';
const RENAME = `mutation ($uuid: UUID!, $name: String!) {
  updateSnapshot(input: { uuid: $uuid, name: $name }) { userErrors { message } } }`;
/** Between two polls of a scope at rest. */
const TICK_MS = DEFAULT_TUNING.idleMs;
const READY_MS = 120_000;

/** What a run is about. */
export interface Setting {
  readonly replicas: number;
  readonly callers: number;
  /** Subscriptions of each caller on each replica. */
  readonly each: number;
  readonly snapshots: number;
}

interface Receipt {
  readonly replica: number;
  readonly caller: number;
  readonly at: number;
}

/** Gateways in processes of their own, with one Redis, one Waldur and subscribers of all callers on all of them. */
export class Replicas {
  readonly setting: Setting;
  readonly world: World;
  readonly redis: RedisProbe;
  readonly gateways: Running[];
  readonly #server: Redis;
  readonly #tokens: readonly string[];
  readonly #sockets: WebSocket[] = [];
  /** Events that name a snapshot which this program has renamed, by its new name. */
  readonly #receipts = new Map<string, Receipt[]>();
  readonly #told = new Set<string>();
  #ready = 0;
  events = 0;
  /** Memory that Redis uses while it holds nothing. */
  emptyRedisBytes = 0;

  private constructor(
    setting: Setting,
    parts: { server: Redis; redis: RedisProbe; world: World; gateways: Running[]; tokens: readonly string[] },
  ) {
    this.setting = setting;
    this.#server = parts.server;
    this.redis = parts.redis;
    this.world = parts.world;
    this.gateways = parts.gateways;
    this.#tokens = parts.tokens;
  }

  /** The first replica gets its subscribers first, so it leads for all callers. */
  static async start(setting: Setting): Promise<Replicas> {
    const [server, world] = await Promise.all([
      startRedis(),
      startWorld('--users', String(setting.callers), '--snapshots', String(setting.snapshots)),
    ]);
    await world.settle();
    const redis = await RedisProbe.connect(server.url);
    const env = { REDIS_URL: server.url, CURSOR_KEY: 'a key that all replicas have', CACHE_TTL_MS: '0' };
    const gateways = await Promise.all(Array.from({ length: setting.replicas }, () => startGateway(world, env)));
    const all = (await (await fetch(`${world.url}/__sim/tokens`)).json()) as { username: string; token: string }[];
    const made = all.filter(({ username }) => username.startsWith('caller-')).map(({ token }) => token);
    // The first caller writes, and members may not.
    const tokens = [world.token, ...made].slice(0, setting.callers);
    const replicas = new Replicas(setting, { server, redis, world, gateways, tokens });
    replicas.emptyRedisBytes = (await redis.use()).memoryBytes;
    for (let at = 0; at < gateways.length; at += 1) await replicas.#subscribe(at);
    return replicas;
  }

  get survivors(): Running[] {
    return this.gateways.slice(1);
  }

  /** Kills the replica that leads. */
  async killLeader(): Promise<void> {
    await this.gateways[0]?.stop();
  }

  /** For how many callers these replicas poll. */
  async leading(of: readonly Running[]): Promise<number> {
    const counts = await Promise.all(
      of.map(async ({ port }) => {
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        return Number(/^waldur_graph_informers_by_role\{role="leader"\} (.+)$/m.exec(text)?.[1]);
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Renames a snapshot as the first caller, by a replica. */
  async rename(by: number, uuid: string, name: string): Promise<void> {
    this.#receipts.set(name, []);
    const response = await fetch(`http://127.0.0.1:${this.gateways[by]?.port}/graphql`, {
      method: 'POST',
      headers: { authorization: `Token ${this.#tokens[0]}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: RENAME, variables: { uuid, name } }),
    });
    const answer = JSON.stringify(await response.json());
    if (!answer.includes('"userErrors":[]')) throw new Error(`a mutation failed: ${answer.slice(0, 300)}`);
  }

  /** Renames a snapshot as somebody else does, outside of the gateways. */
  async renameOutside(uuid: string, name: string): Promise<void> {
    this.#receipts.set(name, []);
    await this.world.patch(uuid, { name });
  }

  /** Waits until so many subscriptions that fulfil the condition were told of the name. @returns when each was; fewer after `limitMs`. */
  async receipts(
    name: string,
    wanted: number,
    limitMs: number,
    counts: (receipt: Receipt) => boolean,
  ): Promise<number[]> {
    const here = (): Receipt[] => (this.#receipts.get(name) ?? []).filter(counts);
    await until(() => here().length >= wanted, limitMs);
    return here().map(({ at }) => at);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.redis.close();
    await Promise.all([...this.gateways.map((gateway) => gateway.stop()), this.world.simulator.stop()]);
    await this.#server.kill();
  }

  async #subscribe(replica: number): Promise<void> {
    const wanted = this.#ready + this.#tokens.length * this.setting.each;
    for (const [at, token] of this.#tokens.entries()) {
      await this.#open(replica, at, token);
      // Callers come at different times, otherwise all of them would poll at the same moment and a window have a poll more or less of each.
      if (replica === 0) await pause(TICK_MS / this.#tokens.length);
    }
    await until(() => this.#ready >= wanted, READY_MS);
    if (this.#ready < wanted) throw new Error(`only ${this.#ready} of ${wanted} streams have begun`);
  }

  async #open(replica: number, caller: number, token: string): Promise<void> {
    const socket = await connect(this.gateways[replica]?.port ?? 0, token);
    const begun = new Set<string>();
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      const id = /"id":"(\d+)"/.exec(text)?.[1] ?? '';
      if (!begun.has(id) && text.includes('"BOOKMARK"')) {
        begun.add(id);
        this.#ready += 1;
      }
      const name = /"name":"(bench [^"]+)"/.exec(text)?.[1];
      if (name === undefined) return;
      this.events += 1;
      // An object can be reported again with the same name.
      const receipt = `${replica} ${caller} ${id} ${name}`;
      if (this.#told.has(receipt)) return;
      this.#told.add(receipt);
      this.#receipts.get(name)?.push({ replica, caller, at: performance.now() });
    });
    for (let at = 0; at < this.setting.each; at += 1) subscribe(socket, String(at), WATCH, {});
    this.#sockets.push(socket);
  }
}

export async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition() && performance.now() < end) await pause(10);
}
