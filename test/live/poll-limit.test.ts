import { describe, expect, it } from 'vitest';
import { PollLimit } from '../../src/live/poll-limit.ts';

const setup = (most = 16) => {
  let now = 1_000;
  const limit = new PollLimit(() => now, most);
  /** So many polls one after another, each of this duration. */
  const polls = (count: number, ms: number, work = 'list'): number => {
    for (let n = 0; n < count; n += 1) {
      const begunAt = now;
      now += ms;
      limit.succeeded({ work, begunAt, ms }, true);
    }
    return limit.stats.limit;
  };
  const failures = (count: number, ms: number): number => {
    for (let n = 0; n < count; n += 1) {
      const begunAt = now;
      now += ms;
      limit.failed(begunAt);
    }
    return limit.stats.limit;
  };
  return { limit, polls, failures };
};

describe('the limit on polls', () => {
  it('doubles until its maximum while the durations stay as they are, whatever they are', () => {
    for (const ms of [1, 100, 4_000]) expect(setup().polls(100, ms)).toBe(16);
  });

  it('is halved again and again while polls take longer, and one poll may always run', () => {
    const { limit, polls } = setup();
    polls(100, 100);
    expect(polls(17, 300)).toBe(8);
    expect(polls(17, 300)).toBe(4);
    expect(polls(100, 300)).toBe(1);
    expect(limit.allowed(1_000)).toBe(1);
  });

  it('grows by one at a time afterwards', () => {
    const { polls } = setup();
    polls(100, 100);
    polls(17, 300);
    const seen = new Set<number>();
    for (let n = 0; n < 100; n += 1) seen.add(polls(20, 100));
    expect([...seen]).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16]);
  });

  it('does not grow when no other poll waits', () => {
    const { limit } = setup();
    for (let at = 1; at < 1_000; at += 1) limit.succeeded({ work: 'list', begunAt: 1_000 + at, ms: 100 }, false);
    expect(limit.stats.limit).toBe(2);
  });

  it('compares polls of the same work only', () => {
    const { polls } = setup();
    polls(100, 20, 'one object');
    expect(polls(100, 2_000, 'a large list')).toBe(16);
  });

  it('falls with timeouts, and not with failures that take no time', () => {
    const { polls, failures } = setup();
    polls(100, 100);
    expect(failures(100, 50)).toBe(16);
    expect(failures(100, 10_000)).toBe(1);
  });

  it('takes a lasting slowness for usual after some minutes', () => {
    const { limit, polls } = setup();
    polls(100, 100);
    polls(100, 300);
    expect(polls(60, 300)).toBe(1);
    polls(4_000, 300);
    expect(limit.stats.usualMs).toBeGreaterThan(180);
    expect(limit.stats.limit).toBeGreaterThan(1);
  });

  it('counts queries once the upstream has shown its limit, and not before', () => {
    const { limit, polls } = setup();
    polls(100, 100);
    expect(limit.allowed(40)).toBe(16);
    polls(17, 300);
    expect([limit.allowed(0), limit.allowed(5), limit.allowed(40)]).toEqual([8, 3, 1]);
  });
});
