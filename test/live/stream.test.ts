import { describe, expect, it } from 'vitest';
import { STATES } from '../../src/domain/states.ts';
import { canonicalFilter } from '../../src/live/scope.ts';
import { settle } from './support/clock.ts';
import { Harness } from './support/harness.ts';

describe('a stream, as an iterator', () => {
  it('answers requests in order, however many are made at once', async () => {
    const bench = new Harness({ rows: 2 });
    const stream = bench.live.subscribe(bench.request());
    const asked = [stream.next(), stream.next(), stream.next(), stream.next()];
    await bench.clock.advance(100);
    const kinds = (await Promise.all(asked)).map(({ value }) => value?.kind);
    expect(kinds).toEqual(['RESET', 'INITIAL', 'INITIAL', 'BOOKMARK']);
  });

  it('can be returned while it waits, and twice', async () => {
    const bench = new Harness({ rows: 2 });
    const stream = bench.live.subscribe(bench.request());
    const asked = stream.next();
    await stream.return?.();
    await stream.return?.();
    expect(await asked).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(bench.live.stats().subscribers).toBe(0);
  });

  it('throws the given error, and ends', async () => {
    const bench = new Harness({ rows: 2 });
    const stream = bench.live.subscribe(bench.request());
    await expect(stream.throw?.(new Error('left'))).rejects.toThrow('left');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(bench.live.stats().subscribers).toBe(0);
  });

  it('throws its final error once, even to a later request', async () => {
    const bench = new Harness({ rows: 2 });
    const stream = bench.live.subscribe(bench.request());
    await bench.clock.advance(100);
    bench.upstream.failure = () => ({ kind: 'unauthenticated' });
    await bench.clock.advance(12_000);
    await expect(stream.next()).rejects.toMatchObject({ reason: 'unauthenticated' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('is ended even when it is never read', async () => {
    const bench = new Harness({ rows: 2 });
    let reason = '';
    bench.live.subscribe(
      bench.request({
        onEnd: (end) => {
          reason = end.reason;
        },
      }),
    );
    await bench.clock.advance(36_000);
    expect(reason).toBe('slow-reader');
    expect(bench.live.stats().subscribers).toBe(0);
  });
});

describe('subscribers of one caller and scope', () => {
  it('share one informer, whatever they select and whatever states they filter by', async () => {
    const bench = new Harness({ rows: 2 });
    await bench.ready({ filter: { tag: 'x', name: 'y' } });
    await bench.ready({ filter: { name: 'y', tag: 'x', state: ['OK'] }, fields: new Set(['size']) });
    expect(bench.live.stats()).toMatchObject({ informers: 1, subscriberGroups: 2, subscribers: 2 });
    await bench.ready({ filter: { tag: 'x' } });
    expect(bench.live.stats().informers).toBe(2);
  });

  it('find the stream unchanged when they come back within 30 s', async () => {
    const bench = new Harness({ rows: 700 });
    const first = await bench.ready();
    await first.stop();
    await bench.clock.advance(25_000);
    const calls = bench.upstream.calls.length;
    const back = bench.watch({ after: first.cursor });
    await settle();
    expect(back.kinds).toEqual(['BOOKMARK']);
    expect(bench.upstream.calls.length).toBe(calls);
  });

  it('have bounded memory kept for their return', async () => {
    const bench = new Harness({ rows: 10, tuning: { retainInformers: 3, retainRows: 25 } });
    for (let at = 0; at < 5; at += 1) await (await bench.ready({ callerKey: `caller ${at}` })).stop();
    await bench.clock.advance(31_000);
    expect(bench.live.stats()).toMatchObject({ informers: 0, informersParked: 2 });
  });
});

describe('the canonical form of filters', () => {
  const key = (filter: Parameters<typeof canonicalFilter>[0]): string => canonicalFilter(filter).scope.key;

  it('is the same for the same filter in any order and spelling', () => {
    expect(key({ name: 'a', size: 1 })).toBe(key({ size: 1, name: 'a', tag: null, uuid: undefined }));
    expect(key({ uuid: 'AAAA-BBBB' })).toBe(key({ uuid: 'aaaabbbb' }));
    expect(key({ state: ['OK'] })).toBe(key({}));
  });

  it('differs where the filter differs', () => {
    const keys = [{}, { name: 'a' }, { name: '1' }, { name: 1 }, { tag: 'a' }, { uuid: 'a' }, { name: ['a'] }].map(key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('treats no state and all states as no filter', () => {
    expect(canonicalFilter({ state: [...STATES] }).states).toBeNull();
    expect(canonicalFilter({ state: [] }).statesKey).toBe('');
    expect(canonicalFilter({ state: ['OK', 'ERRED', 'OK'] }).statesKey).toBe(
      canonicalFilter({ state: ['ERRED', 'OK'] }).statesKey,
    );
  });
});
