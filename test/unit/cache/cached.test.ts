import { describe, expect, it } from 'vitest';
import { createCached } from '../../../src/cache/cached.ts';
import { BoundedStore } from '../../../src/cache/memory.ts';

describe('a bounded store', () => {
  it('forgets what was used longest ago', () => {
    const store = new BoundedStore<number>(2);
    store.set('a', 1);
    store.set('b', 2);
    store.get('a');
    store.set('c', 3);
    expect([store.get('a'), store.get('b'), store.get('c'), store.size]).toEqual([1, undefined, 3, 2]);
  });

  it('forgets what it is told to', () => {
    const store = new BoundedStore<number>(2);
    store.set('a', 1);
    expect([store.has('a'), store.delete('a'), store.delete('a'), store.has('a')]).toEqual([true, true, false, false]);
    store.set('b', 1);
    store.clear();
    expect(store.size).toBe(0);
  });
});

describe('a cache', () => {
  it('loads once for those who ask at the same time, and keeps the value', async () => {
    const cached = createCached<{ n: number }>({ ttlMs: 60_000, limit: 10 });
    let loads = 0;
    const load = async () => ({ n: ++loads });
    const [a, b] = await Promise.all([cached.get('k', load), cached.get('k', load)]);
    expect(a).toBe(b);
    expect(await cached.get('k', load)).toBe(a);
    expect(loads).toBe(1);
    expect(await cached.get('other', load)).toEqual({ n: 2 });
  });

  it('keeps no failure', async () => {
    const cached = createCached<number>({ ttlMs: 60_000, limit: 10 });
    await expect(cached.get('k', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cached.get('k', async () => 5)).toBe(5);
  });
});
