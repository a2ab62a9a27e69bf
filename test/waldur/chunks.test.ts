import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CALLER, clientOf, rawUpstream, UUID } from './support/upstreams.ts';

const bodyOf = (name: string): string => JSON.stringify({ uuid: UUID, name });
const answerOf = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** From a few bytes to many reads. */
const SIZES = [1, 100, 5_000, 70_000, 300_000, 8_000_000];

it('responses whose chunks arrive interleaved are not mixed', async () => {
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
