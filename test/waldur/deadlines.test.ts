import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  CALLER,
  clientOf,
  failure,
  httpUpstream,
  jsonUpstream,
  READ,
  rawUpstream,
  sendJson,
  UUID,
  WRITE,
} from './support/upstreams.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const WHOLE = `${OK}Content-Length: 2\r\n\r\n{}`;

describe('time', () => {
  const STALLS = [
    { name: 'headers never come', bytes: '' },
    { name: 'the body stalls', bytes: `${OK}Content-Length: 100\r\n\r\n{"uuid` },
    { name: 'chunks stall', bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n` },
  ];

  it.each(STALLS)('$name: a GET times out, is not repeated, and is aborted upstream', async ({ bytes }) => {
    const upstream = await rawUpstream((socket) => socket.write(bytes));
    const client = clientOf(upstream.url, { attemptTimeoutMs: 100 });
    const started = performance.now();
    expect(await failure(READ.send(client))).toMatchObject({ kind: 'timeout', code: 'UPSTREAM_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1_000);
    await expect.poll(() => upstream.closed).toBe(1);
    expect(upstream.seen).toHaveLength(1);
  });

  it.each(STALLS)('$name: the outcome of a write is unknown', async ({ bytes }) => {
    const upstream = await rawUpstream((socket) => socket.write(bytes));
    const client = clientOf(upstream.url, { attemptTimeoutMs: 100 });
    expect(await failure(WRITE.send(client))).toMatchObject({ code: 'UPSTREAM_OUTCOME_UNKNOWN' });
    await expect.poll(() => upstream.closed).toBe(1);
    expect(upstream.seen).toHaveLength(1);
  });

  it('a body that trickles does not extend the attempt', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.write(`${OK}Content-Length: 100000\r\n\r\n`);
      const timer = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const client = clientOf(upstream.url, { attemptTimeoutMs: 150 });
    expect(await failure(READ.send(client))).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });

  it('the deadline of the operation bounds an attempt', async () => {
    const upstream = await rawUpstream(() => {});
    const started = performance.now();
    const call = clientOf(upstream.url).getSnapshot(CALLER, UUID, {}, { deadline: performance.now() + 100 });
    expect(await failure(call)).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('the overall time limits both attempts together', async () => {
    const upstream = await rawUpstream((socket, n) => {
      if (n === 1) socket.end();
    });
    const started = performance.now();
    const client = clientOf(upstream.url, { overallTimeoutMs: 200 });
    expect(await failure(READ.send(client))).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(upstream.seen).toHaveLength(2);
  });

  it('after the deadline nothing is sent, and shortly before it nothing is repeated', async () => {
    const upstream = await rawUpstream((socket) => socket.end());
    const client = clientOf(upstream.url);
    const late = client.getSnapshot(CALLER, UUID, {}, { deadline: performance.now() - 1 });
    expect(await failure(late)).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(upstream.seen).toHaveLength(0);
    const near = client.getSnapshot(CALLER, UUID, {}, { deadline: performance.now() + 40 });
    expect(await failure(near)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(upstream.seen).toHaveLength(1);
  });

  it('a write that times out while it waits for a connection is never sent', async () => {
    const upstream = await rawUpstream((socket, n) => {
      if (n > 1) socket.end(WHOLE);
    });
    const client = clientOf(upstream.url, { connections: 1 });
    const first = failure(client.getSnapshot(CALLER, UUID, {}, { deadline: performance.now() + 200 }));
    const second = failure(client.pullSnapshot(CALLER, UUID, { deadline: performance.now() + 50 }));
    const third = client.deleteSnapshot(CALLER, UUID);
    expect(await second).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(await first).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    // It comes after the second on the one connection, so that one has been passed over by now.
    await third;
    expect(upstream.seen.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  });
});

describe('the client disconnected', () => {
  it.each([READ, WRITE])('an aborted $name is aborted upstream', async ({ name }) => {
    const upstream = await rawUpstream(() => {});
    const client = clientOf(upstream.url);
    const aborter = new AbortController();
    const context = { signal: aborter.signal };
    const call = failure(
      name === 'read' ? client.getSnapshot(CALLER, UUID, {}, context) : client.pullSnapshot(CALLER, UUID, context),
    );
    await expect.poll(() => upstream.seen.length).toBe(1);
    aborter.abort();
    expect((await call).kind).toBe(name === 'read' ? 'aborted' : 'outcome-unknown');
    await expect.poll(() => upstream.closed).toBe(1);
  });

  it('nothing is sent for a client that has already disconnected', async () => {
    const upstream = await jsonUpstream(200, {});
    const client = clientOf(upstream.url);
    const context = { signal: AbortSignal.abort() };
    expect((await failure(client.getSnapshot(CALLER, UUID, {}, context))).kind).toBe('aborted');
    expect(upstream.seen).toHaveLength(0);
  });

  it('no second attempt after it has disconnected', async () => {
    const aborter = new AbortController();
    const upstream = await rawUpstream((socket) => socket.end());
    const client = clientOf(upstream.url, { random: () => 1, onCall: () => setImmediate(() => aborter.abort()) });
    const call = client.getSnapshot(CALLER, UUID, {}, { signal: aborter.signal });
    expect((await failure(call)).kind).toBe('aborted');
    expect(upstream.seen).toHaveLength(1);
  });

  it('a received response that waits for its batch is not discarded', async () => {
    const answers: (() => void)[] = [];
    const upstream = await httpUpstream((response) => answers.push(() => sendJson(response, 200, { uuid: UUID })));
    const pair = async (): Promise<string[]> => {
      const aborter = new AbortController();
      const client = clientOf(upstream.url, { onCall: () => aborter.abort() });
      const calls = [1, 2].map(() => client.getSnapshot(CALLER, UUID, {}, { signal: aborter.signal }));
      await expect.poll(() => answers.length).toBe(2);
      for (const answer of answers.splice(0)) answer();
      return (await Promise.allSettled(calls)).map(({ status }) => status);
    };
    // Whether both are read before the first is dealt with is the kernel's affair, now and then.
    await expect.poll(pair).toEqual(['fulfilled', 'fulfilled']);
  });

  it('many calls may share a signal, and leave no listeners on it', async () => {
    const upstream = await jsonUpstream(200, {});
    const client = clientOf(upstream.url, { perCallerConcurrency: 2 });
    const { signal } = new AbortController();
    const counts = { added: 0, removed: 0 };
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      counts.added++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      counts.removed++;
      remove(...args);
    };
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    await Promise.all(Array.from({ length: 50 }, () => client.getSnapshot(CALLER, UUID, {}, { signal })));
    await turn();
    process.off('warning', onWarning);
    expect(counts.added).toBeGreaterThanOrEqual(50);
    expect(counts.removed).toBe(counts.added);
    expect(warnings).toEqual([]);
  });
});
