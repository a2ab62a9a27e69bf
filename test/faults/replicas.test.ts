import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import type { Stream } from '../support/live.ts';
import { hasRedis, type Redis, startRedis } from '../support/redis.ts';
import { type Replica, ReplicaBench } from '../support/replicas.ts';

const target = uuidOf.snapshot('rw-target');
const RENAME = `mutation ($uuid: UUID!, $name: String!) {
  updateSnapshot(input: { uuid: $uuid, name: $name }) { snapshot { name } userErrors { message } }
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
    third = await bench.add(redis.url, 2);
  });
  afterAll(async () => {
    await bench.stop();
    await redis.kill();
  });

  it('case 60: one polls for all; a mutation on any is seen on all within a second', async () => {
    const streams: Stream[] = [];
    for (const replica of bench.replicas) streams.push(await bench.watch(replica));
    const roles = await Promise.all(
      bench.replicas.map((replica) => replica.metric('waldur_graph_informers_by_role{role="follower"}')),
    );
    expect(roles.sort()).toEqual([0, 1, 1]);
    for (const [at, replica] of bench.replicas.entries()) {
      const name = `renamed by ${at}`;
      const from = performance.now();
      await replica.query(RENAME, { uuid: settled(streams[at], at), name });
      const events = await Promise.all(
        streams.map((stream) => stream.until(({ snapshot }) => JSON.stringify(snapshot ?? null).includes(name))),
      );
      expect(performance.now() - from).toBeLessThan(1_000);
      const [of, ...others] = events.map((all) =>
        all.map(({ kind, uuid, cursor: _, ...rest }) => ({ kind, uuid, rest })),
      );
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

  it('case 39: subscriptions survive a Redis that is killed and one that is empty', async () => {
    const streams: Stream[] = [];
    for (const replica of bench.replicas) streams.push(await bench.watch(replica));
    const shows = (name: string) =>
      Promise.all(
        streams.map((stream) => stream.until(({ snapshot }) => JSON.stringify(snapshot ?? null).includes(name))),
      );
    await redis.kill();
    await first.query(RENAME, { uuid: settled(streams[0], 3), name: 'without Redis' });
    await shows('without Redis');
    await redis.restart();
    const leaders = () =>
      Promise.all(bench.replicas.map((each) => each.metric('waldur_graph_informers_by_role{role="follower"}')));
    await expect.poll(async () => (await leaders()).sort().join(), { timeout: 60_000 }).toBe('0,1,1');
    await second.query(RENAME, { uuid: settled(streams[0], 4), name: 'with Redis again' });
    await shows('with Redis again');
    const lines = first.log.filter((line) => line.includes('REDIS_URL'));
    expect(lines.length).toBeLessThanOrEqual(2);
  }, 60_000);

  it('case 62: a stranger reads nothing in Redis', async () => {
    await bench.watch(first);
    await first.query(RENAME, { uuid: target, name: 'not to be read' });
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

  /** One of the settled objects that a stream began with; a write leaves it unsettled, because the world stands still. */
  const settled = (stream: Stream | undefined, at: number): string => {
    const found = stream?.events.filter(({ kind, state }) => kind === 'INITIAL' && state === 'OK')[at]?.uuid;
    if (found == null) throw new Error('there are too few settled snapshots');
    return found;
  };

  const rowOf = (uuid: string) => {
    const row = bench.simulator.world.tables.snapshots.get(uuid);
    if (row === undefined) throw new Error(`there is no snapshot ${uuid}`);
    return row;
  };
});
