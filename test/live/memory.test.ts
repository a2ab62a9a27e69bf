import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../src/live/index.ts';
import { Harness } from './support/harness.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const heap = (): number => {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
};

describe('memory', () => {
  it('10,000 subscriptions to one scope cost less than 3 KB each', async () => {
    const count = 10_000;
    const bench = new Harness({ rows: 500 });
    await bench.ready();
    const before = heap();
    const streams: AsyncIterableIterator<LiveEvent>[] = [];
    const pending: Promise<unknown>[] = [];
    const fields = new Set(['uuid', 'name', 'state']);
    for (let at = 0; at < count; at += 1) {
      const stream = bench.live.subscribe(bench.request({ fields }));
      for (let read = 0; read <= 500; read += 1) await stream.next();
      streams.push(stream);
      pending.push(stream.next());
    }
    const each = (heap() - before) / count;
    console.info(`${Math.round(each)} bytes a subscription`);
    expect(bench.live.stats()).toMatchObject({
      subscribers: count + 1,
      informers: 1,
      subscriberGroups: 1,
      deltaQueueLength: 0,
    });
    expect(each).toBeLessThan(3_000);
    expect(pending.length).toBe(streams.length);
    await bench.live.close();
  }, 120_000);
});
