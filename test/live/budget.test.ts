import { describe, expect, it } from 'vitest';
import { type BudgetLimits, PollBudget, type Priority } from '../../src/live/budget.ts';
import { DEFAULT_TUNING, type Tuning } from '../../src/live/index.ts';
import { settle, VirtualClock } from './support/clock.ts';

const setup = (limits: Partial<Tuning>, allowed?: () => number) => {
  const clock = new VirtualClock();
  const all: BudgetLimits = { ...DEFAULT_TUNING, ...limits };
  const budget = new PollBudget(clock, all, allowed);
  const granted: string[] = [];
  const releases = new Map<string, () => void>();
  const enter = (name: string, caller = name, priority: Priority = 'idle', stop = new AbortController()) => {
    void budget.enter(caller, priority, stop.signal).then((release) => {
      granted.push(release === null ? `${name} gave up` : name);
      if (release) releases.set(name, release);
    });
    return stop;
  };
  return { clock, budget, granted, releases, enter };
};

describe('the poll budget', () => {
  it('serves more urgent polls first when there is not enough for all', async () => {
    const { clock, granted, enter } = setup({ callsPerSecond: 1, callsBurst: 1 });
    enter('first');
    enter('idle', 'a', 'idle');
    enter('warm', 'b', 'warm');
    enter('hot', 'c', 'hot');
    enter('watcher', 'd', 'watcher');
    await clock.advance(4_000);
    expect(granted).toEqual(['first', 'watcher', 'hot', 'warm', 'idle']);
  });

  it('serves a poll that has waited long before more urgent ones', async () => {
    const { clock, granted, enter } = setup({ callsPerSecond: 1, callsBurst: 1, starvedMs: 5_000 });
    enter('idle 0', 'a');
    enter('idle');
    for (let at = 0; at < 20; at += 1) enter(`hot ${at}`, `h${at}`, 'hot');
    await clock.advance(10_000);
    expect(granted.indexOf('idle')).toBe(5);
  });

  it('limits the calls of one caller without delaying another', async () => {
    const { clock, granted, enter } = setup({ callerCallsPerSecond: 1, callerCallsBurst: 2, callerCallsInFlight: 9 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) enter(name, 'alice', 'hot');
    enter('bob');
    await settle();
    expect(granted).toEqual(['a1', 'a2', 'bob']);
    await clock.advance(1_000);
    expect(granted.at(-1)).toBe('a3');
    await clock.advance(1_000);
    expect(granted.at(-1)).toBe('a4');
  });

  it('limits running calls, for one caller and for all', async () => {
    const { granted, releases, enter } = setup({ callsInFlight: 3, callerCallsInFlight: 2 });
    for (const name of ['a1', 'a2', 'a3']) enter(name, 'alice');
    enter('b1', 'bob');
    enter('b2', 'bob');
    await settle();
    expect(granted).toEqual(['a1', 'a2', 'b1']);
    releases.get('b1')?.();
    await settle();
    expect(granted.at(-1)).toBe('b2');
    releases.get('a1')?.();
    await settle();
    expect(granted.at(-1)).toBe('a3');
  });

  it('delays a caller for as long as the upstream requested', async () => {
    const { clock, budget, granted, enter } = setup({});
    budget.pause('alice', clock.now() + 5_000);
    enter('alice');
    enter('bob');
    await clock.advance(4_999);
    expect(granted).toEqual(['bob']);
    await clock.advance(1);
    expect(granted).toEqual(['bob', 'alice']);
  });

  it('follows the number of allowed polls, which may rise without the end of a poll', async () => {
    let allowed = 1;
    const { clock, budget, granted, enter } = setup({}, () => allowed);
    for (const name of ['a', 'b', 'c']) enter(name);
    await clock.advance(10_000);
    expect([granted, budget.inFlight, budget.waiting]).toEqual([['a'], 1, 2]);
    allowed = 2;
    await clock.advance(DEFAULT_TUNING.asideStepMs);
    expect([granted, budget.inFlight, budget.waiting]).toEqual([['a', 'b'], 2, 1]);
  });

  it('forgets who gives up, and leaves no timer behind', async () => {
    const { clock, budget, granted, enter } = setup({ callsPerSecond: 1, callsBurst: 1 });
    enter('first');
    const stop = enter('second');
    stop.abort();
    await settle();
    expect(granted).toEqual(['first', 'second gave up']);
    expect([budget.waiting, clock.pending]).toEqual([0, 0]);
    enter('third', 'third', 'hot', stop);
    await settle();
    expect(granted.at(-1)).toBe('third gave up');
  });
});
