import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Payload,
  type Result,
  type RetryOptions,
  resumable,
  type Sink,
  type StreamClient,
} from '../../clients/live/src/index.ts';

/** The wrapper over a client whose connections the test plays, on a clock that the test drives. */

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
});

const QUERY = 'subscription ($after: String) { snapshotChanges(after: $after) { kind cursor } }';
const event = (kind: string, cursor: string | null = null): Result => ({ data: { snapshotChanges: { kind, cursor } } });
const errors = (...codes: string[]) => codes.map((code) => ({ message: code, extensions: { code } }));
const networkError = (response?: object): Error =>
  Object.assign(new Error('lost'), { name: 'NetworkError', ...(response && { response }) });

function play(options: RetryOptions = {}, payload: Payload = { query: QUERY }) {
  const connections: { readonly payload: Payload; readonly sink: Sink; readonly sent: unknown }[] = [];
  const seen: unknown[] = [];
  let interruptions = 0;
  const fake: StreamClient = {
    subscribe(request, sink) {
      connections.push({ payload: request, sink, sent: JSON.parse(JSON.stringify(request)) });
      return () => queueMicrotask(() => sink.complete());
    },
    iterate: () => {
      throw new Error('only for other operations');
    },
    dispose() {},
  };
  const client = resumable(fake, options);
  const sink: Sink = {
    next: (value) => seen.push(value),
    error: (problem) => seen.push({ problem }),
    complete: () => seen.push('complete'),
    interrupted: () => {
      interruptions += 1;
    },
  };
  const begin = () => client.subscribe(payload, sink);
  /** The last connection. */
  const last = (): Sink => {
    const sinkOfLast = connections.at(-1)?.sink;
    if (sinkOfLast === undefined) throw new Error('not connected');
    return sinkOfLast;
  };
  const sentAfter = () => connections.map(({ payload: { variables } }) => variables?.after);
  return { client, connections, seen, begin, last, sentAfter, interruptions: () => interruptions };
}

describe('what ends a stream', () => {
  it.each<readonly [name: string, problem: unknown]>([
    ['RATE_LIMITED', errors('RATE_LIMITED')],
    ['UPSTREAM_UNAVAILABLE', errors('UPSTREAM_UNAVAILABLE')],
    ['UPSTREAM_TIMEOUT', errors('UPSTREAM_TIMEOUT')],
    ['UPSTREAM_BUSY', errors('UPSTREAM_BUSY')],
    ['UPSTREAM_ERROR', errors('UPSTREAM_ERROR')],
    ...[1001, 1005, 1006, 1008, 1011, 1012, 1013, 4403, 4408, 4499].map(
      (code) => [`close code ${code}`, { code, reason: '' }] as const,
    ),
    ['a connection that is refused', { type: 'error' }],
    ['a lost response', networkError()],
    ['status 503', networkError({ status: 503 })],
    ['status 429', networkError({ status: 429 })],
  ])('%s: the stream continues', async (_, problem) => {
    const { connections, seen, begin, last, sentAfter, interruptions } = play();
    begin();
    last().next(event('BOOKMARK', 'c1'));
    last().error(problem);
    expect(interruptions()).toBe(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(connections).toHaveLength(2);
    expect(sentAfter()).toEqual(['c1', 'c1']);
    expect(seen).toEqual([event('BOOKMARK', 'c1')]);
  });

  it.each<readonly [name: string, problem: unknown]>([
    ['UNAUTHENTICATED', errors('UNAUTHENTICATED')],
    ['FORBIDDEN', errors('FORBIDDEN')],
    ['one error that stays beside one that passes', errors('RATE_LIMITED', 'BAD_USER_INPUT')],
    ['no error at all', []],
    ...[1009, 4004, 4400, 4401, 4406, 4409, 4429].map((code) => [`close code ${code}`, { code, reason: '' }] as const),
    ['an error of the program', new TypeError('no')],
    ['status 400', networkError({ status: 400 })],
    ['status 401', networkError({ status: 401 })],
  ])('%s: the sink gets it', async (_, problem) => {
    const { connections, seen, begin, last } = play();
    begin();
    last().error(problem);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connections).toHaveLength(1);
    expect(seen).toEqual([{ problem }]);
  });

  it('over server-sent events: a last result without data is retried like an error', async () => {
    const { connections, seen, begin, last } = play();
    begin();
    last().next({ errors: errors('RATE_LIMITED') });
    last().complete();
    await vi.advanceTimersByTimeAsync(500);
    expect([connections.length, seen]).toEqual([2, []]);
    const refusal = { errors: errors('UNAUTHENTICATED') };
    last().next(refusal);
    last().complete();
    expect(seen).toEqual([refusal, 'complete']);
  });

  it('a result with data and errors is passed on at once', () => {
    const { seen, begin, last } = play();
    begin();
    const partial = { data: null, errors: errors('UPSTREAM_ERROR') };
    last().next(partial);
    expect(seen).toEqual([partial]);
  });

  it('shouldRetry replaces the rule', async () => {
    const shouldRetry = vi.fn(() => true);
    const { connections, begin, last } = play({ shouldRetry });
    begin();
    last().error('anything');
    await vi.advanceTimersByTimeAsync(500);
    expect(shouldRetry).toHaveBeenCalledWith('anything');
    expect(connections).toHaveLength(2);
  });
});

