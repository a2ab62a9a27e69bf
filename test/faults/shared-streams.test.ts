import { createClient, RESP_TYPES } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import type { Stream } from '../support/live.ts';
import { hasRedis, type Redis, startRedis } from '../support/redis.ts';
import { type Replica, ReplicaBench } from '../support/replicas.ts';

/** Subscriptions of two replicas while Redis fails, and while strangers write to it. A real Redis. */

const target = uuidOf.snapshot('rw-target');
const PASSWORD = 'hunter2';
const NAME = `{ snapshot(uuid: "${target}") { name } }`;
/** Quiet scopes are polled soon, so that tests do not wait for it. */
const PACE = { live: { idleMs: 300 } };
const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

describe.runIf(hasRedis('subscriptions that share a Redis'))('subscriptions that share a Redis', () => {
  let redis: Redis;
  let bench: ReplicaBench;
  let first: Replica;
  let second: Replica;
  let admin: Awaited<ReturnType<typeof connect>>;

  const connect = async () => {
    const client = createClient({ url: redis.url });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  beforeAll(async () => {
    redis = await startRedis(PASSWORD);
  });
  beforeEach(async () => {
    await redis.restart();
    bench = await ReplicaBench.start();
    first = await bench.add(redis.url, 0, PACE);
    second = await bench.add(redis.url, 1, PACE);
    admin = await connect();
  });
  afterEach(async () => {
    redis.resume();
    admin.destroy();
    await bench.stop();
  });
  afterAll(() => redis.kill());

  const rename = (name: string): void => {
    const row = bench.simulator.world.tables.snapshots.get(target);
    if (row === undefined) throw new Error('the snapshot is gone');
    bench.simulator.world.update(row, { name });
    bench.simulator.world.touch(row);
  };
  const nameOf = ({ events }: Stream): unknown =>
    events.findLast((event) => event.uuid === target && event.snapshot != null)?.snapshot;
  /** All streams show the name, by an event. */
  const show = (streams: readonly Stream[], name: string, ms = 30_000) =>
    expect
      .poll(() => streams.map((stream) => JSON.stringify(nameOf(stream)).includes(`"${name}"`)), { timeout: ms })
      .toEqual(streams.map(() => true));
  /** One replica leads, and the other follows. */
  const areTogether = (of: readonly Replica[] = [first, second]) =>
    expect
      .poll(
        async () =>
          (await Promise.all(of.map((each) => each.metric('waldur_graph_informers_by_role{role="follower"}')))).sort(),
        { timeout: 30_000 },
      )
      .toEqual(of.map((_, at) => Math.min(at, 1)));
  const linesOf = ({ log }: Replica) =>
    log.filter((line) => line.includes('Redis')).map((line) => JSON.parse(line) as { level: number; msg: string });
  const falseRemovals = (stream: Stream): number => stream.events.filter(({ kind }) => kind === 'REMOVED').length;

  /** How each outage begins and ends. */
  const OUTAGES: readonly [name: string, begin: () => Promise<unknown>, end: () => Promise<unknown>][] = [
    ['killed', () => redis.kill(), () => redis.restart()],
    ['slow without end', async () => redis.pause(), async () => redis.resume()],
    ['full', () => admin.configSet('maxmemory', '1'), () => admin.configSet('maxmemory', '0')],
    [
      'read-only',
      () => admin.sendCommand(['REPLICAOF', '127.0.0.1', '1']),
      () => admin.sendCommand(['REPLICAOF', 'NO', 'ONE']),
    ],
    [
      'of another password',
      async () => {
        await admin.configSet('requirepass', 'other');
        await admin.sendCommand(['CLIENT', 'KILL', 'SKIPME', 'yes']);
      },
      () => admin.configSet('requirepass', PASSWORD),
    ],
  ];

  it.each(OUTAGES)(
    'case 39: Redis is %s under streams, queries and mutations: they converge, one line at each end',
    async (_name, begin, end) => {
      const streams = [await bench.watch(first), await bench.watch(second)];
      await areTogether();
      const slowest = async (): Promise<number> => {
        let ms = 0;
        for (let at = 0; at < 10; at += 1) {
          const from = performance.now();
          await second.query(NAME);
          ms = Math.max(ms, performance.now() - from);
        }
        return ms;
      };
      const control = await slowest();
      await begin();
      // A busy machine makes single queries late: one of several rounds has to be in time, with all of its queries.
      const during: number[] = [];
      do during.push(await slowest());
      while (Math.min(...during) >= control + 100 && during.length < 5);
      expect(Math.min(...during)).toBeLessThan(control + 100);
      rename('during the outage');
      await show(streams, 'during the outage');
      expect(
        await second.query(
          `mutation { updateSnapshot(input: { uuid: "${target}", description: "written meanwhile" }) { userErrors { message } } }`,
        ),
      ).not.toHaveProperty('errors');
      // A replica that only follows learns of some outages by its next write.
      await expect.poll(() => second.metric('waldur_graph_redis_up')).toBe(0);
      for (const replica of [first, second]) expect(linesOf(replica).map(({ level }) => level)).toEqual([40]);
      await end();
      await areTogether();
      rename('after the outage');
      await show(streams, 'after the outage');
      for (const replica of [first, second]) {
        await expect.poll(() => linesOf(replica).map(({ level }) => level)).toEqual([40, 30]);
        expect(replica.log.join('')).not.toContain(PASSWORD);
      }
      expect(streams.map(falseRemovals)).toEqual([0, 0]);
    },
  );

  it('case 39: Redis is flushed under streams: they converge, and nothing is logged', async () => {
    const streams = [await bench.watch(first), await bench.watch(second)];
    await areTogether();
    await admin.flushAll();
    rename('after the flush');
    await show(streams, 'after the flush');
    await areTogether();
    const late = await bench.watch(await bench.add(redis.url, 2, PACE));
    await show([late], 'after the flush');
    expect([...linesOf(first), ...linesOf(second)]).toEqual([]);
  });

  it('case 63: Redis is dead at the start: streams run, one line, and they are shared when it comes', async () => {
    await redis.kill();
    const late = await bench.add(redis.url, 2, PACE);
    const later = await bench.add(redis.url, 3, PACE);
    const streams = [await bench.watch(late), await bench.watch(later)];
    rename('without Redis');
    await show(streams, 'without Redis');
    expect(linesOf(late).map(({ level }) => level)).toEqual([40]);
    await redis.restart();
    await areTogether([late, later]);
    rename('with Redis');
    await show(streams, 'with Redis');
    await expect.poll(() => linesOf(late).map(({ level }) => level)).toEqual([40, 30]);
  });

  /** The parts of the shared informer. */
  const parts = async (): Promise<string[]> => (await admin.keys('*')).filter((key) => /:(?:log|snapshot)$/.test(key));
  const dump = (key: string) => admin.sendCommand<Buffer>(['DUMP', key], AS_BYTES);
  const restore = (key: string, value: Buffer) =>
    admin.sendCommand(['RESTORE', key, '600000', value as unknown as string, 'REPLACE']);
  /** The replicas lose their connections, and read everything again. */
  const reconnect = () => admin.sendCommand(['CLIENT', 'KILL', 'SKIPME', 'yes']);
  const setAll = async (value: (old: Buffer) => Buffer | string) => {
    for (const key of (await parts()).filter((each) => each.endsWith(':snapshot'))) {
      const old = await admin.sendCommand<Buffer>(['GET', key], AS_BYTES);
      await admin.sendCommand(['SET', key, value(old) as string, 'KEEPTTL']);
    }
  };
  const addToLogs = async (id: string, value: string) => {
    for (const key of (await parts()).filter((each) => each.endsWith(':log')))
      await admin.sendCommand(['XADD', key, id, 'd', value]);
  };

  const TAMPERINGS: readonly [name: string, tamper: () => Promise<unknown>][] = [
    ['a truncated snapshot', () => setAll((old) => old.subarray(0, -3))],
    [
      'a snapshot changed in one bit',
      () => setAll((old) => Buffer.from(old.map((byte, at) => (at === 40 ? byte ^ 1 : byte)))),
    ],
    ['a snapshot of another shape', () => setAll(() => '{"rows":[]}')],
    ['no snapshot', async () => admin.del((await parts()).filter((key) => key.endsWith(':snapshot')))],
    ['an entry of a stranger', () => addToLogs('999999999-0', 'x')],
    [
      'a lease of a stranger',
      async () => {
        for (const key of await admin.keys('*:lease')) await admin.set(key, 'mine for ever');
      },
    ],
    [
      'an epoch beyond all numbers',
      async () => {
        for (const key of await admin.keys('*:epoch')) await admin.set(key, '1e300');
      },
    ],
    [
      'values of other types',
      async () => {
        for (const key of await admin.keys('*')) {
          await admin.del(key);
          await admin.lPush(key, 'x');
        }
      },
    ],
    [
      'values swapped between keys',
      async () => {
        const keys = await admin.keys('*');
        const dumps = await Promise.all(keys.map(dump));
        for (const [at, key] of keys.entries()) {
          const other = dumps[(at + 1) % dumps.length];
          if (other !== undefined) await restore(key, other);
        }
      },
    ],
  ];

  it.each(TAMPERINGS)('case 62: %s is as if absent: streams go on, and new ones begin', async (_name, tamper) => {
    const streams = [await bench.watch(first), await bench.watch(second)];
    await areTogether();
    rename('before');
    await show(streams, 'before');
    await tamper();
    const third = await bench.add(redis.url, 2, PACE);
    streams.push(await bench.watch(third));
    await show(streams, 'before');
    rename('afterwards');
    await show(streams, 'afterwards');
    expect(streams.map(falseRemovals)).toEqual([0, 0, 0]);
    await areTogether([first, second, third]);
  });

  it('case 62: older state that somebody puts back is not shown, and nothing in it can be read', async () => {
    const streams = [await bench.watch(first), await bench.watch(second)];
    await areTogether();
    rename('older');
    await show(streams, 'older');
    const old = await Promise.all((await parts()).map(async (key) => [key, await dump(key)] as const));
    const everything = (await admin.keys('*')).join() + old.map(([, value]) => value.toString('latin1')).join();
    for (const secret of [tokenOf('staff'), target, 'older', 'Token ']) expect(everything).not.toContain(secret);
    rename('newer');
    await show(streams, 'newer');
    const shownBefore = streams.map(({ events }) => events.length);
    for (const [key, value] of old) await restore(key, value);
    await reconnect();
    await areTogether();
    rename('newest');
    await show(streams, 'newest');
    for (const [at, { events }] of streams.entries())
      expect(JSON.stringify(events.slice(shownBefore[at]))).not.toContain('"older"');
  });
});
