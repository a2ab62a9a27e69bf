import { describe, expect, it, vi } from 'vitest';
import { startGateway, tokenOf, uuidOf } from '../support/gateway.ts';
import { Client, FAST, operation, type Stream, useLive } from '../support/live.ts';
import { openSocket } from '../support/socket.ts';

/** What subscriptions may cost: the upstream, the gateway, and each other. */

const live = useLive({ maxSubscriptions: 100 });
const { outside } = live;
const DOCUMENT = operation('SnapshotChanges');
const tenant = uuidOf.tenant('genome-tenant');
/** How tests wait for what happens at once. */
const POLL = { timeout: 5_000, interval: 2 };
const calls = () => live.running().calls();

async function scope(): Promise<{ name: string; uuid: string }> {
  const name = live.name();
  return { name, uuid: await outside.add('snapshots', { tenant, name }) };
}
const opened = async (streams: readonly Stream[]) => {
  await Promise.all(streams.map((stream) => stream.until('BOOKMARK')));
};

describe('case 34: many subscriptions on one socket', () => {
  it('the 101st is an error for that id, RATE_LIMITED; the others continue', async () => {
    const { name, uuid } = await scope();
    const client = await live.client();
    const streams = Array.from({ length: 100 }, () => client.subscribe(DOCUMENT, { filter: { name } }));
    await opened(streams);
    const refused = client.subscribe(DOCUMENT, { filter: { name } });
    expect(await refused.end()).toEqual({ type: 'error', codes: ['RATE_LIMITED'] });
    // A page that shows a hundred streams still has to load the rest of itself.
    expect(await client.subscribe({ query: '{ viewer { username } }' }).end()).toEqual({ type: 'complete' });
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    for (const stream of streams) expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED' });
    streams[0]?.leave();
    const room = client.subscribe(DOCUMENT, { filter: { name } });
    await room.until('BOOKMARK');
  });

  it('the number of queries is limited too, and streams are unaffected', async () => {
    const { name, uuid } = await scope();
    const client = await live.client();
    const stream = client.subscribe(DOCUMENT, { filter: { name } });
    await opened([stream]);
    live.running().simulator.faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
    const query = '{ volumes { totalCount } }';
    const waiting = Array.from({ length: 100 }, () => client.subscribe({ query }));
    const refused = await client.subscribe({ query }).end();
    expect(refused).toEqual({ type: 'error', codes: ['RATE_LIMITED'] });
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED' });
    for (const left of waiting) left.leave();
    expect(await client.subscribe({ query: '{ viewer { username } }' }).end()).toEqual({ type: 'complete' });
  });

  it('mutations whose client has left count as well: they continue', async () => {
    const client = await live.client();
    const { faults, stats } = live.running().simulator;
    faults.add({ path: '/api/openstack-snapshots/', latencyMs: 60_000 });
    const uuid = '0123456789abcdef'.repeat(2);
    const query = `mutation { deleteSnapshot(input: { uuid: "${uuid}" }) { scheduled } }`;
    for (let i = 0; i < 100; i += 1) client.subscribe({ query }).leave();
    expect(await client.subscribe({ query }).end()).toEqual({ type: 'error', codes: ['RATE_LIMITED'] });
    expect(stats().inFlight).toBeGreaterThan(0);
    client.socket.close();
    await vi.waitFor(() => expect(stats().inFlight).toBe(0), POLL);
  });

  it('5,000 at once: 100 run, the others are refused', { timeout: 600_000 }, async () => {
    const { name } = await scope();
    const client = await live.client();
    const streams = Array.from({ length: 5_000 }, () => client.subscribe(DOCUMENT, { filter: { name } }));
    await opened(streams.slice(0, 100));
    const ends = await Promise.all(streams.slice(100).map((stream) => stream.end()));
    expect(new Set(ends.map((end) => JSON.stringify(end)))).toEqual(
      new Set([JSON.stringify({ type: 'error', codes: ['RATE_LIMITED'] })]),
    );
    expect(client.socket.open).toBe(true);
  });
});

