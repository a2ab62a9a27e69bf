import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { uuidOf } from '../../support/gateway.ts';
import type { Stream } from '../../support/live.ts';
import { connectTo, type Redis, startRedis } from '../../support/redis.ts';
import { type Replica, ReplicaBench } from '../../support/replicas.ts';

export const target = uuidOf.snapshot('rw-target');
/** Of the Redis. */
export const PASSWORD = 'hunter2';
/** Quiet scopes are polled soon, so that tests do not wait for it. */
export const PACE = { live: { idleMs: 300 } };

/** Two replicas that share a Redis with a password, anew for each test. To be called in a `describe`. */
export function useSharedStreams() {
  let redis: Redis;
  let bench: ReplicaBench;
  let first: Replica;
  let second: Replica;
  let admin: Awaited<ReturnType<typeof connectTo>>;

  beforeAll(async () => {
    redis = await startRedis(PASSWORD);
  });
  beforeEach(async () => {
    await redis.restart();
    bench = await ReplicaBench.start();
    first = await bench.add(redis.url, 0, PACE);
    second = await bench.add(redis.url, 1, PACE);
    admin = await connectTo(redis);
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

  return {
    redis: () => redis,
    bench: () => bench,
    first: () => first,
    second: () => second,
    admin: () => admin,
    rename,
    show,
    areTogether,
    linesOf,
    falseRemovals,
  };
}
