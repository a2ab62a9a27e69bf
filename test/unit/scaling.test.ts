import { describe, expect, it } from 'vitest';
import { leastSquares } from '../../bench/lib/statistics.ts';
import type { Point } from '../../bench/replicas/measure.ts';
import { modelOf } from '../../bench/replicas/model.ts';

describe('the fit of the capacity model', () => {
  it('finds the factors that made the values', () => {
    const rows = [
      [1, 20, 60],
      [1, 20, 100],
      [1, 60, 180],
      [1, 5, 15],
    ];
    const made = rows.map(([one = 0, callers = 0, followed = 0]) => 30 * one + 1.5 * callers + 0.25 * followed);
    for (const [at, factor] of leastSquares(rows, made).entries())
      expect(factor).toBeCloseTo([30, 1.5, 0.25][at] ?? 0, 3);
  });

  it('never says that more of something costs less than nothing', () => {
    const factors = leastSquares(
      [
        [1, 1],
        [1, 2],
        [1, 3],
      ],
      [10, 8, 7],
    );
    expect(Math.min(...factors)).toBe(0);
  });

  it('takes what is at rest from what changes cost', () => {
    const redis = { commands: 0, bytesIn: 0, bytesOut: 0, cpuMs: 1, memoryBytes: 0 };
    const point = (replicas: number, callers: number, snapshots: number): Point => ({
      setting: { replicas, callers, each: 3, snapshots },
      quiet: {
        callsPerMinute: callers * (snapshots === 500 ? 11 : 22),
        redis: { ...redis, commands: 2 * callers, bytesOut: callers * (100 + 50 * replicas) },
        redisBytes: callers * (1_000 + 200 * snapshots),
        leaderMs: 10,
        followerMs: replicas === 1 ? null : callers,
        leaderHeapMib: 30 + (callers * snapshots * 600 + callers * 3 * 5_000) / 1_048_576,
        followerHeapMib: null,
        residentMib: 200,
      },
      writes: {
        count: 30,
        seconds: 10,
        p50: 20,
        p95: 40,
        missing: 0,
        events: 30 * callers * 3 * replicas,
        // Each caller sees each of 3 writes a second, for 7 commands and 900 bytes on each replica.
        redis: {
          ...redis,
          commands: 2 * callers + 3 * callers * 7,
          bytesOut: callers * (100 + 50 * replicas) + 3 * callers * replicas * 900,
        },
        gatewaysMs: 10 + (replicas - 1) * callers + 3 * callers * replicas * 0.1,
      },
    });
    const points = [point(1, 20, 500), point(3, 20, 500), point(5, 20, 500), point(3, 60, 500), point(3, 5, 5_000)];
    const model = modelOf({ at: '', machine: '', load: [0, 0], points });
    expect(model.callsSmall).toBeCloseTo(11);
    expect(model.callsLarge).toBeCloseTo(22);
    expect(model.commandsOfCaller).toBeCloseTo(2, 3);
    expect(model.commandsOfChange).toBeCloseTo(7, 3);
    expect(model.bytesOfFollower).toBeCloseTo(50, 1);
    expect(model.bytesOfChange).toBeCloseTo(900, 1);
    expect(model.storedOfObject).toBeCloseTo(200, 1);
    expect(model.msOfSharing).toBeCloseTo(1);
    expect(model.msOfChange).toBeCloseTo(0.1);
  });
});
