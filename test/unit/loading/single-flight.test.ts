import { afterEach, describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { BusyCallers, SingleFlight } from '../../../src/loading/single-flight.ts';
import type { AbortToken } from '../../../src/runtime/abort-token.ts';
import { UpstreamError } from '../../../src/waldur/errors.ts';

/** Calls that the test answers. */
function calls() {
  const asked: { answer: (value: string) => void; fail: (error: Error) => void; signal: AbortToken | undefined }[] = [];
  const ask = ({ signal }: { readonly signal?: AbortToken | undefined }) =>
    new Promise<string>((answer, fail) => {
      asked.push({ answer, fail, signal });
    });
  return { asked, ask };
}

describe('single flight', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('merges equal reads of one caller', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = calls();
    const waiting = [reads.join('a', 'q', {}, ask), reads.join('a', 'q', {}, ask)];
    asked[0]?.answer('yes');
    expect(await Promise.all(waiting)).toEqual(['yes', 'yes']);
    expect(asked).toHaveLength(1);
    expect(reads.size).toBe(0);
  });

  it('does not merge reads of other callers or keys', () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = calls();
    for (const [caller, question] of [
      ['a', 'q'],
      ['b', 'q'],
      ['a', 'r'],
    ] as const) {
      void reads.join(caller, question, {}, ask);
    }
    expect(asked).toHaveLength(3);
  });

  it('continues for the others when one waiter leaves', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = calls();
    const leaving = new AbortController();
    const first = reads.join('a', 'q', { signal: leaving.signal }, ask);
    const second = reads.join('a', 'q', { signal: new AbortController().signal }, ask);
    leaving.abort();
    await expect(first).rejects.toMatchObject({ kind: 'aborted' });
    expect(asked[0]?.signal?.aborted).toBe(false);
    asked[0]?.answer('yes');
    expect(await second).toBe('yes');
  });

  it('aborts the call when all waiters have left, and starts a new one for the next', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = calls();
    const leaving = new AbortController();
    const waiting = [0, 1].map(() => reads.join('a', 'q', { signal: leaving.signal }, ask));
    leaving.abort();
    for (const one of waiting) await expect(one).rejects.toMatchObject({ kind: 'aborted' });
    expect(asked[0]?.signal?.aborted).toBe(true);
    const next = reads.join('a', 'q', {}, ask);
    asked[1]?.answer('again');
    expect(await next).toBe('again');
  });

  it('does not let an aborted operation join', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { ask } = calls();
    void reads.join('a', 'q', {}, ask);
    await expect(reads.join('a', 'q', { signal: AbortSignal.abort() }, ask)).rejects.toMatchObject({
      kind: 'aborted',
    });
  });

  it('does not start a call for an aborted operation', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = calls();
    await expect(reads.join('a', 'q', { signal: AbortSignal.abort() }, ask)).rejects.toMatchObject({
      kind: 'aborted',
    });
    expect(asked).toHaveLength(0);
    expect(reads.size).toBe(0);
  });

  it('starts again for a waiter with a later deadline when the first one times out', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = calls();
    const first = reads.join('a', 'q', { deadline: 1 }, ask);
    const second = reads.join('a', 'q', { deadline: 2 }, ask);
    asked[0]?.fail(new UpstreamError('timeout'));
    await expect(first).rejects.toMatchObject({ kind: 'timeout' });
    await expect.poll(() => asked.length).toBe(2);
    asked[1]?.answer('late');
    expect(await second).toBe('late');
  });

  it('rejects a waiter with an earlier deadline when it passes', async () => {
    vi.useFakeTimers({ now: 0 });
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = calls();
    const first = reads.join('a', 'q', { deadline: 10_000 }, ask);
    const second = reads.join('a', 'q', { deadline: 50 }, ask);
    const third = reads.join('a', 'q', { deadline: 60 }, ask);
    const late = expect(second).rejects.toMatchObject({ kind: 'timeout' });
    vi.advanceTimersByTime(50);
    await late;
    asked[0]?.answer('yes');
    expect(await Promise.all([first, third])).toEqual(['yes', 'yes']);
    expect(asked).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('starts again for the other waiters when the first one may make no more calls', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const tooMany = new GatewayError('QUERY_TOO_COMPLEX', 'No call is left.');
    const first = reads.join('a', 'q', {}, () => Promise.reject(tooMany));
    const second = reads.join('a', 'q', {}, async () => 'yes');
    await expect(first).rejects.toBe(tooMany);
    expect(await second).toBe('yes');
  });

  it('does not join a read from before a change', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = calls();
    const before = reads.join('a', 'q', {}, ask);
    reads.forget('a');
    const after = reads.join('a', 'q', {}, ask);
    asked[0]?.answer('old');
    asked[1]?.answer('new');
    expect(await Promise.all([before, after])).toEqual(['old', 'new']);
    expect(reads.size).toBe(0);
  });
});
