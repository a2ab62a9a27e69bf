import { RESP_TYPES } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { at, type Running, startGateway, uuidOf } from '../support/gateway.ts';
import { connectTo, hasRedis, type Redis, startRedis } from '../support/redis.ts';

const PASSWORD = 'hunter2';
const target = uuidOf.snapshot('rw-target');
const other = uuidOf.snapshot('with-three-restorations');
const nameOf = (uuid: string): string => `{ snapshot(uuid: "${uuid}") { name metadata } }`;
/** A document that reads and writes an entry of its own. */
const uncached = (n: number): string => `{ snapshots(first: 1, filter: { name: "none ${n}" }) { nodes { name } } }`;
const SET_METADATA = `mutation ($metadata: JSON!) {
  updateSnapshot(input: { uuid: "${target}", metadata: $metadata }) { snapshot { name } userErrors { message } }
}`;

describe.runIf(hasRedis('failures of Redis'))('failures of Redis', () => {
  let redis: Redis;
  let running: Running | undefined;
  let admin: Awaited<ReturnType<typeof connectTo>>;

  beforeAll(async () => {
    redis = await startRedis(PASSWORD);
  });
  beforeEach(async () => {
    await redis.restart();
    admin = await connectTo(redis);
  });
  afterEach(async () => {
    redis.resume();
    admin.destroy();
    await running?.gateway.close();
    running = undefined;
  });
  afterAll(() => redis.kill());

  const start = async (redisUrl = redis.url): Promise<Running> => {
    running = await startGateway({ redisUrl, cacheTtlMs: 60_000, metrics: true });
    return running;
  };

  /** Messages of the log about Redis. */
  const linesOf = (gateway: Running): { level: number; msg: string; reason?: string; redis?: string }[] =>
    gateway.log.filter((line) => line.includes('Redis')).map((line) => JSON.parse(line));

  const calls = async (gateway: Running, document: string): Promise<number> => {
    gateway.simulator.resetStats();
    const { errors } = await gateway.query(document);
    expect(errors).toBeUndefined();
    return gateway.calls();
  };
  const becomesCached = (gateway: Running, document = nameOf(target)) =>
    expect.poll(() => calls(gateway, document), { timeout: 15_000, interval: 50 }).toBe(0);

  const failuresCounted = async (gateway: Running): Promise<number> => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const series = text.split('\n').filter((line) => line.startsWith('waldur_graph_shared_cache_failures_total{'));
    return series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };

  const setConfig = (name: string, value: string) => admin.configSet(name, value);

  /** How each outage begins and ends. */
  const OUTAGES: readonly [name: string, begin: () => Promise<unknown>, end: () => Promise<unknown>][] = [
    ['killed', () => redis.kill(), () => redis.restart()],
    ['suspended', async () => redis.pause(), async () => redis.resume()],
    ['full', () => setConfig('maxmemory', '1'), () => setConfig('maxmemory', '0')],
    [
      'read-only',
      () => admin.sendCommand(['REPLICAOF', '127.0.0.1', '1']),
      () => admin.sendCommand(['REPLICAOF', 'NO', 'ONE']),
    ],
    [
      'without permission',
      () => admin.sendCommand(['ACL', 'SETUSER', 'default', '-@read', '-@write']),
      () => admin.sendCommand(['ACL', 'SETUSER', 'default', '+@all']),
    ],
  ];

  it.each(OUTAGES)(
    'case 63: %s: queries run, one line at the start and one at the end',
    async (_name, begin, end) => {
      const gateway = await start();
      await becomesCached(gateway);
      expect(linesOf(gateway)).toEqual([]);
      await begin();
      const started = performance.now();
      let n = 0;
      do {
        expect((await gateway.query(uncached(++n))).errors).toBeUndefined();
      } while (performance.now() - started < 2_500 || linesOf(gateway).length === 0);
      const [line] = linesOf(gateway);
      expect(linesOf(gateway)).toHaveLength(1);
      expect(line).toMatchObject({ level: 40, redis: redis.url.replace(`:${PASSWORD}@`, '') });
      expect(line?.msg).toContain('REDIS_URL');
      expect(gateway.log.join('')).not.toContain(PASSWORD);
      expect(await failuresCounted(gateway)).toBeGreaterThan(1);
      await end();
      await expect
        .poll(
          async () => {
            await gateway.query(uncached(++n));
            return linesOf(gateway).length;
          },
          { timeout: 45_000, interval: 100 },
        )
        .toBe(2);
      expect(linesOf(gateway)[1]).toMatchObject({ level: 30 });
      await becomesCached(gateway);
      expect(linesOf(gateway)).toHaveLength(2);
    },
    60_000,
  );

  it('case 63: while it does not respond, a query takes at most 100 ms longer', async () => {
    const gateway = await start();
    await becomesCached(gateway);
    const slowest = async (prefix: string): Promise<number> => {
      let ms = 0;
      for (let i = 0; i < 40; i++) {
        const started = performance.now();
        await gateway.query(`{ snapshot(uuid: "${target}") { ${prefix}${i}: name } }`);
        ms = Math.max(ms, performance.now() - started);
      }
      return ms;
    };
    const control = await slowest('before');
    redis.pause();
    // A busy machine makes single queries late: one of several rounds has to be in time, with all of its queries.
    const during: number[] = [];
    do during.push(await slowest(`during${during.length}x`));
    while (Math.min(...during) >= control + 100 && during.length < 5);
    expect(Math.min(...during)).toBeLessThan(control + 100);
  });

  it.each([
    ['absent', async () => redis.kill()],
    ['of another password', () => setConfig('requirepass', 'other')],
  ])(
    'case 63: %s at startup: one line; used when it becomes available',
    async (_name, begin) => {
      await begin();
      const gateway = await start();
      await expect.poll(() => linesOf(gateway).length, { timeout: 5_000 }).toBe(1);
      expect(linesOf(gateway)[0]?.reason).toMatch(/ECONNREFUSED|WRONGPASS/);
      for (let i = 0; i < 20; i++) expect((await gateway.query(nameOf(target))).errors).toBeUndefined();
      await redis.restart();
      await becomesCached(gateway);
      await expect.poll(() => linesOf(gateway).length, { timeout: 45_000 }).toBe(2);
      expect(gateway.log.join('')).not.toContain(PASSWORD);
    },
    60_000,
  );

  it('case 63: a value that no serialiser must interpret survives, and does not affect others', async () => {
    const gateway = await start();
    const metadata = JSON.parse(
      '{"toJSON": 1, "__proto__": {"a": 1}, "constructor": "x", "then": 1, "text": ":base64:AAAA", "colon": ":x"}',
    );
    expect((await gateway.query(SET_METADATA, { variables: { metadata } })).errors).toBeUndefined();
    await becomesCached(gateway);
    expect(JSON.stringify(at((await gateway.query(nameOf(target))).data, 'snapshot', 'metadata'))).toBe(
      JSON.stringify(metadata),
    );
    await becomesCached(gateway, nameOf(other));
    expect(linesOf(gateway)).toEqual([]);
  });

  const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

  /** Reads all entries that the gateway stored. */
  const stored = async (): Promise<Map<string, Buffer>> => {
    const found = new Map<string, Buffer>();
    for (const key of await admin.keys('*')) {
      found.set(key, await admin.sendCommand<Buffer>(['GET', key], AS_BYTES));
    }
    return found;
  };
  const replaceAll = async (
    change: (value: Buffer, key: string, all: ReadonlyMap<string, Buffer>) => Buffer | string,
  ) => {
    const all = await stored();
    for (const [key, value] of all) await admin.sendCommand(['SET', key, change(value, key, all), 'KEEPTTL']);
  };

  it.each<[string, () => Promise<unknown>]>([
    ['truncated', () => replaceAll((value) => value.subarray(0, -3))],
    ['empty', () => replaceAll(() => '')],
    ['not JSON', () => replaceAll(() => '\0\xff{')],
    ['null', () => replaceAll(() => 'null')],
    ['of another shape', () => replaceAll(() => '{"value":{"rows":7}}')],
    [
      'changed in one bit',
      () => replaceAll((value) => Buffer.from(value.map((byte, at) => (at === value.length >> 1 ? byte ^ 1 : byte)))),
    ],
    [
      'swapped between keys',
      () =>
        replaceAll((_value, key, all) => {
          const keys = [...all.keys()].sort();
          return all.get(keys[(keys.indexOf(key) + 1) % keys.length] ?? '') ?? '';
        }),
    ],
    [
      'of another type',
      async () => {
        for (const key of await admin.keys('*')) {
          await admin.del(key);
          await admin.lPush(key, 'x');
          await admin.pExpire(key, 60_000);
        }
      },
    ],
  ])('case 62: entries that are %s are treated as absent', async (_name, tamper) => {
    const gateway = await start();
    const documents = [nameOf(target), nameOf(other), '{ snapshots(first: 3) { totalCount nodes { name } } }'];
    const expected = [];
    for (const document of documents) {
      await becomesCached(gateway, document);
      expected.push((await gateway.query(document)).data);
    }
    await tamper();
    for (const [i, document] of documents.entries()) {
      gateway.simulator.resetStats();
      const answer = await gateway.query(document);
      expect([answer.data, answer.errors, gateway.calls()]).toEqual([expected[i], undefined, 1]);
    }
    expect(linesOf(gateway)).toEqual([]);
    for (const document of documents) await becomesCached(gateway, document);
  });

  it('case 62: without its generations nothing from before a change is served', async () => {
    const gateway = await start();
    await becomesCached(gateway);
    const before = await stored();
    await gateway.query(SET_METADATA, { variables: { metadata: { changed: true } } });
    // Redis evicts or loses the generation, and the older entries are still or again there.
    await admin.flushAll();
    // The key of the answer holds more than that of the generation.
    const [[key, value] = ['', Buffer.alloc(0)]] = [...before].sort(([, one], [, other]) => other.length - one.length);
    await admin.sendCommand(['SET', key, value, 'PX', '50000']);
    const { data } = await gateway.query(nameOf(target));
    expect(at(data, 'snapshot', 'metadata', 'changed')).toBe(true);
  });
});
