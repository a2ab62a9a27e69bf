import { describe, expect, it } from 'vitest';
import { CursorSigner } from '../../src/live/cursor.ts';
import { Harness } from './support/harness.ts';

const POSITION = { epoch: 'abc123', sequence: 42 };

describe('a cursor', () => {
  it('is accepted with the binding that it was signed for', () => {
    const cursors = new CursorSigner('key').bind('mine');
    expect(cursors.read(cursors.sign(POSITION))).toEqual(POSITION);
  });

  it('is refused with another binding or another key', () => {
    const cursor = new CursorSigner('key').bind('mine').sign(POSITION);
    expect(new CursorSigner('key').bind('yours').read(cursor)).toBeNull();
    expect(new CursorSigner('other').bind('mine').read(cursor)).toBeNull();
  });

  it('is refused when any character of it is changed', () => {
    const cursors = new CursorSigner('key').bind('mine');
    const cursor = cursors.sign(POSITION);
    for (let at = 0; at < cursor.length; at += 1) {
      const other = cursor[at] === '1' ? '2' : '1';
      const forged = cursor.slice(0, at) + other + cursor.slice(at + 1);
      expect(cursors.read(forged)).toBeNull();
    }
  });

  it.each(['', '.', '..', 'a.1', 'a.1.', `a.1.${'A'.repeat(22)}`, `a.${'9'.repeat(400)}.x`, '\u0000', '💥'.repeat(99)])(
    'is refused when it is %j',
    (text) => {
      expect(new CursorSigner('key').bind('mine').read(text)).toBeNull();
    },
  );

  it('reveals nothing about its owner', () => {
    const cursor = new CursorSigner('key').bind('["alice","snapshot","secret filter"]').sign(POSITION);
    expect(cursor).not.toMatch(/alice|snapshot|secret/);
  });
});

describe('32: reconnecting with a cursor', () => {
  const RESET = ['RESET', 'INITIAL', 'BOOKMARK'];

  it("of another filter, filter on states or kind leads to RESET and the caller's own INITIAL events", async () => {
    const bench = new Harness();
    bench.world.put('s0', 'OK', { tag: 'mine' });
    const { cursor: after } = await bench.ready();
    for (const over of [{ filter: { tag: 'mine' } }, { filter: { state: ['OK'] } }, { kind: 'volume' }] as const) {
      expect((await bench.ready({ after, ...over })).kinds).toEqual(RESET);
    }
    // The same filter in another spelling is the same filter.
    const spelled = { tag: null, state: [], uuid: undefined };
    expect((await bench.ready({ after, filter: spelled })).kinds).toEqual(['BOOKMARK']);
  });

  it('of a time before a restart leads to RESET, even with the same key', async () => {
    const before = new Harness({ rows: 1 });
    const { cursor: after } = await before.ready();
    const restarted = new Harness({ rows: 1, seed: 2 });
    await restarted.clock.advance(1_000);
    expect((await restarted.ready({ after })).kinds).toEqual(RESET);
  });

  it.each(['', 'x', 'abc.1.AAAAAAAAAAAAAAAAAAAAAA', 'x'.repeat(100_000)])(
    'made up leads to RESET (%#)',
    async (after) => {
      const bench = new Harness({ rows: 1 });
      expect((await bench.ready({ after })).kinds).toEqual(RESET);
    },
  );
});
