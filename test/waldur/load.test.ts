import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker } from '../../src/waldur/breaker.ts';
import { Gate } from '../../src/waldur/gate.ts';
import { RetryBudget } from '../../src/waldur/retry.ts';
import { Tally } from '../../src/waldur/tally.ts';
import type { UpstreamCaller } from '../../src/waldur/types.ts';
import {
  CALLER,
  clientOf,
  failure,
  httpUpstream,
  jsonUpstream,
  rawUpstream,
  sendJson,
  UUID,
} from './support/upstreams.ts';

class VirtualClock {
  ms = 1_700_000_000_000;
  readonly now = (): number => this.ms;
}

describe('the breaker', () => {
  const broken = (clock: VirtualClock): Breaker => {
    const breaker = new Breaker({ now: clock.now });
    for (let i = 0; i < 20; i++) breaker.record('normal', false);
    return breaker;
  };

  it('stays closed below 20 calls, however bad they are', () => {
    const breaker = new Breaker({ now: new VirtualClock().now });
    for (let i = 0; i < 19; i++) breaker.record('normal', false);
    expect(breaker.permit()).toBe('normal');
    breaker.record('normal', false);
    expect(breaker.permit()).toBeUndefined();
  });

  it('stays closed below 50 % failures', () => {
    const breaker = new Breaker({ now: new VirtualClock().now });
    for (let i = 0; i < 1_000; i++) {
      breaker.record('normal', true);
      if (i % 50 !== 0) breaker.record('normal', false);
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('forgets what is older than 10 s', () => {
    const clock = new VirtualClock();
    const breaker = new Breaker({ now: clock.now });
    for (let i = 0; i < 19; i++) breaker.record('normal', false);
    clock.ms += 10_001;
    breaker.record('normal', false);
    expect(breaker.isOpen).toBe(false);
  });

  it('then lets one call at a time try, and closes when one succeeds', () => {
    const clock = new VirtualClock();
    const breaker = broken(clock);
    clock.ms += 1_999;
    expect(breaker.permit()).toBeUndefined();
    clock.ms += 1;
    expect([breaker.permit(), breaker.permit()]).toEqual(['probe', undefined]);
    breaker.record('probe', false);
    expect(breaker.permit()).toBeUndefined();
    clock.ms += 2_000;
    expect(breaker.permit()).toBe('probe');
    // Given up: tells nothing, so the next one may try at once.
    breaker.record('probe', undefined);
    expect(breaker.permit()).toBe('probe');
    breaker.record('probe', true);
    expect([breaker.permit(), breaker.permit()]).toEqual(['normal', 'normal']);
    breaker.record('normal', false);
    expect(breaker.isOpen).toBe(false);
  });

  it('late failures of calls sent before it opened do not keep it open', () => {
    const clock = new VirtualClock();
    const breaker = broken(clock);
    clock.ms += 1_500;
    breaker.record('normal', false);
    clock.ms += 500;
    expect(breaker.permit()).toBe('probe');
  });

  it('in the client: sends nothing while open, one probe after, and works again once it succeeds', async () => {
    const clock = new VirtualClock();
    let status = 503;
    const upstream = await httpUpstream((response) => sendJson(response, status, {}));
    const client = clientOf(upstream.url, { now: clock.now });
    for (let i = 0; i < 40; i++) await failure(client.pullSnapshot(CALLER, UUID));
    expect(upstream.seen).toHaveLength(20);
    clock.ms += 2_000;
    await failure(client.getSnapshot(CALLER, UUID));
    expect(upstream.seen).toHaveLength(21);
    status = 200;
    clock.ms += 2_000;
    expect(await client.getSnapshot(CALLER, UUID)).toEqual({});
    expect(await client.getSnapshot(CALLER, UUID)).toEqual({});
    expect(upstream.seen).toHaveLength(23);
  });

  it('a GET that opens it is not repeated, and tells what it was answered', async () => {
    const upstream = await jsonUpstream(503, {});
    const client = clientOf(upstream.url);
    for (let i = 0; i < 19; i++) await failure(client.pullSnapshot(CALLER, UUID));
    expect(await failure(client.getSnapshot(CALLER, UUID))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      status: 503,
    });
    expect(upstream.seen).toHaveLength(20);
  });

  it.each([400, 401, 403, 404, 409, 429, 500])('status %i shows that somebody is there', async (status) => {
    const upstream = await jsonUpstream(status, { detail: 'x' });
    const client = clientOf(upstream.url);
    for (let i = 0; i < 25; i++) await failure(client.pullSnapshot(CALLER, UUID));
    expect(upstream.seen).toHaveLength(25);
  });

  it('one caller’s time-outs count, its going away does not', async () => {
    const upstream = await rawUpstream(() => {});
    const client = clientOf(upstream.url, { attemptTimeoutMs: 20, perCallerConcurrency: 32 });
    const away = Array.from({ length: 30 }, async () => {
      const aborter = new AbortController();
      const call = failure(client.getSnapshot(CALLER, UUID, {}, { signal: aborter.signal }));
      aborter.abort();
      expect((await call).kind).toBe('aborted');
    });
    await Promise.all(away);
    const kinds = async (n: number) =>
      new Set(
        (await Promise.all(Array.from({ length: n }, () => failure(client.getSnapshot(CALLER, UUID))))).map(
          ({ kind }) => kind,
        ),
      );
    expect(await kinds(20)).toEqual(new Set(['timeout']));
    expect(await kinds(5)).toEqual(new Set(['unavailable']));
  });
});

describe('the retry budget', () => {
  it('is a tenth of the traffic, and ten in 10 s whatever the traffic', () => {
    const clock = new VirtualClock();
    const budget = new RetryBudget({ now: clock.now });
    let taken = 0;
    for (let i = 0; i < 1_000; i++) {
      budget.recordCall();
      if (budget.take()) taken++;
      expect(taken).toBeLessThanOrEqual(Math.max(10, (i + 1) * 0.1));
    }
    expect(taken).toBe(100);
    clock.ms += 10_001;
    budget.recordCall();
    expect(budget.take()).toBe(true);
  });

  it('in a storm of 503 the upstream sees at most a tenth more', async () => {
    const clock = new VirtualClock();
    // Four fifths succeed, so that the breaker does not hide the budget.
    const upstream = await httpUpstream((response, _, n) => sendJson(response, n % 5 < 2 ? 503 : 200, {}));
    const client = clientOf(upstream.url, { now: clock.now, perCallerConcurrency: 16 });
    await Promise.allSettled(Array.from({ length: 500 }, () => client.getSnapshot(CALLER, UUID)));
    expect(upstream.seen.length).toBeGreaterThan(500);
    expect(upstream.seen.length).toBeLessThanOrEqual(550);
  });
});

describe('a tally', () => {
  it('counts the last window, to a tenth of it', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (events) => {
        const clock = new VirtualClock();
        const tally = new Tally(10_000, clock.now);
        const times: number[] = [];
        for (const [wait, counted] of events) {
          clock.ms += wait;
          if (counted) {
            tally.add();
            times.push(clock.ms);
          }
        }
        const within = (ms: number) => times.filter((time) => clock.ms - time < ms).length;
        expect(tally.all).toBeGreaterThanOrEqual(within(9_000));
        expect(tally.all).toBeLessThanOrEqual(within(10_000));
      }),
    );
  });

  it('survives a clock that goes back', () => {
    const clock = new VirtualClock();
    const tally = new Tally(10_000, clock.now);
    tally.add();
    clock.ms -= 3_600_000;
    tally.add();
    expect(tally.all).toBe(2);
    clock.ms += 3_600_000;
    expect(tally.all).toBe(2);
  });
});

