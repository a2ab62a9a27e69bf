import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import type { GatewayProcess } from '../../tools/gateway-process.ts';
import { dataset, tokenOf, uuidOf } from '../support/gateway.ts';
import { Client, type LiveEvent, operation } from '../support/live.ts';
import { hasRedis, type Redis, startRedis } from '../support/redis.ts';
import { CuttableProxy, end, startReplica } from '../support/replica-processes.ts';

const target = uuidOf.snapshot('rw-target');
const TAKEOVER_MS = 10_000;

/** A client that keeps a table as docs/live.md tells it to, and reconnects to another replica with its last cursor. */
class Table {
  readonly rows = new Map<string, string | null>();
  falseRemovals = 0;
  #cursor: string | null = null;
  #client: Client | undefined;
  readonly #exists: (uuid: string) => boolean;

  constructor(exists: (uuid: string) => boolean) {
    this.#exists = exists;
  }

  async connect(url: string): Promise<void> {
    this.#client?.socket.close();
    const client = await Client.open(url, tokenOf('staff'));
    this.#client = client;
    const stream = client.subscribe(operation('SnapshotChanges'), { filter: {}, after: this.#cursor });
    const read = async (): Promise<never> => {
      for (;;) this.#take(await stream.next());
    };
    // The socket of a process that ends is lost; the test connects again.
    read().catch(() => {});
  }

  close(): void {
    this.#client?.socket.close();
  }

  #take({ kind, uuid, state, cursor, snapshot }: LiveEvent): void {
    if (kind === 'RESET') {
      this.rows.clear();
      this.#cursor = null;
    }
    this.#cursor = cursor ?? this.#cursor;
    if (uuid == null) return;
    if (snapshot != null) this.rows.set(uuid, state ?? null);
    else if (kind === 'REMOVED') {
      this.rows.delete(uuid);
      if (this.#exists(uuid)) this.falseRemovals += 1;
    }
  }
}

describe.runIf(hasRedis('three processes that share subscriptions'))('three processes that share subscriptions', () => {
  let redis: Redis;
  let simulator: Simulator;
  let replicas: GatewayProcess[];
  let proxies: CuttableProxy[];
  let tables: Table[];

  beforeEach(async () => {
    redis = await startRedis();
    simulator = await startSimulator({ dataset, frozen: true });
    proxies = await Promise.all([0, 1, 2].map(() => CuttableProxy.start(redis.port)));
    replicas = await Promise.all(proxies.map(({ url }) => startReplica(simulator.url, url)));
    tables = replicas.map(() => new Table((uuid) => simulator.world.tables.snapshots.has(uuid)));
    // The first becomes the leader.
    for (const [at, table] of tables.entries()) {
      await table.connect(urlOf(at));
      await expect.poll(() => table.rows.size).toBe(simulator.world.tables.snapshots.size);
    }
  });
  afterEach(async () => {
    for (const table of tables) table.close();
    await Promise.all(replicas.map((replica) => end(replica, 'SIGKILL')));
    for (const proxy of proxies) proxy.close();
    await simulator.close();
    await redis.kill();
  });

  const urlOf = (at: number): string => replicas[at % replicas.length]?.url ?? '';
  const replicaAt = (at: number): GatewayProcess => {
    const replica = replicas[at];
    if (replica === undefined) throw new Error(`there is no replica ${at}`);
    return replica;
  };
  const change = (state: string): void => {
    const row = simulator.world.tables.snapshots.get(target);
    if (row === undefined) throw new Error('the snapshot is gone');
    simulator.world.update(row, { state });
    simulator.world.touch(row);
  };
  /** All these tables show the state, in time. */
  const show = (of: readonly Table[], state: string, ms: number) =>
    expect
      .poll(() => of.map(({ rows }) => rows.get(target)), { timeout: ms, interval: 50 })
      .toEqual(of.map(() => state));

  const metric = async (at: number, name: string): Promise<number> => {
    const text = await (await fetch(`${urlOf(at)}/metrics`)).text();
    return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  };
  const isLed = (at: readonly number[]) =>
    expect
      .poll(
        async () =>
          (await Promise.all(at.map((each) => metric(each, 'waldur_graph_informers_by_role{role="leader"}')))).join(),
        {
          timeout: TAKEOVER_MS,
          interval: 100,
        },
      )
      .toContain('1');

  it('case 40: the leader is killed: another leads within 10 s, and no final state is lost', async () => {
    await end(replicaAt(0), 'SIGKILL');
    change('ERRED');
    await isLed([1, 2]);
    await tables[0]?.connect(urlOf(1));
    await show(tables, 'ERRED', TAKEOVER_MS);
    expect(tables.map(({ falseRemovals }) => falseRemovals)).toEqual([0, 0, 0]);
  });

  it('case 40: the leader is stopped and continues: it follows the one that took over', async () => {
    const leader = replicaAt(0);
    leader.child.kill('SIGSTOP');
    change('ERRED');
    await isLed([1, 2]);
    await show(tables.slice(1), 'ERRED', TAKEOVER_MS);
    leader.child.kill('SIGCONT');
    await expect
      .poll(() => metric(0, 'waldur_graph_informers_by_role{role="follower"}'), { timeout: TAKEOVER_MS })
      .toBe(1);
    await show(tables, 'ERRED', TAKEOVER_MS);
    change('OK');
    await show(tables, 'OK', 15_000);
    expect(tables.map(({ falseRemovals }) => falseRemovals)).toEqual([0, 0, 0]);
  });

  it('case 61: the network of the leader to Redis is cut: both sides see all changes, and become one again', async () => {
    proxies[0]?.cut();
    change('ERRED');
    await isLed([1, 2]);
    await show(tables, 'ERRED', 20_000);
    expect(await metric(0, 'waldur_graph_redis_up')).toBe(0);
    proxies[0]?.heal();
    await expect.poll(() => metric(0, 'waldur_graph_informers_by_role{role="follower"}'), { timeout: 20_000 }).toBe(1);
    change('OK');
    await show(tables, 'OK', 15_000);
    expect(tables.map(({ falseRemovals }) => falseRemovals)).toEqual([0, 0, 0]);
  });

  it('case 60: cursors are honoured after all processes were replaced one after another', async () => {
    const seen = await Client.open(urlOf(0), tokenOf('staff'));
    const stream = seen.subscribe(operation('SnapshotChanges'), { filter: {} });
    await stream.until('BOOKMARK');
    const { cursor } = stream;
    seen.socket.close();
    for (const at of [0, 1, 2]) {
      const replica = await startReplica(simulator.url, proxies[at]?.url ?? '');
      await end(replicaAt(at), 'SIGTERM');
      replicas[at] = replica;
      // Clients reconnect at once, so that the state is never without a replica.
      await tables[at]?.connect(urlOf(at));
      if (at === 1) change('ERRED');
    }
    await show(tables, 'ERRED', 15_000);
    for (const at of [0, 1, 2]) {
      const client = await Client.open(urlOf(at), tokenOf('staff'));
      const resumed = client.subscribe(operation('SnapshotChanges'), { filter: {}, after: cursor });
      const events = await resumed.until('BOOKMARK');
      expect(events.map(({ kind, uuid, state }) => [kind, uuid ?? null, state ?? null])).toEqual([
        ['STATE_CHANGED', target, 'ERRED'],
        ['BOOKMARK', null, null],
      ]);
      client.socket.close();
    }
    expect(tables.map(({ falseRemovals }) => falseRemovals)).toEqual([0, 0, 0]);
  });
});
