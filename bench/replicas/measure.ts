import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from '../lib/statistics.ts';
import { type RedisUse, usedPerSecond } from './redis.ts';
import { Replicas, type Setting } from './replicas.ts';

/** How long each part of a run takes. */
export interface Times {
  /** After the last subscriber has its state, until polls are regular. */
  readonly settleMs: number;
  readonly quietMs: number;
  /** Own mutations; 0: none. */
  readonly mutations: number;
  readonly takeover: boolean;
}

/** What one setting did. Rates are for each second. */
export interface Point {
  readonly setting: Setting;
  readonly quiet: {
    readonly callsPerMinute: number;
    readonly redis: RedisUse;
    /** Of what Redis holds, without what it uses while empty. */
    readonly redisBytes: number;
    /** CPU time of the replica that polls, and of the others on average, in ms. */
    readonly leaderMs: number;
    readonly followerMs: number | null;
    /** After a garbage collection, in MiB. */
    readonly leaderHeapMib: number;
    readonly followerHeapMib: number | null;
    readonly residentMib: number;
  };
  readonly writes?: {
    readonly count: number;
    readonly seconds: number;
    /** From the request to its event on another replica, in ms; with one replica on the same one. */
    readonly p50: number;
    readonly p95: number;
    readonly missing: number;
    readonly events: number;
    readonly redis: RedisUse;
    /** Of all replicas together. */
    readonly gatewaysMs: number;
  };
  readonly takeover?: {
    /** From the kill of the leader until other replicas poll for all callers, in ms. */
    readonly ledAgainMs: number;
    /** From the kill, with a change right after it, until all subscribers of the others were told of it, in ms. */
    readonly toldMs: number;
  };
}

const WRITE_PAUSE_MS = 400;
const TOLD_WITHIN_MS = 10_000;
const TAKEOVER_WITHIN_MS = 30_000;

interface Memory {
  readonly residentKib: number;
  readonly heapKib: number;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

export async function measurePoint(setting: Setting, times: Times): Promise<Point> {
  const replicas = await Replicas.start(setting);
  try {
    const led = await replicas.leading(replicas.gateways.slice(0, 1));
    if (led !== setting.callers) throw new Error(`the first replica leads for ${led} of ${setting.callers} callers`);
    await pause(times.settleMs);
    const quiet = await measureQuiet(replicas, times.quietMs);
    const writes = times.mutations > 0 ? await measureWrites(replicas, times.mutations) : undefined;
    const takeover = times.takeover && setting.replicas > 1 ? await measureTakeover(replicas) : undefined;
    return { setting, quiet, ...(writes && { writes }), ...(takeover && { takeover }) };
  } finally {
    await replicas.stop();
  }
}

async function measureQuiet(replicas: Replicas, ms: number): Promise<Point['quiet']> {
  const [began, calls, redis] = [performance.now(), await replicas.world.calls(), await replicas.redis.use()];
  const cpu = replicas.gateways.map((gateway) => gateway.cpuMs());
  await pause(ms);
  const took = performance.now() - began;
  const after = await replicas.redis.use();
  const callsAfter = await replicas.world.calls();
  const spent = replicas.gateways.map((gateway, at) => ((gateway.cpuMs() - (cpu[at] ?? 0)) * 1_000) / took);
  const memory = (await Promise.all(replicas.gateways.map((gateway) => gateway.ask('memory')))) as Memory[];
  const heaps = memory.map(({ heapKib }) => heapKib / 1_024);
  return {
    callsPerMinute: ((callsAfter - calls) * 60_000) / took,
    redis: usedPerSecond(redis, after, took),
    redisBytes: after.memoryBytes - replicas.emptyRedisBytes,
    leaderMs: spent[0] ?? 0,
    followerMs: mean(spent.slice(1)),
    leaderHeapMib: heaps[0] ?? 0,
    followerHeapMib: mean(heaps.slice(1)),
    residentMib: Math.max(...memory.map(({ residentKib }) => residentKib / 1_024)),
  };
}

/** Own mutations on each replica in turn; the subscribers of that caller on the others are waited for. */
async function measureWrites(replicas: Replicas, count: number): Promise<Point['writes']> {
  const { replicas: size, each } = replicas.setting;
  // The first request of a process also compiles.
  for (let by = 0; by < size; by += 1) {
    const name = `bench first ${by}`;
    await replicas.rename(by, replicas.world.uuids[count + by] ?? '', name);
    await replicas.receipts(name, size * each, TOLD_WITHIN_MS, ({ caller }) => caller === 0);
  }
  const delays: number[] = [];
  let missing = 0;
  const [began, redis, events] = [performance.now(), await replicas.redis.use(), replicas.events];
  const cpu = replicas.gateways.map((gateway) => gateway.cpuMs());
  for (let at = 0; at < count; at += 1) {
    const by = at % size;
    const [name, uuid] = [`bench own ${at}`, replicas.world.uuids[at] ?? ''];
    const from = performance.now();
    await replicas.rename(by, uuid, name);
    const wanted = Math.max(1, size - 1) * each;
    const told = await replicas.receipts(
      name,
      wanted,
      TOLD_WITHIN_MS,
      ({ caller, replica }) => caller === 0 && (size === 1 || replica !== by),
    );
    missing += wanted - told.length;
    delays.push(
      ...told.map((time) => time - from),
      ...Array.from({ length: wanted - told.length }, () => TOLD_WITHIN_MS),
    );
    await pause(Math.max(0, from + WRITE_PAUSE_MS - performance.now()));
  }
  const took = performance.now() - began;
  const used = usedPerSecond(redis, await replicas.redis.use(), took);
  const spent = replicas.gateways.reduce((sum, gateway, at) => sum + gateway.cpuMs() - (cpu[at] ?? 0), 0);
  return {
    count,
    seconds: took / 1_000,
    p50: quantile(delays, 0.5),
    p95: quantile(delays, 0.95),
    missing,
    events: replicas.events - events,
    redis: used,
    gatewaysMs: (spent * 1_000) / took,
  };
}

async function measureTakeover(replicas: Replicas): Promise<Point['takeover']> {
  const { replicas: size, callers, each } = replicas.setting;
  const from = performance.now();
  await replicas.killLeader();
  const name = 'bench after the kill';
  await replicas.renameOutside(replicas.world.uuids.at(-1) ?? '', name);
  const ledAgain = async (): Promise<number> => {
    while ((await replicas.leading(replicas.survivors)) < callers && performance.now() - from < TAKEOVER_WITHIN_MS) {
      await pause(100);
    }
    return performance.now() - from;
  };
  const wanted = (size - 1) * callers * each;
  const [ledAgainMs, told] = await Promise.all([
    ledAgain(),
    replicas.receipts(name, wanted, TAKEOVER_WITHIN_MS, ({ replica }) => replica !== 0),
  ]);
  const toldMs = told.length < wanted ? TAKEOVER_WITHIN_MS : Math.max(...told) - from;
  return { ledAgainMs, toldMs };
}
