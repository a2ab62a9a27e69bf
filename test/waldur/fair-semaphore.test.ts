import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FairSemaphore } from '../../src/waldur/fair-semaphore.ts';
import type { UpstreamCaller } from '../../src/waldur/types.ts';
import { CALLER, clientOf, failure, httpUpstream, sendJson, UUID } from './support/upstreams.ts';

describe('the fair semaphore', () => {
  it('never admits more than the limit, serves all callers, and keeps no state', async () => {
    const limits = fc.record({
      perCaller: fc.integer({ min: 1, max: 3 }),
      total: fc.integer({ min: 1, max: 5 }),
      queueLimit: fc.integer({ min: 0, max: 6 }),
    });
    const arrivals = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(limits, arrivals, async (options, keys) => {
        const gate = new FairSemaphore(options);
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

  it('alternates between callers at the total limit', async () => {
    const gate = new FairSemaphore({ perCaller: 1, total: 1, queueLimit: 100 });
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

  it('removes aborted and timed-out waiters from the queue', async () => {
    const gate = new FairSemaphore({ perCaller: 1, total: 1, queueLimit: 2 });
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

  it('in the client: limits per caller and in total, and UPSTREAM_BUSY beyond the queue', async () => {
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

  it('releases a place once for an invalid request that has also timed out', async () => {
    let answer = (): void => undefined;
    const upstream = await httpUpstream((response, _seen, n) => {
      answer = () => sendJson(response, 200, { uuid: UUID });
      if (n > 1) answer();
    });
    const leaving = vi.spyOn(FairSemaphore.prototype, 'leave');
    const client = clientOf(upstream.url, { connections: 1 });
    const first = client.getSnapshot(CALLER, UUID);
    await expect.poll(() => upstream.seen.length).toBe(1);
    // It waits for the connection, where nobody looks at its headers yet.
    const broken: UpstreamCaller = { key: 'other', headers: { authorization: 'Token a\nb' } };
    const second = client.getSnapshot(broken, UUID, {}, { deadline: performance.now() + 50 });
    expect(await failure(second)).toMatchObject({ kind: 'timeout' });
    answer();
    await first;
    await turn();
    await turn();
    expect(leaving.mock.calls.map(([key]) => key).filter((key) => key === 'other')).toHaveLength(1);
    leaving.mockRestore();
  });

  it('releases a place, and returns the response, although the metrics callback throws', async () => {
    const upstream = await httpUpstream((response) => sendJson(response, 200, { uuid: UUID }));
    const onCall = (): void => {
      throw new Error('no metrics');
    };
    const client = clientOf(upstream.url, { onCall, perCallerConcurrency: 1 });
    for (let n = 0; n < 2; n++) expect(await client.getSnapshot(CALLER, UUID)).toEqual({ uuid: UUID });
  });
});
