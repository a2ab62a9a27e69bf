import { describe, expect, it } from 'vitest';
import { uuidOf } from '../support/gateway.ts';
import { type LiveEvent, operation, useLive } from '../support/live.ts';

/** Case 33, promise 8: a reader that stops reading. */

/** The reader misses pings as well before it counts as slow, and is not taken for dead because of that. */
const SLOW_MS = 1_500;
const live = useLive(
  {},
  { live: { slowReaderMs: SLOW_MS, slowCheckMs: 50, hotMs: 10, idleMs: 10, warmMs: 10 }, sockets: { pingMs: 500 } },
);
const { outside } = live;
const tenant = uuidOf.tenant('genome-tenant');

/** Events this large fill what the network holds for a reader before anything has to wait in the gateway. */
const query = `subscription ($filter: SnapshotFilter) {
  snapshotChanges(filter: $filter) { kind uuid state snapshot { description } }
}`;

describe('a subscriber that stops reading', () => {
  it('is closed with 1013; subscribers on other sockets get every final state', async () => {
    const name = live.name();
    const description = 'x'.repeat(2_000);
    const uuids = await Promise.all(
      Array.from({ length: 250 }, () => outside.add('snapshots', { tenant, name, description })),
    );
    const [paused, other] = [await live.client(), await live.client()];
    const theirs = Array.from({ length: 40 }, () => paused.subscribe({ query }, { filter: { name } }));
    const ours = other.subscribe(operation('SnapshotChanges'), { filter: { name } });
    await Promise.all([...theirs, ours].map((stream) => stream.until('BOOKMARK')));
    paused.socket.pause();
    const { world } = live.running().simulator;
    let closed = false;
    void paused.socket.closed.then(() => {
      closed = true;
    });
    const last = new Map<string, string>();
    const note = ({ uuid, state }: LiveEvent) => {
      if (uuid != null) last.set(uuid, state ?? 'gone');
    };
    const from = performance.now();
    for (let round = 0; performance.now() - from < 2 * SLOW_MS; round += 1) {
      const state = round % 2 === 0 ? 'ERRED' : 'OK';
      for (const uuid of uuids) {
        const row = world.tables.snapshots.get(uuid);
        if (row) world.update(row, { state });
      }
      while (uuids.some((uuid) => last.get(uuid) !== state)) note(await ours.next());
    }
    expect(closed).toBe(false);
    paused.socket.resume();
    expect(await paused.socket.closed).toEqual({ code: 1013, reason: 'slow-reader' });
    await outside.change('snapshots', uuids[0] ?? '', { state: 'DELETING' });
    expect(await ours.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'DELETING' });
  });
});