describe('case 35', () => {
  const impatient = useLive({ upstreamAttemptTimeoutMs: 1_000 }, { sockets: { initMs: 1_000 } });

  it('no connection_init: 4408', async () => {
    const socket = await openSocket(impatient.running().url);
    expect(await socket.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  it('a Waldur that does not respond delays no query of the socket, and other streams by the time limit of a call', async () => {
    const name = impatient.name();
    await impatient.outside.add('snapshots', { tenant, name });
    const client = await impatient.client();
    impatient.running().simulator.faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
    const hanging = client.subscribe(operation('VolumeChanges'), {});
    await vi.waitFor(() => expect(impatient.running().simulator.stats().inFlight).toBeGreaterThan(0), POLL);
    expect(await client.subscribe({ query: '{ viewer { username } }' }).end()).toEqual({ type: 'complete' });
    // The polls of one caller go one after the other.
    await opened([client.subscribe(DOCUMENT, { filter: { name } })]);
    expect(hanging.events).toEqual([]);
    client.socket.close();
    expect((await client.socket.closed).code).toBe(1005);
  });
});

describe('case 26: the client disconnects', () => {
  it('during a query of its socket: the upstream call is aborted', async () => {
    const client = await live.client();
    const { faults, stats } = live.running().simulator;
    faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
    client.subscribe({ query: '{ volumes { totalCount } }' });
    await vi.waitFor(() => expect(stats().inFlight).toBe(1), POLL);
    client.socket.close();
    await vi.waitFor(() => expect(stats().inFlight).toBe(0), POLL);
  });

  it('during the first poll of its subscription: the poll is aborted', async () => {
    const client = await live.client();
    const { faults, stats } = live.running().simulator;
    faults.add({ path: '/api/openstack-volumes/', latencyMs: 60_000 });
    client.subscribe(operation('VolumeChanges'), { filter: { name: live.name() } });
    await vi.waitFor(() => expect(stats().inFlight).toBe(1), POLL);
    client.socket.close();
    await vi.waitFor(() => expect(stats().inFlight).toBe(0), POLL);
  });
});

describe('an invalid document', () => {
  it.each([
    ['a syntax error', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', 'subscription { snapshotChanges { nothing } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'two root fields',
      'subscription { a: snapshotChanges { kind } b: snapshotChanges { kind } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('%s ends only that id: the streams of the socket continue', async (_name, query, code) => {
    const { name, uuid } = await scope();
    const client = await live.client();
    const stream = client.subscribe(DOCUMENT, { filter: { name } });
    await opened([stream]);
    expect(await client.subscribe({ query }).end()).toMatchObject({ type: 'error', codes: [code] });
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ state: 'ERRED' });
  });
});

describe('calls to Waldur by subscriptions', () => {
  it('one series of polls, whatever the number of subscribers and their selections', async () => {
    const { name, uuid } = await scope();
    const clients = [await live.client(), await live.client(), await live.client()];
    const documents = ['kind', 'kind state', 'kind snapshot { name }', 'kind snapshot { size description modified }'];
    const streams = clients.flatMap((client) =>
      documents.flatMap((fields) =>
        Array.from({ length: 5 }, () =>
          client.subscribe(
            { query: `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { ${fields} } }` },
            { filter: { name } },
          ),
        ),
      ),
    );
    await opened(streams);
    live.running().simulator.resetStats();
    const from = performance.now();
    await live.polls(10);
    const intervals = (performance.now() - from) / ((FAST.idleMs ?? 1) * 0.85);
    // Ticks and relists are one and the same call in a scope of one page; 60 streams of their own would be 60 times as many.
    expect(calls()).toBeLessThanOrEqual(3 * intervals + 10);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    for (const stream of streams) expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED' });
  });

  it.each([
    ['unsubscribed', ({ stream }: { stream: Stream; client: Client }) => stream.leave()],
    ['closed the socket', ({ client }: { stream: Stream; client: Client }) => client.socket.close()],
  ])('no more calls after the last subscriber has %s, even while nothing happens', async (_name, leave) => {
    const { name } = await scope();
    const client = await live.client();
    const stream = client.subscribe(DOCUMENT, { filter: { name } });
    await opened([stream]);
    await live.polls(2);
    leave({ stream, client });
    await live.silence();
  });

  it('a restoreProgress that is left early is no longer polled', async () => {
    const volumeUuid = await outside.add('volumes', { tenant, state: 'CREATING' });
    const client = await live.client();
    const stream = client.subscribe(operation('RestoreProgress'), { volumeUuid });
    await stream.next();
    stream.leave();
    await live.silence();
    expect(stream.ended).toBeUndefined();
  });

  it('leaving during a poll does not affect the others', async () => {
    const { name, uuid } = await scope();
    const client = await live.client();
    const [first, second] = [1, 2].map(() => client.subscribe(DOCUMENT, { filter: { name } }));
    if (first === undefined || second === undefined) throw new Error('two streams were asked for');
    await opened([first, second]);
    const { faults } = live.running().simulator;
    faults.add({ path: '/api/openstack-snapshots/?', latencyMs: 100, times: 1 });
    await vi.waitFor(() => expect(faults.list()).toEqual([]), POLL);
    first.leave();
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await second.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED' });
    expect(second.errors).toEqual([]);
  });

  it('a socket that closes while its event is built leaves the event complete for the others', async () => {
    const { uuid } = await scope();
    const query = `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) {
      kind snapshot { state sourceVolume { size } } } }`;
    const clients = [await live.client(), await live.client()];
    const [first, second] = clients.map((client) => client.subscribe({ query }, { filter: { uuid } }));
    if (first === undefined || second === undefined) throw new Error('two streams were asked for');
    await opened([first]);
    await opened([second]);
    live.running().simulator.resetStats();
    const { faults } = live.running().simulator;
    faults.add({ path: '/api/openstack-volumes/', latencyMs: 200 });
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    await vi.waitFor(
      () => expect(Object.keys(live.running().callsByRoute()).some((route) => route.includes('volumes'))).toBe(true),
      POLL,
    );
    clients[0]?.socket.close();
    expect(await second.next()).toMatchObject({
      snapshot: { state: 'ERRED', sourceVolume: { size: expect.any(Number) } },
    });
    expect(second.errors).toEqual([]);
  });

  it('case 43: `modified` of all objects changes: only documents that select it get events', async () => {
    const filter = { projectUuid: uuidOf.project('Genome browser') };
    const client = await live.client();
    const without = client.subscribe(
      {
        query:
          'subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { kind uuid snapshot { name } } }',
      },
      { filter },
    );
    const having = client.subscribe(DOCUMENT, { filter });
    await opened([without, having]);
    const { world } = live.running().simulator;
    const before = without.events.length;
    const rows = [...world.tables.snapshots.values()].filter((row) => row.project_uuid === filter.projectUuid);
    expect(rows.length).toBeGreaterThan(300);
    for (const row of rows) world.touch(row);
    const heard = new Set<string>();
    while (heard.size < rows.length) {
      const event = await having.next();
      expect(event.kind).toBe('UPDATED');
      heard.add(event.uuid ?? '');
    }
    const target = uuidOf.snapshot('rw-target');
    await outside.change('snapshots', target, { name: 'moved at last' });
    expect(await without.next()).toMatchObject({ kind: 'UPDATED', uuid: target, snapshot: { name: 'moved at last' } });
    expect(without.events).toHaveLength(before + 1);
  });

  it('case 44: queries of all callers are answered while polls are slow', async () => {
    const { name } = await scope();
    await opened([(await live.client()).subscribe(DOCUMENT, { filter: { name } })]);
    const { faults, stats } = live.running().simulator;
    faults.add({ path: '/api/openstack-snapshots/?', latencyMs: 60_000 });
    await vi.waitFor(() => expect(stats().inFlight).toBeGreaterThan(0), { timeout: 10_000, interval: 5 });
    for (const as of ['admin1', 'admin2']) {
      const { errors } = await live.running().query('{ viewer { username } }', { as });
      expect(errors).toBeUndefined();
      // The poll still waits for its answer.
      expect(stats().inFlight).toBeGreaterThan(0);
    }
  });
});

describe('shutdown of the gateway', () => {
  it('sockets are closed with 1012, even those without a subscription', async () => {
    const running = await startGateway({ socketDrainMs: 50 }, { live: FAST });
    const clients = await Promise.all([1, 2, 3].map(() => Client.open(running.url, tokenOf('admin1'))));
    const streams = clients.slice(1).map((client) => client.subscribe(DOCUMENT, {}));
    await opened(streams);
    const closed = Promise.all(clients.map(({ socket }) => socket.closed));
    await running.gateway.close();
    expect((await closed).map(({ code }) => code)).toEqual([1012, 1012, 1012]);
  });
});

describe('a quiet stream', () => {
  const reminding = useLive({}, { live: { bookmarkMs: 1_000 } });

  it('gets fresh cursors by BOOKMARK events', async () => {
    const stream = (await reminding.client()).subscribe(DOCUMENT, { filter: { name: reminding.name() } });
    await stream.until('BOOKMARK');
    expect(await stream.next()).toMatchObject({ kind: 'BOOKMARK', cursor: expect.any(String) });
  });
});

describe('lingering', () => {
  const lingering = useLive({}, { live: { lingerMs: 10_000 } });

  it('a subscriber that comes back in time joins the running polls: RESET, INITIAL and BOOKMARK without a new relist', async () => {
    const client = await lingering.client();
    const first = client.subscribe(DOCUMENT, { filter: { nameExact: 'rw-target' } });
    await first.until('BOOKMARK');
    first.leave();
    await lingering.polls(3);
    lingering.running().simulator.faults.add({ path: '/api/openstack-snapshots/?', latencyMs: 20_000 });
    const second = client.subscribe(DOCUMENT, { filter: { nameExact: 'rw-target' } });
    expect((await second.until('BOOKMARK')).map(({ kind }) => kind)).toEqual(['RESET', 'INITIAL', 'BOOKMARK']);
  });
});