describe('the gate', () => {
  it('never lets more through than allowed, serves everybody, and forgets', async () => {
    const limits = fc.record({
      perCaller: fc.integer({ min: 1, max: 3 }),
      total: fc.integer({ min: 1, max: 5 }),
      queueLimit: fc.integer({ min: 0, max: 6 }),
    });
    const arrivals = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(limits, arrivals, async (options, keys) => {
        const gate = new Gate(options);
        const running = new Map<string, number>();
        let refused = 0;
        let served = 0;
        const visits = keys.map(async (key) => {
          try {
            await gate.enter(key, 60_000, undefined);
          } catch (error) {
            expect(error).toMatchObject({ code: 'UPSTREAM_BUSY' });
            expect(gate.waiting).toBe(options.queueLimit);
            refused++;
            return;
          }
          running.set(key, (running.get(key) ?? 0) + 1);
          expect(running.get(key)).toBeLessThanOrEqual(options.perCaller);
          expect(gate.running).toBeLessThanOrEqual(options.total);
          await turn();
          running.set(key, (running.get(key) ?? 0) - 1);
          gate.leave(key);
          served++;
        });
        await Promise.all(visits);
        expect(served + refused).toBe(keys.length);
        expect([gate.running, gate.waiting]).toEqual([0, 0]);
      }),
    );
  });

  it('callers take turns when the total is the limit', async () => {
    const gate = new Gate({ perCaller: 1, total: 1, queueLimit: 100 });
    expect(gate.enter('busy', 60_000, undefined)).toBeUndefined();
    const order: string[] = [];
    const wait = (key: string) => gate.enter(key, 60_000, undefined)?.then(() => order.push(key));
    const waits = ['busy', 'busy', 'busy', 'other', 'busy'].map(wait);
    for (const key of ['busy', 'other', 'busy', 'busy', 'busy', 'busy']) {
      gate.leave(order.at(-1) ?? key);
      await turn();
    }
    await Promise.all(waits);
    expect(order.indexOf('other')).toBeLessThanOrEqual(1);
    expect(order).toHaveLength(5);
  });

  it('who gives up or runs out of time leaves the queue', async () => {
    const gate = new Gate({ perCaller: 1, total: 1, queueLimit: 2 });
    expect(gate.enter('a', 60_000, undefined)).toBeUndefined();
    const aborter = new AbortController();
    const aborted = failure(gate.enter('b', 60_000, aborter.signal) ?? Promise.resolve());
    const late = failure(gate.enter('c', 1, undefined) ?? Promise.resolve());
    expect(() => gate.enter('d', 60_000, undefined)).toThrow(expect.objectContaining({ code: 'UPSTREAM_BUSY' }));
    aborter.abort();
    expect((await aborted).kind).toBe('aborted');
    expect((await late).kind).toBe('timeout');
    expect(gate.waiting).toBe(0);
    gate.leave('a');
    expect(gate.enter('b', 60_000, undefined)).toBeUndefined();
  });

  it('in the client: bounds for a caller and in all, and UPSTREAM_BUSY beyond the queue', async () => {
    const open = new Set<() => void>();
    let most = 0;
    const upstream = await httpUpstream((response) => {
      open.add(() => sendJson(response, 200, {}));
      most = Math.max(most, open.size);
    });
    const client = clientOf(upstream.url, { perCallerConcurrency: 2, totalConcurrency: 3, queueLimit: 4 });
    const other: UpstreamCaller = { key: 'other', headers: {} };
    const calls = [CALLER, CALLER, CALLER, CALLER, other, other, other].map((caller) =>
      client.getSnapshot(caller, UUID),
    );
    expect(await failure(client.getSnapshot(CALLER, UUID))).toMatchObject({ kind: 'busy', code: 'UPSTREAM_BUSY' });
    for (let answered = 0; answered < 7; answered++) {
      await expect.poll(() => open.size).toBe(Math.min(3, 7 - answered));
      const [answer] = open;
      if (answer === undefined) throw new Error('nothing to answer');
      open.delete(answer);
      answer();
    }
    await Promise.all(calls);
    expect(most).toBe(3);
    expect(upstream.seen).toHaveLength(7);
  });
});
