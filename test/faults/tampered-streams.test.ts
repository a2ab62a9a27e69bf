import { RESP_TYPES } from '@redis/client';
import { describe, expect, it } from 'vitest';
import { tokenOf } from '../support/gateway.ts';
import { hasRedis } from '../support/redis.ts';
import { PACE, target, useSharedStreams } from './support/shared-streams.ts';

/** Subscriptions of two replicas while strangers write to Redis. A real Redis. */

const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

describe.runIf(hasRedis('subscriptions that share a Redis with strangers'))(
  'subscriptions that share a Redis with strangers',
  () => {
    const { redis, bench, first, second, admin, rename, show, areTogether, falseRemovals } = useSharedStreams();

    /** The parts of the shared informer. */
    const parts = async (): Promise<string[]> =>
      (await admin().keys('*')).filter((key) => /:(?:log|snapshot)$/.test(key));
    const dump = (key: string) => admin().sendCommand<Buffer>(['DUMP', key], AS_BYTES);
    const restore = (key: string, value: Buffer) =>
      admin().sendCommand(['RESTORE', key, '600000', value as unknown as string, 'REPLACE']);
    /** The replicas lose their connections, and read everything again. */
    const reconnect = () => admin().sendCommand(['CLIENT', 'KILL', 'SKIPME', 'yes']);
    const setAll = async (value: (old: Buffer) => Buffer | string) => {
      for (const key of (await parts()).filter((each) => each.endsWith(':snapshot'))) {
        const old = await admin().sendCommand<Buffer>(['GET', key], AS_BYTES);
        await admin().sendCommand(['SET', key, value(old) as string, 'KEEPTTL']);
      }
    };
    const addToLogs = async (id: string, value: string) => {
      for (const key of (await parts()).filter((each) => each.endsWith(':log')))
        await admin().sendCommand(['XADD', key, id, 'd', value]);
    };

    const TAMPERINGS: readonly [name: string, tamper: () => Promise<unknown>][] = [
      ['a truncated snapshot', () => setAll((old) => old.subarray(0, -3))],
      [
        'a snapshot changed in one bit',
        () => setAll((old) => Buffer.from(old.map((byte, at) => (at === 40 ? byte ^ 1 : byte)))),
      ],
      ['a snapshot of another shape', () => setAll(() => '{"rows":[]}')],
      ['no snapshot', async () => admin().del((await parts()).filter((key) => key.endsWith(':snapshot')))],
      ['an entry of a stranger', () => addToLogs('999999999-0', 'x')],
      [
        'a lease of a stranger',
        async () => {
          for (const key of await admin().keys('*:lease')) await admin().set(key, 'mine for ever');
        },
      ],
      [
        'an epoch beyond all numbers',
        async () => {
          for (const key of await admin().keys('*:epoch')) await admin().set(key, '1e300');
        },
      ],
      [
        'values of other types',
        async () => {
          for (const key of await admin().keys('*')) {
            await admin().del(key);
            await admin().lPush(key, 'x');
          }
        },
      ],
      [
        'values swapped between keys',
        async () => {
          const keys = await admin().keys('*');
          const dumps = await Promise.all(keys.map(dump));
          for (const [at, key] of keys.entries()) {
            const other = dumps[(at + 1) % dumps.length];
            if (other !== undefined) await restore(key, other);
          }
        },
      ],
    ];

    it.each(TAMPERINGS)('case 62: %s is as if absent: streams go on, and new ones begin', async (_name, tamper) => {
      const streams = [await bench().watch(first()), await bench().watch(second())];
      await areTogether();
      rename('before');
      await show(streams, 'before');
      await tamper();
      const third = await bench().add(redis().url, 2, PACE);
      streams.push(await bench().watch(third));
      await show(streams, 'before');
      rename('afterwards');
      await show(streams, 'afterwards');
      expect(streams.map(falseRemovals)).toEqual([0, 0, 0]);
      await areTogether([first(), second(), third]);
    });

    it('case 62: older state that somebody puts back is not shown, and nothing in it can be read', async () => {
      const streams = [await bench().watch(first()), await bench().watch(second())];
      await areTogether();
      rename('older');
      await show(streams, 'older');
      const old = await Promise.all((await parts()).map(async (key) => [key, await dump(key)] as const));
      const everything = (await admin().keys('*')).join() + old.map(([, value]) => value.toString('latin1')).join();
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
  },
);
