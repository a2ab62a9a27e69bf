import { describe, expect, it } from 'vitest';
import { BoundedStore, createCached } from '../../../src/cache/memory.ts';

describe('a bounded store', () => {
  it('evicts the least recently used entry', () => {
    const store = new BoundedStore<number>(2);
    store.set('a', 1);
    store.set('b', 2);
    store.get('a');
    store.set('c', 3);
    expect([store.get('a'), store.get('b'), store.get('c'), store.size]).toEqual([1, undefined, 3, 2]);
  });

  it('deletes entries', () => {
    const store = new BoundedStore<number>(2);
    store.set('a', 1);
    expect([store.has('a'), store.delete('a'), store.delete('a'), store.has('a')]).toEqual([true, true, false, false]);
    store.set('b', 1);
    store.clear();
    expect(store.size).toBe(0);
  });
});

describe('a cache', () => {
  let now = 0;
  const make = <Value>() => createCached<Value>({ ttlMs: 60_000, limit: 10, now: () => now });

  it('returns the same object that was stored under the key', () => {
    const cached = make<{ n: number }>();
    const value = { n: 1 };
    cached.set('k', value);
    expect(cached.get('k')).toBe(value);
    expect(cached.get('other')).toBeUndefined();
  });

  it('returns nothing after the time to live', () => {
    const cached = make<number>();
    cached.set('k', 5);
    now += 59_999;
    expect(cached.get('k')).toBe(5);
    now += 1;
    expect(cached.get('k')).toBeUndefined();
  });
});
