import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { STATES } from '../../src/domain/states.ts';
import { uuidOf } from '../support/gateway.ts';
import { type LiveEvent, operation, type Stream, useLive } from '../support/live.ts';

/** What polls may see: pages that shift, lists that are empty for once, answers that come late. */

/** Polls read pages of 300, so that three of them take this many; relists of them are paced so that events come through between. */
const THREE_PAGES = 620;
const PACE = { hotMs: 60, warmMs: 60, idleMs: 60, relistMs: 300, relationsMs: 60_000, relationsMostMs: 60_000 };
const live = useLive({}, { live: PACE });
const { outside } = live;
const DOCUMENT = operation('SnapshotChanges');
const tenant = uuidOf.tenant('genome-tenant');
const SNAPSHOTS = '/api/openstack-snapshots/';

/** A stream of the snapshots of one name, so many at first. */
async function watching(count: number) {
  const name = live.name();
  const uuids = await Promise.all(Array.from({ length: count }, () => outside.add('snapshots', { tenant, name })));
  const stream = (await live.client()).subscribe(DOCUMENT, { filter: { name } });
  await stream.until('BOOKMARK');
  return { name, uuids, stream, faults: live.running().simulator.faults };
}

const tell = ({ kind, uuid, state }: LiveEvent) => [kind, uuid, state];
const about = (stream: Stream) =>
  // Without the first RESET.
  stream.events
    .slice(1)
    .filter(({ kind }) => kind !== 'INITIAL' && kind !== 'BOOKMARK')
    .map(tell);

describe('case 29: rows are inserted and removed during a relist: no false REMOVED, no missed final state', () => {
  const RUNS = Number(process.env.FAULT_HISTORIES ?? 5);
  const step = fc.record({
    /** Of those that are there, from the first of the list to the last. */
    place: fc.nat({ max: THREE_PAGES - 1 }),
    to: fc.constantFrom('gone' as const, 'another at the end' as const, 'another at the beginning' as const, ...STATES),
    /** So many polls pass before it. */
    after: fc.nat({ max: 2 }),
  });

  it(`any history (${RUNS} of 25 steps)`, { timeout: 600_000 }, async () => {
    const { name, uuids, stream } = await watching(THREE_PAGES);
    const truth = new Map<string, string>(uuids.map((uuid) => [uuid, 'OK']));
    const dropped = new Set<string>();
    const shown = new Map<string, string>();
    let read = 0;
    const follow = (): void => {
      for (const { kind, uuid, state } of stream.events.slice(read)) {
        if (uuid == null) continue;
        // Nothing is called removed that is still there.
        if (kind === 'REMOVED') expect([uuid, dropped.has(uuid)]).toEqual([uuid, true]);
        if (kind === 'REMOVED') shown.delete(uuid);
        else shown.set(uuid, state ?? '');
      }
      read = stream.events.length;
    };
    const take = async (
      place: number,
      to: (typeof STATES)[number] | 'gone' | 'another at the end' | 'another at the beginning',
    ) => {
      const uuid = [...truth.keys()][place % truth.size] ?? '';
      switch (to) {
        case 'gone':
          dropped.add(uuid);
          truth.delete(uuid);
          return outside.drop('snapshots', uuid);
        case 'another at the end':
        case 'another at the beginning': {
          const created = to === 'another at the end' ? {} : { created: '2020-01-01T00:00:00Z' };
          truth.set(await outside.add('snapshots', { tenant, name, ...created }), 'OK');
          return;
        }
        default:
          truth.set(uuid, to);
          return outside.change('snapshots', uuid, { state: to });
      }
    };
    const sorted = (map: Map<string, string>) => [...map].sort().join();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 25 }), async (steps) => {
        for (const { place, to, after } of steps) {
          if (after > 0) await live.polls(after);
          await take(place, to);
          follow();
        }
        await vi.waitFor(
          () => {
            follow();
            expect(sorted(shown) === sorted(truth)).toBe(true);
          },
          { timeout: 15_000, interval: 20 },
        );
      }),
      { numRuns: RUNS, seed: 29, endOnFailure: true },
    );
    expect(dropped.size).toBeGreaterThan(RUNS);
    expect(stream.events.slice(1).map(({ kind }) => kind)).not.toContain('RESET');
  });
});

