import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { connectorOf } from '../../src/waldur/connector.ts';
import { CALLER, clientOf, rawUpstream, UUID } from './support/upstreams.ts';

/** All connections are read into the same memory, so what one has read must be its own before another reads. */

const bodyOf = (name: string): string => JSON.stringify({ uuid: UUID, name });
const answerOf = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** Of a few bytes, of more than one read, and of more than the memory for all holds. */
const SIZES = [1, 100, 5_000, 70_000, 300_000, 8_000_000];

it('answers that come in turns, piece by piece, stay apart', async () => {
  const names = SIZES.map((size, n) => String.fromCharCode(97 + n).repeat(size));
  const waiting: (() => void)[] = [];
  const upstream = await rawUpstream((socket, n) => {
    const rest = answerOf(bodyOf(names[n - 1] ?? ''));
    const pieces = rest.match(new RegExp(`[^]{1,${Math.ceil(rest.length / 7)}}`, 'g')) ?? [];
    waiting.push(() => socket.write(pieces.shift() ?? ''));
  });
  const client = clientOf(upstream.url, { perCallerConcurrency: names.length });
  const calls = names.map(async () => (await client.getSnapshot(CALLER, UUID))?.name);
  const all = Promise.all(calls);
  await expect.poll(() => waiting.length).toBe(names.length);
  let done = false;
  void all.finally(() => {
    done = true;
  });
  while (!done) {
    for (const write of waiting) write();
    await turn();
  }
  expect((await all).map((name) => `${name?.[0]}${name?.length}`).sort()).toEqual(
    names.map((name) => `${name[0]}${name.length}`).sort(),
  );
  expect((await all).every((name) => new Set(name).size === 1)).toBe(true);
});

it('who reads nothing holds the upstream back', async () => {
  let sent = 0;
  const upstream = await rawUpstream((socket) => {
    const more = (): void => {
      while (!socket.destroyed) {
        sent += 65_536;
        if (!socket.write(Buffer.alloc(65_536))) return void socket.once('drain', more);
      }
    };
    more();
  });
  const connect = connectorOf(1_000, undefined);
  const socket = await new Promise<Socket>((resolve, reject) =>
    connect({ protocol: 'http:', hostname: '127.0.0.1', port: new URL(upstream.url).port }, (error, opened) =>
      opened === null ? reject(error) : resolve(opened),
    ),
  );
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\n\r\n');
  let before = -1;
  // It sends until the buffers of both kernels are full as well.
  await expect
    .poll(
      () => {
        const went = sent > before;
        before = sent;
        return went || sent === 0;
      },
      { interval: 200 },
    )
    .toBe(false);
  expect(socket.readableLength).toBeLessThan(1_048_576);
});
