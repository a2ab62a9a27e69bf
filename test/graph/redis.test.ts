import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, type GraphQLAnswer, type Running, startGateway, tokenOf, uuidOf } from '../support/gateway.ts';
import { hasRedis, type Redis, startRedis } from '../support/redis.ts';

const target = uuidOf.snapshot('rw-target');
const NAME = `{ snapshot(uuid: "${target}") { name } }`;
const RENAME = `mutation ($name: String!) { updateSnapshot(input: { uuid: "${target}", name: $name }) { snapshot { name } } }`;

/** Two replicas that share a Redis and a Waldur. */
describe.runIf(hasRedis('answers shared by Redis'))('answers shared by Redis', () => {
  let redis: Redis;
  let first: Running;
  let second: Running;

  beforeAll(async () => {
    redis = await startRedis();
    const config = { redisUrl: redis.url, cacheTtlMs: 60_000 };
    first = await startGateway(config);
    // Processes count from moments of their own.
    second = await startGateway({ ...config, waldurApiUrl: undefined }, { now: () => performance.now() + 86_400_000 });
  });

  afterAll(async () => {
    redis.resume();
    await Promise.all([first.gateway.close(), second.gateway.close()]);
    await redis.kill();
  });

  /** Waits until a query is answered from Redis. */
  const kept = () =>
    expect
      .poll(
        async () => {
          first.simulator.resetStats();
          await first.query(NAME);
          return first.calls();
        },
        { timeout: 15_000, interval: 200 },
      )
      .toBe(0);

  it('an answer that one replica received serves the other', async () => {
    // A question that nobody asked before; the second one must not answer it from what it read itself.
    const query = '{ snapshots(first: 9, orderBy: [{ field: NAME, direction: DESC }]) { nodes { name } } }';
    const { data } = await first.query(query);
    // Entries are stored without being waited for, and the gateway may still be connecting to Redis.
    await expect
      .poll(async () => {
        first.simulator.resetStats();
        await first.query(query);
        return first.calls();
      })
      .toBe(0);
    second.simulator.resetStats();
    expect((await second.query(query)).data).toEqual(data);
    expect(second.calls()).toBe(0);
  });

  it('a change through one replica invalidates what the other has cached', async () => {
    await first.query(NAME);
    await first.query(RENAME, { variables: { name: 'renamed elsewhere' } });
    second.simulator.resetStats();
    await second.query(NAME);
    expect(second.calls()).toBe(1);
  });

  it('keys and values contain no token', async () => {
    await first.query('{ viewer { username } snapshots(first: 5) { nodes { name } } }');
    const client = createClient({ url: redis.url });
    await client.connect();
    const keys = await client.keys('*');
    const values = await Promise.all(keys.map((key) => client.sendCommand(['DUMP', key])));
    const lives = await Promise.all(keys.map((key) => client.pTTL(key)));
    await client.close();
    expect(keys.length).toBeGreaterThan(0);
    const everything = JSON.stringify([keys, values]);
    expect(everything).not.toContain(tokenOf('staff'));
    expect(everything).not.toContain('Token ');
    // Redis alone ends what it holds: the clocks of those who write and read may differ.
    expect(everything).not.toContain('expires');
    expect(lives).not.toContain(-1);
  });

  it('a Redis that stops responding delays queries only once, and briefly', async () => {
    const answers: GraphQLAnswer[] = [];
    const timed = async (prefix: string): Promise<number> => {
      const started = performance.now();
      for (let i = 0; i < 20; i++) {
        answers.push(await first.query(`{ snapshot(uuid: "${target}") { ${prefix}${i}: name } }`));
      }
      return performance.now() - started;
    };
    const control = await timed('e');
    answers.length = 0;
    redis.pause();
    const ms = await timed('f');
    redis.resume();
    expect(answers.map(({ data }, i) => at(data, 'snapshot', `f${i}`))).not.toContain(undefined);
    // Each would have waited for an answer that never comes.
    expect(ms).toBeLessThan(2_000 + 3 * control);
  });

  it('queries work without Redis, and use it again when it is back; the metric says whether it is connected', async () => {
    const isUp = async (): Promise<string | undefined> => {
      const text = await (await fetch(`${first.url}/metrics`)).text();
      return /^waldur_graph_redis_up (.+)$/m.exec(text)?.[1];
    };
    await expect.poll(isUp).toBe('1');
    await redis.kill();
    await expect.poll(isUp).toBe('0');
    first.simulator.reset();
    expect((await first.query(NAME)).errors).toBeUndefined();
    expect((await first.query(RENAME, { variables: { name: 'without Redis' } })).errors).toBeUndefined();
    expect(at((await first.query(NAME)).data, 'snapshot', 'name')).toBe('without Redis');
    await redis.restart();
    await kept();
    expect(await isUp()).toBe('1');
  });

  it('a change made during an outage of Redis invalidates what was cached before', async () => {
    first.simulator.reset();
    await kept();
    redis.pause();
    await first.query(RENAME, { variables: { name: 'while it was away' } });
    redis.resume();
    await expect.poll(async () => at((await first.query(NAME)).data, 'snapshot', 'name')).toBe('while it was away');
    for (let i = 0; i < 5; i++)
      expect(at((await first.query(NAME)).data, 'snapshot', 'name')).toBe('while it was away');
  });
});
