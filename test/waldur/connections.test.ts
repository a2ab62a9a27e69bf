import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  CALLER,
  clientOf,
  closedPort,
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

/** Ways to lose an answer, and what is left of it. */
const LOSSES = [
  { name: 'reset before headers', bytes: '', read: 'UPSTREAM_UNAVAILABLE', end: 'reset' },
  { name: 'closed before headers', bytes: '', read: 'UPSTREAM_UNAVAILABLE', end: 'close' },
  { name: 'closed within headers', bytes: 'HTTP/1.1 200 OK\r\nContent-', read: 'UPSTREAM_UNAVAILABLE', end: 'close' },
  {
    name: 'closed after an announcement',
    bytes: 'HTTP/1.1 103 Early Hints\r\n\r\n',
    read: 'UPSTREAM_UNAVAILABLE',
    end: 'close',
  },
  {
    name: 'content-length cut short',
    bytes: `${OK}Content-Length: 100\r\n\r\n{"uuid`,
    read: 'UPSTREAM_ERROR',
    end: 'close',
  },
  {
    name: 'reset within content-length',
    bytes: `${OK}Content-Length: 100\r\n\r\n{"uuid`,
    read: 'UPSTREAM_ERROR',
    end: 'reset',
  },
  {
    name: 'chunks without an end',
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`,
    read: 'UPSTREAM_ERROR',
    end: 'close',
  },
  {
    name: 'reset within chunks',
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\nff\r\n{}`,
    read: 'UPSTREAM_ERROR',
    end: 'reset',
  },
  {
    name: 'chunks that are none',
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}`,
    read: 'UPSTREAM_ERROR',
    end: 'close',
  },
] as const;

describe.each(LOSSES)('$name', ({ bytes, read, end }) => {
  const lose = (socket: Socket): void => {
    if (end === 'close') socket.end(bytes);
    // What was written goes out before the reset.
    else if (bytes === '') socket.resetAndDestroy();
    else socket.write(bytes, () => socket.resetAndDestroy());
  };

  it('a GET is sent once more, and no more', async () => {
    const upstream = await rawUpstream(lose);
    const client = clientOf(upstream.url);
    expect(await failure(READ.send(client))).toMatchObject({ code: read });
    expect(upstream.seen).toHaveLength(2);
    expect(client.calls.map(({ retry }) => retry)).toEqual([false, true]);
  });

  it('a GET whose second try succeeds has succeeded', async () => {
    const upstream = await rawUpstream((socket, n) => (n === 1 ? lose(socket) : socket.end(WHOLE)));
    expect(await READ.send(clientOf(upstream.url))).toEqual({});
  });

  it('a write is never sent again: nobody knows what became of it', async () => {
    const upstream = await rawUpstream(lose);
    const error = await failure(WRITE.send(clientOf(upstream.url)));
    expect(error).toMatchObject({ kind: 'outcome-unknown', code: 'UPSTREAM_OUTCOME_UNKNOWN' });
    await turn();
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('no connection', () => {
  it.each([READ, WRITE])('refused: a $name is unavailable, for nothing was sent', async ({ send }) => {
    expect(await failure(send(clientOf(await closedPort())))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('a name that does not resolve', async () => {
    const client = clientOf('http://waldur.invalid/');
    expect(await failure(READ.send(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(await client.probe()).toBe(false);
  });
});

describe.each([502, 503, 504])('status %i', (status) => {
  it('a GET is sent once more', async () => {
    const upstream = await httpUpstream((response, _, n) => sendJson(response, n === 1 ? status : 200, {}));
    expect(await READ.send(clientOf(upstream.url))).toEqual({});
    expect(upstream.seen).toHaveLength(2);
  });

  it('a write is not', async () => {
    const upstream = await jsonUpstream(status, {});
    expect(await failure(WRITE.send(clientOf(upstream.url)))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('time', () => {
  const STALLS = [
    { name: 'headers never come', bytes: '' },
    { name: 'the body stalls', bytes: `${OK}Content-Length: 100\r\n\r\n{"uuid` },
    { name: 'chunks stall', bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n` },
  ];

  it.each(STALLS)('$name: a GET ends in time, is not repeated, and is broken off upstream', async ({ bytes }) => {
    const upstream = await rawUpstream((socket) => socket.write(bytes));
    const client = clientOf(upstream.url, { attemptTimeoutMs: 100 });
    const started = performance.now();
    expect(await failure(READ.send(client))).toMatchObject({ kind: 'timeout', code: 'UPSTREAM_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1_000);
    await expect.poll(() => upstream.closed).toBe(1);
    expect(upstream.seen).toHaveLength(1);
  });

  it.each(STALLS)('$name: of a write nobody knows what became', async ({ bytes }) => {
    const upstream = await rawUpstream((socket) => socket.write(bytes));
    const client = clientOf(upstream.url, { attemptTimeoutMs: 100 });
    expect(await failure(WRITE.send(client))).toMatchObject({ code: 'UPSTREAM_OUTCOME_UNKNOWN' });
    await expect.poll(() => upstream.closed).toBe(1);
    expect(upstream.seen).toHaveLength(1);
  });

  it('a body that trickles does not stretch the attempt', async () => {
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
    const call = clientOf(upstream.url).getSnapshot(CALLER, UUID, {}, { deadline: Date.now() + 100 });
    expect(await failure(call)).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('the overall time bounds both tries together', async () => {
    const upstream = await rawUpstream((socket, n) => {
      if (n === 1) socket.end();
    });
    const started = performance.now();
    const client = clientOf(upstream.url, { overallTimeoutMs: 200 });
    expect(await failure(READ.send(client))).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(upstream.seen).toHaveLength(2);
  });

  it('after the deadline nothing is sent, and too near to it nothing is repeated', async () => {
    const upstream = await rawUpstream((socket) => socket.end());
    const client = clientOf(upstream.url);
    const late = client.getSnapshot(CALLER, UUID, {}, { deadline: Date.now() - 1 });
    expect(await failure(late)).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(upstream.seen).toHaveLength(0);
    const near = client.getSnapshot(CALLER, UUID, {}, { deadline: Date.now() + 40 });
    expect(await failure(near)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(upstream.seen).toHaveLength(1);
  });

  it('a write that waits for a connection was not sent when its time is over, nor is it later', async () => {
    const upstream = await rawUpstream((socket, n) => {
      if (n > 1) socket.end(WHOLE);
    });
    const client = clientOf(upstream.url, { connections: 1 });
    const first = failure(client.getSnapshot(CALLER, UUID, {}, { deadline: Date.now() + 200 }));
    const second = failure(client.pullSnapshot(CALLER, UUID, { deadline: Date.now() + 50 }));
    const third = client.deleteSnapshot(CALLER, UUID);
    expect(await second).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(await first).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    // It comes after the second on the one connection, so that one has been passed over by now.
    await third;
    expect(upstream.seen.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  });
});

describe('the client went away', () => {
  it.each([READ, WRITE])('an aborted $name is broken off upstream', async ({ name }) => {
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

  it('nothing is sent for a client that is already away', async () => {
    const upstream = await jsonUpstream(200, {});
    const client = clientOf(upstream.url);
    const context = { signal: AbortSignal.abort() };
    expect((await failure(client.getSnapshot(CALLER, UUID, {}, context))).kind).toBe('aborted');
    expect(upstream.seen).toHaveLength(0);
  });

  it('no second try once it is away', async () => {
    const aborter = new AbortController();
    const upstream = await rawUpstream((socket) => socket.end());
    const client = clientOf(upstream.url, { random: () => 1, onCall: () => setImmediate(() => aborter.abort()) });
    const call = client.getSnapshot(CALLER, UUID, {}, { signal: aborter.signal });
    expect((await failure(call)).kind).toBe('aborted');
    expect(upstream.seen).toHaveLength(1);
  });

  it('many calls may share a signal, and leave nothing on it', async () => {
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

describe('probe and close', () => {
  it.each([200, 401, 404, 500, 503])('an answer of status %i shows that somebody is there', async (status) => {
    const upstream = await jsonUpstream(status, {});
    expect(await clientOf(upstream.url).probe()).toBe(true);
    expect(upstream.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('nobody is there', async () => {
    expect(await clientOf(await closedPort()).probe()).toBe(false);
    const silent = await rawUpstream(() => {});
    expect(await clientOf(silent.url, { attemptTimeoutMs: 50 }).probe()).toBe(false);
  });

  it('close breaks off what runs', async () => {
    const upstream = await rawUpstream(() => {});
    const client = clientOf(upstream.url);
    const [read, write] = [failure(READ.send(client)), failure(WRITE.send(client))];
    await expect.poll(() => upstream.seen.length).toBe(2);
    await client.close();
    expect((await read).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await write).code).toBe('UPSTREAM_OUTCOME_UNKNOWN');
    expect(await failure(READ.send(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });
});