describe('case 30: no REMOVED without confirmation', () => {
  /** How the paths of the polls for a page begin, whatever fields they ask for. */
  const pathOf = async (page: number): Promise<string> => {
    let path: string | undefined;
    await vi.waitFor(
      async () => {
        const seen = await live.running().requests();
        const sent = seen.findLast(
          (one) => one.path.startsWith(SNAPSHOTS) && one.path.includes(`&page=${page}&`),
        )?.path;
        path = /^.*&page_size=300/.exec(sent ?? '')?.[0];
        expect(path).toBeDefined();
      },
      { timeout: 10_000, interval: 20 },
    );
    return path ?? '';
  };
  const empty = { status: 200, body: '[]', headers: { 'x-result-count': '0', 'content-type': 'application/json' } };
  const NO_PAGE = { status: 404, body: '{"detail":"Invalid page."}', headers: { 'content-type': 'application/json' } };

  it.each([
    ['a 404 on page 3 of a relist', 3, NO_PAGE],
    ['a 404 on page 2 of a relist', 2, NO_PAGE],
    ['an empty page 3', 3, empty],
  ])('%s', async (_name, page, fault) => {
    const { uuids, stream, faults } = await watching(THREE_PAGES);
    const path = await pathOf(page);
    faults.add({ path, ...fault, times: 1 });
    await vi.waitFor(() => expect(faults.list()).toEqual([]), { timeout: 10_000, interval: 2 });
    await live.polls(12);
    const last = uuids.at(-1) ?? '';
    await outside.change('snapshots', last, { state: 'ERRED' });
    await stream.until('STATE_CHANGED');
    expect(about(stream)).toEqual([['STATE_CHANGED', last, 'ERRED']]);
  });

  it('a 404 on page 3 that remains is the end of the list: its objects are requested one by one, and exist', async () => {
    const { uuids, stream, faults } = await watching(THREE_PAGES);
    faults.add({ path: await pathOf(3), ...NO_PAGE });
    live.running().simulator.resetStats();
    await live.polls(30);
    expect(about(stream)).toEqual([]);
    expect(live.running().callsByRoute()[`GET ${SNAPSHOTS}{uuid}/`]).toBeGreaterThan(0);
    faults.clear();
    await outside.drop('snapshots', uuids[0] ?? '');
    await stream.until('REMOVED');
    expect(about(stream)).toEqual([['REMOVED', uuids[0], null]]);
  });

  it.each([1, 2])('an empty list %i time(s)', async (times) => {
    const { uuids, stream, faults } = await watching(2);
    for (let i = 0; i < times; i += 1) {
      faults.add({ path: `${SNAPSHOTS}?`, ...empty, times: 1 });
      await vi.waitFor(() => expect(faults.list()).toEqual([]), { timeout: 5_000, interval: 2 });
    }
    await live.polls(4);
    await outside.change('snapshots', uuids[0] ?? '', { state: 'ERRED' });
    await stream.until('STATE_CHANGED');
    expect(about(stream)).toEqual([['STATE_CHANGED', uuids[0], 'ERRED']]);
  });
});

describe('case 31: no object returns to an older state', () => {
  const change = 'mutation ($uuid: UUID!) { pullSnapshot(input: { uuid: $uuid }) { userErrors { code } } }';

  it('a poll response that arrives after a later read of the object', async () => {
    const { uuids, stream, faults } = await watching(2);
    const [uuid = ''] = uuids;
    // Made now, with the old state, and sent when the object was seen in its new one.
    faults.add({ method: 'GET', path: `${SNAPSHOTS}?`, latencyMs: 400, times: 1 });
    await vi.waitFor(() => expect(faults.list()).toEqual([]), { timeout: 5_000, interval: 2 });
    const { errors } = await live.running().query(change, { variables: { uuid }, as: 'admin1' });
    expect(errors).toBeUndefined();
    await live.polls(6);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    await stream.until((event) => event.state === 'ERRED');
    expect(about(stream)).toEqual([
      ['STATE_CHANGED', uuid, 'UPDATE_SCHEDULED'],
      ['STATE_CHANGED', uuid, 'ERRED'],
    ]);
  });

  it('the last state is used although `modified` goes backwards', async () => {
    const { uuids, stream } = await watching(1);
    const [uuid = ''] = uuids;
    for (const [state, modified] of [
      ['UPDATING', '2026-01-03T00:00:00Z'],
      ['ERRED', '2026-01-02T00:00:00Z'],
      ['OK', '2020-01-01T00:00:00Z'],
    ] as const) {
      await outside.change('snapshots', uuid, { state, modified });
      const event = await stream.next();
      expect([tell(event), event.snapshot]).toMatchObject([['STATE_CHANGED', uuid, state], { modified }]);
    }
  });
});
