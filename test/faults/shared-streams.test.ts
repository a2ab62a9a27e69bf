import { describe, expect, it } from 'vitest';
import { hasRedis } from '../support/redis.ts';
import { PACE, PASSWORD, target, useSharedStreams } from './support/shared-streams.ts';

/** Subscriptions of two replicas while Redis fails. A real Redis. */

const NAME = `{ snapshot(uuid: "${target}") { name } }`;

describe.runIf(hasRedis('subscriptions that share a Redis'))('subscriptions that share a Redis', () => {
  const { redis, bench, first, second, admin, rename, show, areTogether, linesOf, falseRemovals } = useSharedStreams();

  /** How each outage begins and ends. */
  const OUTAGES: readonly [name: string, begin: () => Promise<unknown>, end: () => Promise<unknown>][] = [
    ['killed', () => redis().kill(), () => redis().restart()],
    ['slow without end', async () => redis().pause(), async () => redis().resume()],
    ['full', () => admin().configSet('maxmemory', '1'), () => admin().configSet('maxmemory', '0')],
    [
      'read-only',
      () => admin().sendCommand(['REPLICAOF', '127.0.0.1', '1']),
      () => admin().sendCommand(['REPLICAOF', 'NO', 'ONE']),
    ],
    [
      'of another password',
      async () => {
        await admin().configSet('requirepass', 'other');
        await admin().sendCommand(['CLIENT', 'KILL', 'SKIPME', 'yes']);
      },
      () => admin().configSet('requirepass', PASSWORD),
    ],
  ];

  it.each(OUTAGES)(
    'case 39: Redis is %s under streams, queries and mutations: they converge, one line at each end',
    async (_name, begin, end) => {
      const streams = [await bench().watch(first()), await bench().watch(second())];
      await areTogether();
      const slowest = async (): Promise<number> => {
        let ms = 0;
        for (let at = 0; at < 10; at += 1) {
          const from = performance.now();
          await second().query(NAME);
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
        await second().query(
          `mutation { updateSnapshot(input: { uuid: "${target}", description: "written meanwhile" }) { userErrors { message } } }`,
        ),
      ).not.toHaveProperty('errors');
      // A replica that only follows learns of some outages by its next write.
      await expect.poll(() => second().metric('waldur_graph_redis_up')).toBe(0);
      for (const replica of [first(), second()]) expect(linesOf(replica).map(({ level }) => level)).toEqual([40]);
      await end();
      await areTogether();
      rename('after the outage');
      await show(streams, 'after the outage');
      for (const replica of [first(), second()]) {
        await expect.poll(() => linesOf(replica).map(({ level }) => level)).toEqual([40, 30]);
        expect(replica.log.join('')).not.toContain(PASSWORD);
      }
      expect(streams.map(falseRemovals)).toEqual([0, 0]);
    },
  );

  it('case 39: Redis is flushed under streams: they converge, and nothing is logged', async () => {
    const streams = [await bench().watch(first()), await bench().watch(second())];
    await areTogether();
    await admin().flushAll();
    rename('after the flush');
    await show(streams, 'after the flush');
    await areTogether();
    const late = await bench().watch(await bench().add(redis().url, 2, PACE));
    await show([late], 'after the flush');
    expect([...linesOf(first()), ...linesOf(second())]).toEqual([]);
  });

  it('case 63: Redis is dead at the start: streams run, one line, and they are shared when it comes', async () => {
    await redis().kill();
    const late = await bench().add(redis().url, 2, PACE);
    const later = await bench().add(redis().url, 3, PACE);
    const streams = [await bench().watch(late), await bench().watch(later)];
    rename('without Redis');
    await show(streams, 'without Redis');
    expect(linesOf(late).map(({ level }) => level)).toEqual([40]);
    await redis().restart();
    await areTogether([late, later]);
    rename('with Redis');
    await show(streams, 'with Redis');
    await expect.poll(() => linesOf(late).map(({ level }) => level)).toEqual([40, 30]);
  });
});
