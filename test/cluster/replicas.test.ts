import { createClient } from '@redis/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import { hasRedis, type Redis, startRedis } from '../support/redis.ts';
import { type Replica, ReplicaBench } from './support/replicas.ts';

const target = uuidOf.snapshot('rw-target');
const RENAME = `mutation ($name: String!) {
  updateSnapshot(input: { uuid: "${target}", name: $name }) { snapshot { name } userErrors { message } }
}`;

describe.runIf(hasRedis('replicas that share subscriptions'))('replicas that share subscriptions', () => {
  let redis: Redis;
  let bench: ReplicaBench;
  let first: Replica;
  let second: Replica;
  let third: Replica;

  beforeAll(async () => {
    redis = await startRedis();
    bench = await ReplicaBench.start();
    first = await bench.add(redis.url, 0);
    second = await bench.add(redis.url, 1);
    third = await bench.add(redis.url, -1);
  });
  beforeEach(() => {
    bench.simulator.reset();
    bench.simulator.resetStats();
  });
  afterAll(async () => {
    await bench.stop();
    await redis.kill();
  });

  it('case 60: one polls for all; a mutation on any is seen on all within a second', async () => {
    const streams = [];
    for (const replica of bench.replicas) streams.push(await bench.watch(replica));
    const roles = await Promise.all(bench.replicas.map((replica) => replica.metric('waldur_graph_informers_following')));
    expect(roles.sort()).toEqual([0, 1, 1]);
    // The scope was read once: two pages hold it.
    expect(bench.simulator.stats().total).toBe(2);
    for (const [at, replica] of bench.replicas.entries()) {
      const name = `renamed by ${at}`;
      const from = performance.now();
      await replica.query(RENAME, { name });
      const events = await Promise.all(
        streams.map((stream) => stream.until(({ snapshot }) => JSON.stringify(snapshot ?? null).includes(name))),
      );
      expect(performance.now() - from).toBeLessThan(1_000);
      const [of, ...others] = events.map((all) => all.map(({ kind, uuid, cursor: _, ...rest }) => ({ kind, uuid, rest })));
      for (const other of others) expect(other.at(-1)).toEqual(of?.at(-1));
    }
  });

  it('case 60: a cursor of one is honoured by the others', async () => {
    const filter = { state: ['OK'] };
    const stream = await bench.watch(first, { filter });
    const { cursor } = stream;
    bench.simulator.world.update(rowOf(target), { state: 'ERRED' });
    await stream.until('REMOVED');
    for (const replica of [second, third]) {
      const resumed = await bench.watch(replica, { filter, after: cursor });
      expect(resumed.events.map(({ kind, uuid }) => [kind, uuid])).toEqual([
        ['REMOVED', target],
        ['BOOKMARK', null],
      ]);
      expect(resumed.events[0]?.cursor).toBe(stream.cursor);
    }
  });

  it('a follower gets fields that only its own subscriber selects', async () => {
    await bench.watch(first, { filter: { name: 'rw' } });
    const { errors } = (await second.query('{ __typename }')) as { errors?: unknown };
    expect(errors).toBeUndefined();
  });

  it('case 62: a stranger reads nothing in Redis', async () => {
    await bench.watch(first);
    await first.query(RENAME, { name: 'not to be read' });
    const client = createClient({ url: redis.url });
    await client.connect();
    const keys = await client.keys('*');
    const dumps = await Promise.all(keys.map((key) => client.sendCommand(['DUMP', key])));
    await client.close();
    const everything = [...keys, ...dumps].join('\n');
    expect(keys.filter((key) => key.endsWith(':log')).length).toBeGreaterThan(0);
    for (const secret of [tokenOf('staff'), target, 'not to be read', 'rw-target', 'Token ']) {
      expect(everything.includes(secret)).toBe(false);
    }
  });

  const rowOf = (uuid: string) => {
    const row = bench.simulator.world.tables.snapshots.get(uuid);
    if (row === undefined) throw new Error(`there is no snapshot ${uuid}`);
    return row;
  };
});
