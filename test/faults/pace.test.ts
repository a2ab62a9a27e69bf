import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Tuning } from '../../src/live/index.ts';
import { type Running, startGateway, type UpstreamRequest } from '../support/gateway.ts';
import { Client, FAST, type Stream } from '../support/live.ts';

/**
 * What quiet scopes cost and how soon their changes are reported, through the front door with shortened paces. `test/live/pace.test.ts` has
 * the figures of the real paces, in virtual time.
 */

const DOCUMENT = { query: 'subscription { snapshotChanges { kind uuid state snapshot { uuid name } } }' };
const SNAPSHOTS = '/api/openstack-snapshots/';
/** An interval that never ends within a test. */
const NEVER_MS = 3_600_000;

let running: Running | undefined;
afterEach(async () => {
  await running?.gateway.close();
  running = undefined;
});

/**
 * Subscribers of all snapshots of a made-up world that stands still, each on a socket of its own. The oldest snapshots are stuck.
 * @returns the stream of the first one, and the uuids from the oldest.
 */
async function watching(snapshots: number, pace: Partial<Tuning>, { stuck = 0, readers = 1 } = {}) {
  const live = { ...FAST, relationsMs: NEVER_MS, relationsMostMs: NEVER_MS, ...pace };
  running = await startGateway({}, { live, simulator: { snapshots, frozen: true } }, 'made-up');
  const { simulator, url } = running;
  const rows = simulator.world.tables.snapshots;
  const byAge = [...rows.values()].sort((a, b) => (a.created < b.created ? -1 : 1));
  for (const [at, row] of byAge.entries()) row.state = at < stuck ? 'DELETING' : 'OK';
  const uuids = byAge.map(({ uuid }) => uuid);
  const token = simulator.tokens().find(({ role }) => role === 'staff')?.token ?? '';
  const clients = await Promise.all(Array.from({ length: readers }, () => Client.open(url, token)));
  const streams = clients.map((client) => client.subscribe(DOCUMENT));
  for (const stream of streams) await stream.until('BOOKMARK');
  const [stream] = streams;
  if (stream === undefined) throw new Error('nobody watches');
  return { running, stream, uuids };
}

const setState = ({ simulator }: Running, uuid: string, state: 'OK' | 'ERRED' | 'UPDATING' | 'UPDATE_SCHEDULED') => {
  const row = simulator.world.tables.snapshots.get(uuid);
  if (row === undefined) throw new Error(`no snapshot ${uuid}`);
  row.state = state;
  simulator.world.touch(row);
};

const arrives = (stream: Stream, uuid: string | undefined, state: string | null) =>
  stream.until((event) => event.uuid === uuid && event.kind !== 'INITIAL' && (event.state ?? null) === state);

describe('case 55: stuck objects among settled ones', () => {
  const HOT_MS = 30;
  const IDLE_MS = 2_000;
  const pace = { hotMs: HOT_MS, hotForMs: 1_000, warmMs: 60, warmForMs: 1_500, idleMs: IDLE_MS };

  it('cost nothing after a while; one that moves beside them is reported at the quickest pace', async () => {
    const stuck = 20;
    const { running, stream, uuids } = await watching(500, pace, { stuck, readers: 5 });
    // While they may still move there are dozens of polls in this time. At the pace of a settled scope there is a pause.
    let last = { calls: running.calls(), at: performance.now() };
    await vi.waitFor(
      () => {
        if (running.calls() !== last.calls) last = { calls: running.calls(), at: performance.now() };
        expect(performance.now() - last.at).toBeGreaterThan(IDLE_MS / 2);
      },
      { timeout: 20_000, interval: 5 },
    );
    const moving = uuids.at(-1) ?? '';
    setState(running, moving, 'UPDATE_SCHEDULED');
    await arrives(stream, moving, 'UPDATE_SCHEDULED');
    for (const state of ['UPDATING', 'UPDATE_SCHEDULED', 'UPDATING', 'OK'] as const) {
      const from = performance.now();
      setState(running, moving, state);
      await arrives(stream, moving, state);
      expect(performance.now() - from).toBeLessThan(IDLE_MS / 2);
    }
    const changed = stream.events.filter(({ kind, uuid }) => kind !== 'INITIAL' && uuid != null);
    expect(new Set(changed.map(({ uuid }) => uuid))).toEqual(new Set([moving]));
  });
});

/** A page of the relist, not a list of states. */
const isPageInTurn = ({ path }: UpstreamRequest): boolean => path.includes('o=created') && !path.includes('state=');

describe('case 56: a change in a quiet scope of several pages', () => {
  const PAGES = 5;
  const SNAPSHOTS_HELD = PAGES * 300 - 10;

  it('an object that fails is reported before its page is read again', async () => {
    const pace = { pageMs: NEVER_MS };
    const { running, stream, uuids } = await watching(SNAPSHOTS_HELD, pace);
    for (const state of ['ERRED', 'OK', 'ERRED'] as const) {
      setState(running, uuids[700] ?? '', state);
      await arrives(stream, uuids[700], state);
    }
    const changed = stream.events.filter(({ kind, uuid }) => kind !== 'INITIAL' && uuid != null);
    expect(changed.map(({ uuid, state }) => [uuid, state])).toEqual(
      ['ERRED', 'OK', 'ERRED'].map((state) => [uuids[700], state]),
    );
    expect((await running.requests()).filter(isPageInTurn).length).toBeLessThanOrEqual(PAGES);
  });

  it('a removal is found by the number of objects, within one turn through the pages', async () => {
    const pace = { pageMs: 1_000, relistMs: 0, hurryMs: 5 };
    const { running, stream, uuids } = await watching(SNAPSHOTS_HELD, pace);
    for (const at of [0, 299, 300, 777, SNAPSHOTS_HELD - 5]) {
      const [gone] = uuids.splice(at, 1);
      const from = running.calls();
      running.simulator.world.remove('snapshots', gone ?? '');
      await arrives(stream, gone, null);
      const calls = await running.requestsSince(from);
      expect(calls.filter(isPageInTurn).length).toBeLessThanOrEqual(PAGES + 1);
    }
    expect(new Set(stream.events.flatMap(({ kind, uuid }) => (kind === 'REMOVED' ? [uuid] : []))).size).toBe(5);
  });

  it('without X-Result-Count it is found when its page is read in turn', async () => {
    const { running, stream, uuids } = await watching(SNAPSHOTS_HELD, { pageMs: 50, relistMs: 0 });
    running.simulator.faults.add({ path: `${SNAPSHOTS}?`, headers: { 'x-result-count': '' } });
    for (const at of [1_000, 5, 600]) {
      const [gone] = uuids.splice(at, 1);
      running.simulator.world.remove('snapshots', gone ?? '');
      await arrives(stream, gone, null);
    }
    expect(stream.events.filter(({ kind }) => kind === 'REMOVED').length).toBe(3);
  });
});
