import { describe, expect, it } from 'vitest';
import { AnswerCache } from '../../../src/cache/answers.ts';
import { openMemory } from '../../../src/cache/store.ts';
import { SharedReads } from '../../../src/loading/shared-reads.ts';
import { BusyCallers } from '../../../src/loading/single-flight.ts';
import { UpstreamError } from '../../../src/waldur/errors.ts';

const TTL_MS = 1_000;
const NOBODY = { onRead: () => undefined };
const isString = (value: unknown): value is string => typeof value === 'string';

describe('concurrent reads of a caller', () => {
  it('fall back to expired data only for waiters whose deadline has passed', async () => {
    let now = 1_000_000;
    const store = openMemory({ maxBytes: 1_000_000 });
    const cache = new AnswerCache({ store, ttlMs: TTL_MS, staleMs: 60_000, now: () => now });
    const reads = new SharedReads({ cache, busyCallers: new BusyCallers(), now: () => now });
    const stales: boolean[] = [];
    const reader = { onRead: (_at: number, stale: boolean) => stales.push(stale) };
    await reads.read('caller', 'question', {}, async () => 'old', isString, NOBODY);
    now += TTL_MS + 1;
    const timedOut = () => Promise.reject(new UpstreamError('timeout'));
    const hurried = reads.read('caller', 'question', { deadline: now + 10 }, timedOut, isString, reader);
    const patient = reads.read('caller', 'question', { deadline: now + 9_000 }, async () => 'new', isString, reader);
    expect(await Promise.all([hurried, patient])).toEqual(['old', 'new']);
    expect(stales.sort()).toEqual([false, true]);
  });

  it('do not join reads from before a change, in related instances either', async () => {
    const busyCallers = new BusyCallers();
    const others = new SharedReads({ cache: undefined, busyCallers, now: () => performance.now() });
    const reads = new SharedReads({ cache: undefined, busyCallers, now: () => performance.now(), others: [others] });
    let answer: (value: string) => void = () => undefined;
    const before = others.read(
      'caller',
      'question',
      {},
      () => new Promise<string>((resolve) => (answer = resolve)),
      isString,
      NOBODY,
    );
    await reads.changed('caller');
    const after = others.read('caller', 'question', {}, async () => 'new', isString, NOBODY);
    answer('old');
    expect(await Promise.all([before, after])).toEqual(['old', 'new']);
  });
});
