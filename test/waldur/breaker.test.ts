import { describe, expect, it } from 'vitest';
import { Breaker } from '../../src/waldur/breaker.ts';
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
import { VirtualClock } from './support/virtual-clock.ts';

describe('the circuit breaker', () => {
  const broken = (clock: VirtualClock): Breaker => {
    const breaker = new Breaker({ now: clock.now });
    for (let i = 0; i < 20; i++) breaker.record('normal', 'down', 'alice');
    return breaker;
  };

  it('stays closed below 20 calls, however many fail', () => {
    const breaker = new Breaker({ now: new VirtualClock().now });
    for (let i = 0; i < 19; i++) breaker.record('normal', 'down', 'alice');
    expect(breaker.permit()).toBe('normal');
    breaker.record('normal', 'down', 'alice');
    expect(breaker.permit()).toBeUndefined();
  });

  it('stays closed below 50 % failures', () => {
    const breaker = new Breaker({ now: new VirtualClock().now });
    for (let i = 0; i < 1_000; i++) {
      breaker.record('normal', 'up', 'alice');
      if (i % 50 !== 0) breaker.record('normal', 'down', 'alice');
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('ignores calls older than 10 s', () => {
    const clock = new VirtualClock();
    const breaker = new Breaker({ now: clock.now });
    for (let i = 0; i < 19; i++) breaker.record('normal', 'down', 'alice');
    clock.ms += 10_001;
    breaker.record('normal', 'down', 'alice');
    expect(breaker.isOpen).toBe(false);
  });

  it('then lets one probe at a time pass, and closes when one succeeds', () => {
    const clock = new VirtualClock();
    const breaker = broken(clock);
    clock.ms += 1_999;
    expect(breaker.permit()).toBeUndefined();
    clock.ms += 1;
    expect([breaker.permit(), breaker.permit()]).toEqual(['probe', undefined]);
    breaker.record('probe', 'down', 'alice');
    expect(breaker.permit()).toBeUndefined();
    clock.ms += 2_000;
    expect(breaker.permit()).toBe('probe');
    // Given up: tells nothing, so the next one may try at once.
    breaker.record('probe', 'unknown', 'alice');
    expect(breaker.permit()).toBe('probe');
    breaker.record('probe', 'up', 'alice');
    expect([breaker.permit(), breaker.permit()]).toEqual(['normal', 'normal']);
    breaker.record('normal', 'down', 'alice');
    expect(breaker.isOpen).toBe(false);
  });

  it('is not kept open by late failures of calls sent before it opened', () => {
    const clock = new VirtualClock();
    const breaker = broken(clock);
    clock.ms += 1_500;
    breaker.record('normal', 'down', 'alice');
    clock.ms += 500;
    expect(breaker.permit()).toBe('probe');
  });

  it('in the client: sends nothing while open, then one probe, and all calls after it succeeds', async () => {
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

  it('does not repeat a GET that opens it, and returns its error', async () => {
    const upstream = await jsonUpstream(503, {});
    const client = clientOf(upstream.url);
    for (let i = 0; i < 19; i++) await failure(client.pullSnapshot(CALLER, UUID));
    expect(await failure(client.getSnapshot(CALLER, UUID))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      status: 503,
    });
    expect(upstream.seen).toHaveLength(20);
  });

  it.each([400, 401, 403, 404, 409, 429, 500])('status %i shows that Waldur is reachable', async (status) => {
    const upstream = await jsonUpstream(status, { detail: 'x' });
    const client = clientOf(upstream.url);
    for (let i = 0; i < 25; i++) await failure(client.pullSnapshot(CALLER, UUID));
    expect(upstream.seen).toHaveLength(25);
  });

  it('timeouts of a few callers do not open it, however many they are', () => {
    const breaker = new Breaker({ now: new VirtualClock().now });
    for (let i = 0; i < 1_000; i++) breaker.record('normal', 'slow', `caller ${i % 9}`);
    expect(breaker.isOpen).toBe(false);
    breaker.record('normal', 'slow', 'caller 9');
    expect(breaker.isOpen).toBe(false);
    breaker.record('normal', 'slow', 'caller 9');
    expect(breaker.isOpen).toBe(true);
  });

  it('timeouts of a few callers count again when the window has passed, and a probe forgets them', () => {
    const clock = new VirtualClock();
    const breaker = new Breaker({ now: clock.now, callerTimeouts: 1, minCalls: 3 });
    const slow = (...callers: string[]) => {
      for (const caller of callers) breaker.record('normal', 'slow', caller);
      return breaker.isOpen;
    };
    expect(slow('a', 'a', 'b', 'b')).toBe(false);
    clock.ms += 10_001;
    expect(slow('a', 'b', 'a', 'b')).toBe(false);
    expect(slow('c')).toBe(true);
    clock.ms += 2_000;
    breaker.record(breaker.permit() ?? 'normal', 'up', 'a');
    expect(slow('a', 'b')).toBe(false);
    expect(slow('c')).toBe(true);
  });

  it('failures of one caller open it at once when the upstream is down', () => {
    const breaker = new Breaker({ now: new VirtualClock().now });
    for (let i = 0; i < 100; i++) breaker.record('normal', 'slow', 'alice');
    for (let i = 0; i < 18; i++) breaker.record('normal', 'down', 'alice');
    expect(breaker.isOpen).toBe(true);
  });

  it.each([
    ['timeouts', undefined],
    ['504, the timeout of a proxy,', 504],
  ])('in the client: %s of one caller do not stop the calls of others', async (_, status) => {
    const upstream =
      status === undefined
        ? await rawUpstream(() => {})
        : await httpUpstream((response) => sendJson(response, status, {}));
    const client = clientOf(upstream.url, { attemptTimeoutMs: 250, perCallerConcurrency: 32 });
    await Promise.all(Array.from({ length: 32 }, () => failure(client.getSnapshot(CALLER, UUID))));
    const before = upstream.seen.length;
    await failure(client.pullSnapshot({ ...CALLER, key: 'another' }, UUID));
    expect(upstream.seen.length - before).toBe(1);
  });

  it('calls that their caller gave up do not count', async () => {
    const upstream = await rawUpstream(() => {});
    const client = clientOf(upstream.url, { attemptTimeoutMs: 20, perCallerConcurrency: 32 });
    const away = Array.from({ length: 30 }, async () => {
      const aborter = new AbortController();
      const call = failure(client.getSnapshot(CALLER, UUID, {}, { signal: aborter.signal }));
      aborter.abort();
      expect((await call).kind).toBe('aborted');
    });
    await Promise.all(away);
    expect((await failure(client.getSnapshot(CALLER, UUID))).kind).toBe('timeout');
  });
});
