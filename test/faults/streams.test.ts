import { describe, expect, it } from 'vitest';
import { openEvents } from '../support/events.ts';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import { Client, type LiveEvent, operation, type Stream, useLive } from '../support/live.ts';

/** Streams that are resumed, refused, or not read. */

const live = useLive({}, { live: { logEvents: 20 } });
const { outside } = live;
const url = () => live.running().url;
const authorization = `Token ${tokenOf('admin1')}`;
const DOCUMENT = operation('SnapshotChanges');
const tenant = uuidOf.tenant('genome-tenant');

/** A client that watches one snapshot of its own. */
async function watching() {
  const name = live.name();
  const uuid = await outside.add('snapshots', { tenant, name });
  const client = await live.client();
  const stream = client.subscribe(DOCUMENT, { filter: { name } });
  await stream.until('BOOKMARK');
  return { name, uuid, client, stream };
}

describe('case 32: reconnect with a cursor', () => {
  const brief = ({ kind, uuid, state }: LiveEvent) => [kind, uuid, state].filter((part) => part != null).join(' ');
  const opening = async (stream: Stream) => (await stream.until('BOOKMARK')).map(brief);

  it('within the log: exactly the missed events, in order, then a BOOKMARK', async () => {
    const { name, uuid, client, stream: witness } = await watching();
    const other = await live.client();
    const first = other.subscribe(DOCUMENT, { filter: { name } });
    await first.until('BOOKMARK');
    const { cursor } = first;
    other.socket.close();
    await other.socket.closed;
    const missed: string[] = [];
    for (const state of ['UPDATING', 'OK', 'ERRED', 'DELETING']) {
      await outside.change('snapshots', uuid, { state });
      missed.push(brief(await witness.next()));
    }
    await outside.drop('snapshots', uuid);
    missed.push(brief(await witness.next()));
    expect(missed.at(-1)).toBe(`REMOVED ${uuid}`);
    const resumed = client.subscribe(DOCUMENT, { filter: { name }, after: cursor });
    expect(await opening(resumed)).toEqual([...missed, 'BOOKMARK']);
  });

  it('beyond the log: RESET, then all objects again', async () => {
    const { name, uuid, client, stream } = await watching();
    const { cursor } = stream;
    for (let round = 0; round < 25; round += 1) {
      const state = round % 2 === 0 ? 'UPDATING' : 'OK';
      await outside.change('snapshots', uuid, { state });
      await stream.until((event) => event.state === state);
    }
    const resumed = client.subscribe(DOCUMENT, { filter: { name }, after: cursor });
    expect(await opening(resumed)).toEqual(['RESET', `INITIAL ${uuid} UPDATING`, 'BOOKMARK']);
  });

  it.each([
    ['nonsense', () => 'forged'],
    ['nothing', () => ''],
    ['one letter is another', (cursor: string) => cursor.replace(/[A-Za-z]/, (c) => (c === 'x' ? 'y' : 'x'))],
    ['longer', (cursor: string) => `${cursor}AAAA`],
    ['shorter', (cursor: string) => cursor.slice(0, -4)],
    ['another name', () => Buffer.from('{"at":0,"scope":"*"}').toString('base64url')],
  ])('forged (%s): RESET, then all objects again', async (_name, forge) => {
    const { name, uuid, client, stream } = await watching();
    const resumed = client.subscribe(DOCUMENT, { filter: { name }, after: forge(stream.cursor) });
    expect(await opening(resumed)).toEqual(['RESET', `INITIAL ${uuid} OK`, 'BOOKMARK']);
  });

  it("of another caller: RESET, then only the caller's own objects", async () => {
    const theirs = (await live.client('admin3')).subscribe(DOCUMENT, { filter: {} });
    const mine = (await live.client('admin1')).subscribe(DOCUMENT, { filter: {} });
    await Promise.all([theirs.until('BOOKMARK'), mine.until('BOOKMARK')]);
    const resumed = (await live.client('admin1')).subscribe(DOCUMENT, { filter: {}, after: theirs.cursor });
    const events = await resumed.until('BOOKMARK');
    expect(events[0]?.kind).toBe('RESET');
    const of = (list: readonly LiveEvent[]) => new Set(list.flatMap(({ uuid }) => uuid ?? []));
    expect(of(events)).toEqual(of(mine.events));
    expect([...of(theirs.events)].filter((uuid) => of(events).has(uuid))).toEqual([]);
    expect(of(theirs.events).size).toBeGreaterThan(0);
  });
});

