import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
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

  it('a GET is sent once more, and not again', async () => {
    const upstream = await rawUpstream(lose);
    const client = clientOf(upstream.url);
    expect(await failure(READ.send(client))).toMatchObject({ code: read });
    expect(upstream.seen).toHaveLength(2);
    expect(client.calls.map(({ retry }) => retry)).toEqual([false, true]);
  });

  it('a GET succeeds when its second attempt does', async () => {
    const upstream = await rawUpstream((socket, n) => (n === 1 ? lose(socket) : socket.end(WHOLE)));
    expect(await READ.send(clientOf(upstream.url))).toEqual({});
  });

  it('a write is never sent again: its outcome is unknown', async () => {
    const upstream = await rawUpstream(lose);
    const error = await failure(WRITE.send(clientOf(upstream.url)));
    expect(error).toMatchObject({ kind: 'outcome-unknown', code: 'UPSTREAM_OUTCOME_UNKNOWN' });
    await turn();
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('no connection', () => {
  it.each([READ, WRITE])('refused: a $name is unavailable, because nothing was sent', async ({ send }) => {
    expect(await failure(send(clientOf(await closedPort())))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('a name that does not resolve', async () => {
    const client = clientOf('http://waldur.invalid/');
    expect(await failure(READ.send(client))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(await client.probe()).toBe(false);
  });

  it('is reported with its reason', async () => {
    const reasons: string[] = [];
    const options = { onNoConnection: ({ message }: Error) => void reasons.push(message) };
    const port = await closedPort();
    await failure(WRITE.send(clientOf(port, options)));
    expect(reasons).toEqual([expect.stringMatching(new RegExp(`ECONNREFUSED.*${new URL(port).port}$`))]);
  });

  it('the reset of an idle connection is not reported: it had been opened', async () => {
    const reasons: Error[] = [];
    let idle: Socket | undefined;
    const upstream = await rawUpstream((socket) => {
      idle = socket;
      socket.write(WHOLE);
    });
    const client = clientOf(upstream.url, { onNoConnection: (reason) => void reasons.push(reason) });
    await READ.send(client);
    await turn();
    idle?.resetAndDestroy();
    await failure(WRITE.send(client));
    expect(reasons).toEqual([]);
  });

  it('an abort, a broken response and an invalid request are not reported', async () => {
    const reasons: Error[] = [];
    const options = { onNoConnection: (reason: Error) => void reasons.push(reason) };
    const upstream = await rawUpstream((socket) => socket.destroy());
    const client = clientOf(upstream.url, options);
    await failure(WRITE.send(client));
    await client.getSnapshot({ key: 'k', headers: { authorization: 'a\nb' } }, UUID).catch(() => {});
    await client.close();
    await failure(WRITE.send(client));
    expect(reasons).toEqual([]);
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

describe('probe and close', () => {
  it.each([
    [200, true],
    [401, true],
    [404, true],
    [500, false],
    [503, false],
  ])('a probe is answered with status %i', async (status, isAvailable) => {
    const upstream = await jsonUpstream(status, {});
    expect(await clientOf(upstream.url).probe()).toBe(isAvailable);
    expect(upstream.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('nothing listens', async () => {
    expect(await clientOf(await closedPort()).probe()).toBe(false);
    const silent = await rawUpstream(() => {});
    expect(await clientOf(silent.url, { attemptTimeoutMs: 50 }).probe()).toBe(false);
  });

  it('close aborts running calls', async () => {
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
