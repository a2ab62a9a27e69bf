import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FrameCache } from '../../../src/transports/websocket/frame-cache.ts';

const json = (n: number): string => JSON.stringify({ data: { n } });

describe('messages that bring results', () => {
  it('are the very same bytes for readers with equal ids', () => {
    const frames = new FrameCache();
    expect(frames.next('1', json(1))).toBe(frames.next('1', json(1)));
  });

  it('say what the protocol says', () => {
    expect(JSON.parse(String(new FrameCache().next('1', json(1))))).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { n: 1 } },
    });
  });

  it.each(['', '__proto__', '"', '\\', '\n', '","type":"complete","x":"', 'ä\u2028😀'])('carry any id: %j', (id) => {
    expect(JSON.parse(String(new FrameCache().next(id, json(1))))).toMatchObject({ id, type: 'next' });
  });

  it('belong to their own result and id, in whatever order they are asked for', () => {
    const frames = new FrameCache();
    const asked = [
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['b', 1],
      ['a', 1],
    ] as const;
    for (const [id, n] of asked) {
      expect(JSON.parse(String(frames.next(id, json(n))))).toMatchObject({ id, payload: { data: { n } } });
    }
  });

  it('are not kept when their readers have been served', async () => {
    const frames = new FrameCache();
    const before = frames.next('1', json(1));
    await turn();
    const after = frames.next('1', json(1));
    expect(after).not.toBe(before);
    expect(after).toEqual(before);
  });
});