describe('case 33: a subscriber that stops reading is closed with 1013; others are unaffected, memory is constant', () => {
  const SLOW_MS = 1_500;
  const crowd = useLive(
    {},
    { live: { slowReaderMs: SLOW_MS, slowCheckMs: 50, hotMs: 10, idleMs: 10, warmMs: 10 }, sockets: { pingMs: 500 } },
  );
  const OBJECTS = 200;
  const STREAMS = 30;
  // Large enough to fill what the network holds before anything has to wait in the gateway.
  const query = `subscription ($filter: SnapshotFilter) {
    snapshotChanges(filter: $filter) { kind uuid state snapshot { description } } }`;
  const queued = async () =>
    Number(
      /^waldur_graph_delta_queue_length (\d+)/m.exec(await (await fetch(`${crowd.running().url}/metrics`)).text())?.[1],
    );

  it('over a socket', async () => {
    const name = crowd.name();
    const row = { tenant, name, description: 'x'.repeat(2_000) };
    const uuids = await Promise.all(Array.from({ length: OBJECTS }, () => crowd.outside.add('snapshots', row)));
    const [paused, other] = [await crowd.client(), await crowd.client()];
    const theirs = Array.from({ length: STREAMS }, () => paused.subscribe({ query }, { filter: { name } }));
    const ours = other.subscribe(DOCUMENT, { filter: { name } });
    await Promise.all([...theirs, ours].map((stream) => stream.until('BOOKMARK')));
    paused.socket.pause();
    const { snapshots } = crowd.running().simulator.world.tables;
    const seen = new Map<string, string | null | undefined>();
    const waiting: number[] = [];
    // Until the gateway gives up on it. Its socket is dropped 2 s later, so the reader has to hear of it before.
    const isGivenUp = () => Math.max(0, ...waiting) > 0 && waiting.at(-1) === 0;
    for (let round = 0; !isGivenUp(); round += 1) {
      const state = round % 2 === 0 ? 'ERRED' : 'OK';
      for (const uuid of uuids) {
        const found = snapshots.get(uuid);
        if (found) crowd.running().simulator.world.update(found, { state });
      }
      // Nobody else misses a thing, round for round.
      while (uuids.some((uuid) => seen.get(uuid) !== state)) {
        const event = await ours.next();
        seen.set(event.uuid ?? '', event.state);
      }
      waiting.push(await queued());
    }
    // For each of its streams one event an object, however many rounds there were.
    expect(Math.max(...waiting)).toBeLessThanOrEqual(STREAMS * OBJECTS);
    expect(Math.max(...waiting)).toBeGreaterThan(0);
    paused.socket.resume();
    expect(await paused.socket.closed).toEqual({ code: 1013, reason: 'slow-reader' });
    expect(await queued()).toBe(0);
  });
});

describe('case 59: a stream that starts from nothing', () => {
  /** A client that only does what each kind says, and keeps what it knows across connections. */
  const apply = (rows: Set<string>, events: readonly LiveEvent[]): Set<string> => {
    for (const { kind, uuid } of events) {
      if (kind === 'RESET') rows.clear();
      else if (kind === 'REMOVED') rows.delete(uuid ?? '');
      else if (uuid != null) rows.add(uuid);
    }
    return rows;
  };

  it('after a silent resubscription no row is shown that is gone', async () => {
    const { name, uuid, client, stream } = await watching();
    const gone = await outside.add('snapshots', { tenant, name });
    await stream.until('ADDED');
    const rows = apply(new Set(), stream.events);
    expect([...rows]).toEqual([uuid, gone]);
    client.socket.close();
    await client.socket.closed;
    await outside.drop('snapshots', gone);
    const again = (await live.client()).subscribe(DOCUMENT, { filter: { name } });
    await again.until('BOOKMARK');
    expect(again.events[0]?.kind).toBe('RESET');
    expect([...apply(rows, again.events)]).toEqual([uuid]);
  });

  it('while Waldur fails the rows stay; then RESET and all of them', async () => {
    const { name, uuid, client, stream } = await watching();
    const rows = apply(new Set(), stream.events);
    client.socket.close();
    await client.socket.closed;
    await live.silence();
    const { faults } = live.running().simulator;
    faults.add({ path: '/api/openstack-snapshots/', status: 503 });
    const again = (await live.client()).subscribe(DOCUMENT, { filter: { name } });
    await again.until('STALE');
    await live.polls(3);
    expect([...apply(rows, again.events)]).toEqual([uuid]);
    faults.clear();
    expect((await again.until('BOOKMARK')).map(({ kind }) => kind)).toEqual(['RESET', 'INITIAL', 'BOOKMARK']);
    expect([...apply(rows, again.events)]).toEqual([uuid]);
  });
});

describe('case 36: a revoked token ends its subscriptions within one interval', () => {
  const revoke = () =>
    fetch(`${live.running().simulator.url}/__sim/tokens/${tokenOf('admin1')}/revoke`, { method: 'POST' });

  it('sockets: UNAUTHENTICATED, then 4403; a reconnection with it gets nothing', async () => {
    const { client, stream, name } = await watching();
    const colleague = (await live.client('manager1')).subscribe(DOCUMENT, { filter: { name } });
    await colleague.until('BOOKMARK');
    const events = stream.events.length;
    await revoke();
    const calls = live.running().calls();
    expect(await stream.end()).toEqual({ type: 'error', codes: ['UNAUTHENTICATED'] });
    // Of both callers; the first call of the revoked one is refused, and one may have been under way.
    expect(live.running().calls() - calls).toBeLessThanOrEqual(10);
    expect((await client.socket.closed).code).toBe(4403);
    expect(stream.events).toHaveLength(events);
    const again = (await Client.open(url(), tokenOf('admin1'))).subscribe(DOCUMENT, { filter: { name } });
    expect(await again.end()).toEqual({ type: 'error', codes: ['UNAUTHENTICATED'] });
    expect(again.events).toEqual([]);
    expect(colleague.ended).toBeUndefined();
  });

  it('SSE: the same code, then the end', async () => {
    const body = JSON.stringify({ ...DOCUMENT, variables: { filter: { name: live.name() } } });
    const headers = { authorization, 'content-type': 'application/json', accept: 'text/event-stream' };
    const reader = await openEvents(`${url()}/graphql/stream`, { headers, body });
    await reader.next();
    await revoke();
    const last = await reader.until(({ event }) => event === 'complete');
    expect(JSON.stringify(last)).toContain('UNAUTHENTICATED');
    expect((await reader.ended).whole).toBe(true);
  });
});