describe('pauses', () => {
  const pauses = async (problem: unknown, count: number, options: RetryOptions = {}) => {
    const { connections, begin, last } = play(options);
    begin();
    const waited: number[] = [];
    for (let i = 0; i < count; i += 1) {
      last().error(problem);
      let ms = 0;
      for (; connections.length === i + 1; ms += 250) await vi.advanceTimersByTimeAsync(250);
      waited.push(ms);
    }
    return waited;
  };

  it('double up to 30 s, and shrink to half by chance', async () => {
    expect(await pauses({ code: 1006, reason: '' }, 8)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
    vi.mocked(Math.random).mockReturnValue(0);
    expect(await pauses({ code: 1006, reason: '' }, 2)).toEqual([250, 500]);
  });

  it('are as long as the gateway says', async () => {
    const limited = [{ message: '', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 7 } }];
    expect(await pauses(limited, 1)).toEqual([7_000]);
    const busy = networkError({ status: 503, headers: new Headers({ 'retry-after': '3' }) });
    expect(await pauses(busy, 1)).toEqual([3_000]);
  });

  it('begin again after an event, and end after retryAttempts', async () => {
    const { seen, begin, last } = play({ retryAttempts: 2, retryDelay: () => 10 });
    begin();
    const lost = { code: 1006, reason: '' };
    for (let i = 0; i < 2; i += 1) {
      last().error(lost);
      await vi.advanceTimersByTimeAsync(10);
    }
    last().next(event('STALE'));
    for (let i = 0; i < 2; i += 1) {
      last().error(lost);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(seen).toEqual([event('STALE')]);
    last().error(lost);
    expect(seen).toEqual([event('STALE'), { problem: lost }]);
  });

  it.each(['unsubscribe', 'dispose'])('end with %s', async (how) => {
    const { client, connections, seen, begin, last } = play();
    const stop = begin();
    last().error({ code: 1006, reason: '' });
    if (how === 'dispose') await client.dispose();
    else stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([connections.length, seen]).toEqual([1, ['complete']]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the request', () => {
  it('has the cursor of the last event, null after RESET, and at first the given one', () => {
    const variables = { after: 'given' };
    const { connections, begin, last } = play({}, { query: QUERY, variables });
    begin();
    const request = connections[0]?.payload;
    const sent = () => JSON.parse(JSON.stringify(request)).variables.after;
    expect(sent()).toBe('given');
    last().next(event('ADDED', 'c1'));
    expect(sent()).toBe('c1');
    last().next(event('STALE'));
    expect(sent()).toBe('c1');
    last().next(event('RESET'));
    expect(sent()).toBeNull();
    last().next(event('BOOKMARK', 'c2'));
    expect(sent()).toBe('c2');
    expect(variables).toEqual({ after: 'given' });
  });

  it('keeps getters of the variables, also frozen ones', () => {
    let token = 1;
    const variables = Object.freeze({
      get filter() {
        return { name: `n${token}` };
      },
      after: null,
    });
    const { connections, begin, last } = play({}, { query: QUERY, variables });
    begin();
    token = 2;
    last().next(event('BOOKMARK', 'c1'));
    expect(JSON.parse(JSON.stringify(connections[0]?.payload.variables))).toEqual({
      filter: { name: 'n2' },
      after: 'c1',
    });
  });

  it('has no hash of another document', () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'x' }, other: 1 };
    const rewritten = play({}, { query: 'subscription { volumeChanges { uuid } }', extensions });
    rewritten.begin();
    expect(rewritten.connections[0]?.payload.extensions).toEqual({ other: 1 });
    const unchanged = play({}, { query: QUERY, extensions });
    unchanged.begin();
    expect(unchanged.connections[0]?.payload.extensions).toEqual(extensions);
  });

  it('of another operation is the very object that was given', () => {
    const payload = { query: '{ viewer { uuid } }' };
    const { connections, begin } = play({}, payload);
    begin();
    expect(connections[0]?.payload).toBe(payload);
  });
});

describe('iterate', () => {
  it('returns what a sink gets, then the error', async () => {
    const { client, last } = play();
    const results = client.iterate({ query: 'subscription { snapshotChanges { kind } }' });
    last().next({ data: { snapshotChanges: { kind: 'ADDED', cursor: 'c1' } } });
    last().next({ data: { snapshotChanges: { kind: 'BOOKMARK', cursor: 'c2' } } });
    last().error(errors('UNAUTHENTICATED'));
    const kinds: unknown[] = [];
    const reading = (async () => {
      for await (const { data } of results) kinds.push(data);
    })();
    await expect(reading).rejects.toEqual(errors('UNAUTHENTICATED'));
    expect(kinds).toEqual([{ snapshotChanges: { kind: 'ADDED' } }, { snapshotChanges: { kind: 'BOOKMARK' } }]);
  });

  it('ends at once when it is left while it waits', async () => {
    const { client } = play();
    const results = client.iterate({ query: QUERY });
    const waiting = results.next();
    await results.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('a client that is wrapped already is not wrapped again', () => {
    const { client } = play();
    expect(resumable(client)).toBe(client);
  });
});
