import { afterEach, describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { BusyCallers, SingleFlight } from '../../../src/loading/single-flight.ts';
import type { AbortToken } from '../../../src/runtime/abort-token.ts';
import { UpstreamError } from '../../../src/waldur/errors.ts';

/** A question whose answers the test gives. */
function questions() {
  const asked: { answer: (value: string) => void; fail: (error: Error) => void; signal: AbortToken | undefined }[] = [];
  const ask = ({ signal }: { readonly signal?: AbortToken | undefined }) =>
    new Promise<string>((answer, fail) => {
      asked.push({ answer, fail, signal });
    });
  return { asked, ask };
}

describe('reads under way', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('identical ones of a caller are one', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = questions();
    const waiting = [reads.join('a', 'q', {}, ask), reads.join('a', 'q', {}, ask)];
    asked[0]?.answer('yes');
    expect(await Promise.all(waiting)).toEqual(['yes', 'yes']);
    expect(asked).toHaveLength(1);
    expect(reads.size).toBe(0);
  });

  it('others are not', () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = questions();
    for (const [caller, question] of [
      ['a', 'q'],
      ['b', 'q'],
      ['a', 'r'],
    ] as const) {
      void reads.join(caller, question, {}, ask);
    }
    expect(asked).toHaveLength(3);
  });

  it('who leaves, leaves alone', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = questions();
    const leaving = new AbortController();
    const first = reads.join('a', 'q', { signal: leaving.signal }, ask);
    const second = reads.join('a', 'q', { signal: new AbortController().signal }, ask);
    leaving.abort();
    await expect(first).rejects.toMatchObject({ kind: 'aborted' });
    expect(asked[0]?.signal?.aborted).toBe(false);
    asked[0]?.answer('yes');
    expect(await second).toBe('yes');
  });

  it('when all have left, the read is given up, and the next one asks anew', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = questions();
    const leaving = new AbortController();
    const waiting = [0, 1].map(() => reads.join('a', 'q', { signal: leaving.signal }, ask));
    leaving.abort();
    for (const one of waiting) await expect(one).rejects.toMatchObject({ kind: 'aborted' });
    expect(asked[0]?.signal?.aborted).toBe(true);
    const next = reads.join('a', 'q', {}, ask);
    asked[1]?.answer('again');
    expect(await next).toBe('again');
  });

  it('who comes when it is too late for himself does not ask', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { ask } = questions();
    void reads.join('a', 'q', {}, ask);
    await expect(reads.join('a', 'q', { signal: AbortSignal.abort() }, ask)).rejects.toMatchObject({
      kind: 'aborted',
    });
  });

  it('nor does anybody ask for somebody who has left before he began', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = questions();
    await expect(reads.join('a', 'q', { signal: AbortSignal.abort() }, ask)).rejects.toMatchObject({
      kind: 'aborted',
    });
    expect(asked).toHaveLength(0);
    expect(reads.size).toBe(0);
  });

  it('who joined with more time than the first asks again when that one ran out of it', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = questions();
    const first = reads.join('a', 'q', { deadline: 1 }, ask);
    const second = reads.join('a', 'q', { deadline: 2 }, ask);
    asked[0]?.fail(new UpstreamError('timeout'));
    await expect(first).rejects.toMatchObject({ kind: 'timeout' });
    await expect.poll(() => asked.length).toBe(2);
    asked[1]?.answer('late');
    expect(await second).toBe('late');
  });

  it('who joined with less time than the first is told when it is over', async () => {
    vi.useFakeTimers({ now: 0 });
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = questions();
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

  it('what the one that asked may not do, the others do', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const tooMany = new GatewayError('QUERY_TOO_COMPLEX', 'No call is left.');
    const first = reads.join('a', 'q', {}, () => Promise.reject(tooMany));
    const second = reads.join('a', 'q', {}, async () => 'yes');
    await expect(first).rejects.toBe(tooMany);
    expect(await second).toBe('yes');
  });

  it('after a change nobody joins a read from before it', async () => {
    const reads = new SingleFlight(new BusyCallers(), () => performance.now());
    const { asked, ask } = questions();
    const before = reads.join('a', 'q', {}, ask);
    reads.forget('a');
    const after = reads.join('a', 'q', {}, ask);
    asked[0]?.answer('old');
    asked[1]?.answer('new');
    expect(await Promise.all([before, after])).toEqual(['old', 'new']);
    expect(reads.size).toBe(0);
  });
});
