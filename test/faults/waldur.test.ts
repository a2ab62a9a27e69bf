import { describe, expect, it, vi } from 'vitest';
import { at, type JsonValue, startGateway, uuidOf } from '../support/gateway.ts';
import { Client, FAST, type LiveEvent, operation, useLive } from '../support/live.ts';

/** Ways of Waldur that surprise: its spellings, its clocks, its queue, its overlapping writes. */

const live = useLive();
const { outside } = live;
const DOCUMENT = operation('SnapshotChanges');
const tenant = uuidOf.tenant('genome-tenant');
const tell = ({ kind, state }: LiveEvent) => [kind, state];

describe('case 42: an upstream with the old spelling of states works the same', () => {
  const old = useLive({}, { simulator: { waldur: '2024' } });
  const recent = useLive({}, { simulator: { waldur: '2026' } });
  const target = uuidOf.snapshot('rw-target');

  it.each([
    '{ snapshots(filter: { state: [OK] }, first: 50) { totalCount nodes { uuid state displayStatus } } }',
    '{ snapshots(filter: { state: [ERRED, UPDATING, DELETION_SCHEDULED] }) { totalCount nodes { uuid state } } }',
    '{ volumes(filter: { state: [CREATING] }) { totalCount nodes { uuid state } } }',
    '{ snapshots(first: 100) { nodes { state sourceVolume { uuid state } restorations { volume { state } } customer { uuid } } } }',
    `{ snapshot(uuid: "${target}") { state marketplace { resource { state } } availableActions { action allowed } } }`,
    `mutation { pullSnapshot(input: { uuid: "${target}" }) { snapshot { state } userErrors { code } } }`,
    `mutation { deleteSnapshot(input: { uuid: "${uuidOf.snapshot('st-updating')}" }) { scheduled userErrors { code } } }`,
    `mutation { restoreSnapshot(input: { uuid: "${target}", name: "x" }) { volume { name state } userErrors { code } } }`,
  ])('%s', async (document) => {
    const [before, after] = [await old.running().query(document), await recent.running().query(document)];
    expect(before.errors).toBeUndefined();
    expect(before.data).toEqual(after.data);
  });

  it('events, even with a filter on states', async () => {
    const seen: JsonValue[][] = [];
    for (const bench of [old, recent]) {
      const name = bench.name();
      const uuid = await bench.outside.add('snapshots', { tenant, name });
      const client = await bench.client();
      const all = client.subscribe(DOCUMENT, { filter: { name } });
      const erred = client.subscribe(DOCUMENT, { filter: { name, state: ['ERRED'] } });
      await Promise.all([all.until('BOOKMARK'), erred.until('BOOKMARK')]);
      for (const state of ['UPDATE_SCHEDULED', 'ERRED', 'OK']) {
        await bench.outside.change('snapshots', uuid, { state });
        await all.until((event) => event.state === state);
      }
      await erred.until('REMOVED');
      const told = [...all.events, ...erred.events].filter(({ kind }) => kind !== 'BOOKMARK');
      seen.push(told.map(({ kind, state, previousState }) => [kind, state ?? null, previousState ?? null]));
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toContainEqual(['REMOVED', 'OK', 'ERRED']);
  });
});

describe('case 43: `modified` of 5,000 settled snapshots changes at once', () => {
  const COUNT = 5_000;

  it('no event without it; with it one for each object, and bounded queues', async () => {
    const simulator = { snapshots: COUNT, frozen: true };
    // Relists of 17 pages are paced so that the events of one come through before the next.
    const pace = { ...FAST, idleMs: 500, warmMs: 500, hotMs: 500, relistMs: 1_000, relationsMs: 60_000 };
    // How late streams and slow readers are told is not the matter here, and a busy machine makes both.
    const patience = { slowReaderMs: 600_000, promiseMs: { hot: 600_000, warm: 600_000, idle: 600_000 } };
    const overrides = {
      live: { ...pace, ...patience, relationsMostMs: 60_000 },
      sockets: { stallMs: 600_000 },
      simulator,
    };
    const running = await startGateway({}, overrides, 'made-up');
    try {
      const { world, clock } = running.simulator;
      const token = running.simulator.tokens().find(({ role }) => role === 'staff')?.token ?? '';
      const clients = [await Client.open(running.url, token), await Client.open(running.url, token)] as const;
      const query = 'subscription { snapshotChanges { kind uuid snapshot { uuid name state } } }';
      const without = clients[0].subscribe({ query });
      const withIt = clients[0].subscribe(DOCUMENT);
      const paused = clients[1].subscribe(DOCUMENT);
      for (const stream of [without, withIt, paused]) await stream.until('BOOKMARK');
      const quiet = without.events.length;
      clients[1].socket.pause();
      const queued = async () =>
        Number(
          /^waldur_graph_delta_queue_length (\d+)/m.exec(await (await fetch(`${running.url}/metrics`)).text())?.[1],
        );
      for (let round = 0; round < 2; round += 1) {
        clock.advance(1_000);
        const from = withIt.events.length;
        for (const row of world.tables.snapshots.values()) world.touch(row);
        const told = () => new Set(withIt.events.slice(from).flatMap(({ uuid }) => uuid ?? []));
        await vi.waitFor(() => expect(told().size).toBe(COUNT), { timeout: 100_000, interval: 200 });
        const kinds = new Set(withIt.events.slice(from).map(({ kind }) => kind));
        kinds.delete('BOOKMARK');
        expect([...kinds]).toEqual(['UPDATED']);
        expect(await queued()).toBeLessThanOrEqual(COUNT);
      }
      clients[1].socket.resume();
      const late = new Set<string>();
      while (late.size < COUNT) late.add((await paused.until('UPDATED')).at(-1)?.uuid ?? '');
      expect(paused.events.slice(1).map(({ kind }) => kind)).not.toContain('RESET');
      expect(without.events.slice(quiet).filter(({ kind }) => kind !== 'BOOKMARK')).toEqual([]);
      for (const { socket } of clients) socket.close();
    } finally {
      await running.gateway.close();
    }
  }, 400_000);
});

describe('case 44: the upstream processes the requests of one user one at a time', () => {
  const HEAVY = `{ snapshots(first: 150) { nodes {
    uuid project { name } customer { name } serviceSettings { name } marketplace { offering { name pluginOptions } }
    restorations { created } sourceVolume { name marketplaceUuid } } } }`;

  describe('with the costs of a real Waldur', () => {
    const slow = useLive({}, { simulator: { cost: 'real' } });
    it('a slow query of one caller delays no other caller', async () => {
      let over = false;
      const heavy = slow
        .running()
        .query(HEAVY)
        .finally(() => {
          over = true;
        });
      await vi.waitFor(() => expect(slow.running().simulator.stats().inFlight).toBe(1), { interval: 2 });
      for (const as of ['admin1', 'admin3', 'owner2']) {
        const { errors } = await slow.running().query('{ snapshots(first: 1) { nodes { uuid } } }', { as });
        expect([as, errors, over]).toEqual([as, undefined, false]);
      }
      expect((await heavy).errors).toBeUndefined();
    });
  });

  describe('polls', () => {
    const aside = useLive({}, { live: { asideMostMs: { hot: 20_000, warm: 20_000, idle: 20_000 } } });
    it('pause during the queries of their own caller, and of no other', async () => {
      const [mine, theirs] = [await aside.client('admin1'), await aside.client('admin3')];
      const filter = { name: aside.name() };
      for (const client of [mine, theirs]) await client.subscribe(DOCUMENT, { filter }).until('BOOKMARK');
      const pollsOf = async (count: number) =>
        new Set((await aside.running().requests()).slice(-count).map(({ headers }) => headers.authorization));
      await vi.waitFor(async () => expect((await pollsOf(20)).size).toBe(2));
      const { faults } = aside.running().simulator;
      faults.add({ method: 'GET', path: '/api/openstack-volumes/', latencyMs: 6_000, times: 1 });
      let over = false;
      const query = aside
        .running()
        .query('{ volumes(first: 1) { nodes { uuid } } }', { as: 'admin1' })
        .finally(() => {
          over = true;
        });
      await vi.waitFor(() => expect(faults.list()).toEqual([]), { interval: 2 });
      // What was under way when it began may have been sent; after that, one of the two is silent.
      await aside.polls(15);
      const polling = await pollsOf(10);
      expect([over, polling.size]).toEqual([false, 1]);
      expect((await query).errors).toBeUndefined();
      await vi.waitFor(async () => expect((await pollsOf(20)).size).toBe(2));
    });
  });
});

describe('case 45: overlapping writes: the last state is sent, no object is stuck', () => {
  async function watching() {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const stream = (await live.client()).subscribe(DOCUMENT, { filter: { name } });
    await stream.until('BOOKMARK');
    return { name, uuid, stream };
  }

  it('a deleted snapshot that reappears: REMOVED, then ADDED', async () => {
    const { name, uuid, stream } = await watching();
    await outside.drop('snapshots', uuid);
    await stream.until('REMOVED');
    // As when a change was under way while it was unlinked: it is written again as it was.
    await outside.add('snapshots', { uuid, tenant, name, state: 'UPDATE_SCHEDULED' });
    expect(tell(await stream.next())).toEqual(['ADDED', 'UPDATE_SCHEDULED']);
    await outside.change('snapshots', uuid, { state: 'OK' });
    expect(tell(await stream.next())).toEqual(['STATE_CHANGED', 'OK']);
    const { data } = await live.running().query(`{ snapshot(uuid: "${uuid}") { state } }`, { as: 'admin1' });
    expect(at(data, 'snapshot', 'state')).toBe('OK');
  });

  it('a deletion that is lost to a PATCH ends in the last state', async () => {
    const { uuid, stream } = await watching();
    const { data } = await live
      .running()
      .query(`mutation { deleteSnapshot(input: { uuid: "${uuid}" }) { scheduled } }`, { as: 'admin1' });
    expect(at(data, 'deleteSnapshot', 'scheduled')).toBe(true);
    expect(tell(await stream.next())).toEqual(['STATE_CHANGED', 'DELETION_SCHEDULED']);
    for (const state of ['UPDATE_SCHEDULED', 'UPDATING', 'OK']) {
      await outside.change('snapshots', uuid, { state });
      expect(tell(await stream.next())).toEqual(['STATE_CHANGED', state]);
    }
    expect(stream.events.map(({ kind }) => kind)).not.toContain('REMOVED');
  });
});

describe('case 46: old error messages are returned as by Waldur; displayStatus follows the state', () => {
  const FIELDS = 'uuid state displayStatus errorMessage errorTraceback';

  it('a traceback that remains, a message that the request clears', async () => {
    const name = live.name();
    const broken = { state: 'ERRED', error_message: 'No space left', error_traceback: 'Traceback' };
    const uuid = await outside.add('snapshots', { tenant, name, ...broken });
    const query = `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { kind state snapshot { ${FIELDS} } } }`;
    const stream = (await live.client()).subscribe({ query }, { filter: { name } });
    await stream.until('BOOKMARK');
    const asked = async () =>
      at((await live.running().query(`{ snapshot(uuid: "${uuid}") { ${FIELDS} } }`)).data, 'snapshot');
    const steps = [
      [{}, 'ERRED', 'Error', 'No space left'],
      [{ state: 'UPDATE_SCHEDULED', action: 'Pull', error_message: '' }, 'UPDATE_SCHEDULED', 'Pull scheduled', ''],
      [{ state: 'OK', action: '', runtime_state: 'available' }, 'OK', 'Available', ''],
    ] as const;
    for (const [change, state, displayStatus, errorMessage] of steps) {
      const shown = { uuid, state, displayStatus, errorMessage, errorTraceback: 'Traceback' };
      if (Object.keys(change).length > 0) {
        await outside.change('snapshots', uuid, change);
        expect((await stream.next()).snapshot).toEqual(shown);
      }
      expect(await asked()).toEqual(shown);
    }
  });
});
