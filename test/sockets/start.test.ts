import { describe, expect, it, vi } from 'vitest';
import { openEvents } from '../support/events.ts';
import { at, type JsonValue, tokenOf, uuidOf } from '../support/gateway.ts';
import { type LiveEvent, operation, type Stream, useLive } from '../support/live.ts';

/** How streams start, and what clients that also query rely on: `initial`, `uuids`, `id`, `totalCount`, and answers that are not older than events. */

const tenant = uuidOf.tenant('genome-tenant');
const brief = ({ kind, uuid }: LiveEvent) => (uuid == null ? kind : `${kind} ${uuid}`);
const opening = async (stream: Stream) => (await stream.until('BOOKMARK')).map(brief);
const FRESH = operation('Fresh');
const CHANGES_ONLY = operation('ChangesOnly');
const NARROWED = {
  query: `subscription ($filter: SnapshotFilter, $after: String, $uuids: [UUID!]) {
    snapshotChanges(filter: $filter, after: $after, uuids: $uuids) { kind uuid state cursor totalCount } }`,
};

describe('a stream', () => {
  const live = useLive();
  const { outside } = live;
  const nodes = async (id: JsonValue | undefined) => {
    const { data } = await live
      .running()
      .query('query ($id: ID!) { node(id: $id) { id } }', { variables: { id }, as: 'admin1' });
    return at(data, 'node');
  };

  it('starts with RESET again when a client subscribes without a cursor', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const gone = await outside.add('snapshots', { tenant, name });
    const client = await live.client();
    const first = client.subscribe(FRESH, { filter: { name } });
    expect(await opening(first)).toEqual(['RESET', `INITIAL ${uuid}`, `INITIAL ${gone}`, 'BOOKMARK']);
    client.socket.close();
    await client.socket.closed;
    await outside.drop('snapshots', gone);
    const again = (await live.client()).subscribe(FRESH, { filter: { name } });
    expect(await opening(again)).toEqual(['RESET', `INITIAL ${uuid}`, 'BOOKMARK']);
  });

  it.each([
    ['Fresh', 1],
    ['ChangesOnly', 0],
  ])('%s: no RESET while Waldur fails', async (document, initial) => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const { faults } = live.running().simulator;
    faults.add({ path: '/api/openstack-snapshots/', status: 503 });
    const stream = (await live.client()).subscribe(operation(document), { filter: { name } });
    expect((await stream.next()).kind).toBe('STALE');
    await live.polls(3);
    expect(stream.events.map(brief)).toEqual(['STALE']);
    faults.clear();
    expect(await opening(stream)).toEqual(['RESET', ...[`INITIAL ${uuid}`].slice(0, initial), 'BOOKMARK']);
  });

  it('ChangesOnly: RESET and BOOKMARK, then changes; over server-sent events, too', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const stream = (await live.client()).subscribe(CHANGES_ONLY, { filter: { name } });
    const reader = await openEvents(`${live.running().url}/graphql/stream`, {
      headers: {
        authorization: `Token ${tokenOf('admin1')}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ ...CHANGES_ONLY, variables: { filter: { name } } }),
    });
    const kindOf = (event: { data: JsonValue }) => at(event.data, 'data', 'snapshotChanges', 'kind');
    expect(await opening(stream)).toEqual(['RESET', 'BOOKMARK']);
    expect((await reader.until((event) => kindOf(event) === 'BOOKMARK')).map(kindOf)).toEqual(['RESET', 'BOOKMARK']);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', uuid, snapshot: { uuid, state: 'ERRED' } });
    expect(kindOf(await reader.next())).toBe('STATE_CHANGED');
    reader.leave();
  });

  it('after a cursor: no RESET if it can be used, else RESET and what `initial` says', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const client = await live.client();
    const query = `subscription ($filter: SnapshotFilter, $after: String, $initial: Boolean) {
      snapshotChanges(filter: $filter, after: $after, initial: $initial) { kind uuid cursor } }`;
    const first = client.subscribe({ query }, { filter: { name } });
    await first.until('BOOKMARK');
    for (const initial of [true, false, null, undefined]) {
      const resume = (after: string) => opening(client.subscribe({ query }, { filter: { name }, after, initial }));
      expect(await resume(first.cursor)).toEqual(['BOOKMARK']);
      const all = initial === false ? [] : [`INITIAL ${uuid}`];
      expect(await resume('made up')).toEqual(['RESET', ...all, 'BOOKMARK']);
    }
  });

  it('Shown: `id` is that of the node, also when it is gone, and null where no object is', async () => {
    const uuid = await outside.add('snapshots', { tenant, name: live.name() });
    const stream = (await live.client()).subscribe(operation('Shown'), { uuids: [uuid] });
    expect(await stream.until('BOOKMARK')).toEqual([
      { kind: 'RESET', id: null, uuid: null, state: null },
      { kind: 'BOOKMARK', id: null, uuid: null, state: null },
    ]);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    const { id } = await stream.next();
    expect(await nodes(id)).toEqual({ id });
    await outside.drop('snapshots', uuid);
    expect(await stream.next()).toEqual({ kind: 'REMOVED', id, uuid, state: null });
    expect(await nodes(id)).toBeNull();
  });

  it('VolumesFresh: the ids and counts of volumes', async () => {
    const stream = (await live.client()).subscribe(operation('VolumesFresh'));
    const events = await stream.until('BOOKMARK');
    const initial = events.filter(({ kind }) => kind === 'INITIAL');
    for (const { id, volume } of initial) expect(id).toBe(at(volume, 'id'));
    expect(await nodes(initial[0]?.id ?? null)).toEqual({ id: initial[0]?.id });
    expect(events.map(({ totalCount }) => totalCount ?? null)).toEqual([
      ...events.slice(1).map(() => null),
      initial.length,
    ]);
    expect(initial.length).toBeGreaterThan(0);
  });
});

describe('volumeChanges takes the arguments of snapshotChanges', () => {
  const live = useLive();
  const { outside } = live;
  const VOLUMES = {
    query: `subscription ($filter: VolumeFilter, $after: String, $initial: Boolean, $uuids: [UUID!]) {
      volumeChanges(filter: $filter, after: $after, initial: $initial, uuids: $uuids) { kind uuid cursor totalCount } }`,
  };

  it('initial: false, also where the cursor cannot be used', async () => {
    const name = live.name();
    const uuid = await outside.add('volumes', { tenant, name });
    const client = await live.client();
    const stream = client.subscribe(VOLUMES, { filter: { name }, initial: false });
    expect(await opening(stream)).toEqual(['RESET', 'BOOKMARK']);
    await outside.change('volumes', uuid, { state: 'UPDATING' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', uuid, totalCount: 1 });
    const resume = (after: string) => opening(client.subscribe(VOLUMES, { filter: { name }, after, initial: false }));
    expect(await resume(stream.cursor)).toEqual(['BOOKMARK']);
    expect(await resume('made up')).toEqual(['RESET', 'BOOKMARK']);
  });

  it('uuids, to which a cursor is bound', async () => {
    const name = live.name();
    const [kept, other] = [
      await outside.add('volumes', { tenant, name }),
      await outside.add('volumes', { tenant, name }),
    ];
    const client = await live.client();
    const all = client.subscribe(VOLUMES, { filter: { name } });
    const some = client.subscribe(VOLUMES, { filter: { name }, uuids: [kept] });
    await all.until('BOOKMARK');
    expect(await opening(some)).toEqual(['RESET', `INITIAL ${kept}`, 'BOOKMARK']);
    await outside.change('volumes', other, { state: 'ERRED' });
    await all.until('STATE_CHANGED');
    await outside.drop('volumes', kept);
    expect(await some.next()).toMatchObject({ kind: 'REMOVED', uuid: kept, totalCount: 1 });
    const resume = (uuids: string[]) =>
      opening(client.subscribe(VOLUMES, { filter: { name }, after: some.cursor, uuids }));
    expect(await resume([kept])).toEqual(['BOOKMARK']);
    expect(await resume([other])).toEqual(['RESET', `INITIAL ${other}`, 'BOOKMARK']);
  });

  it.each([0, 101])('%i uuids: BAD_USER_INPUT that names the argument, without a call', async (length) => {
    const uuids = Array.from({ length }, (_, at) => at.toString(16).padStart(32, '0'));
    const stream = (await live.client()).subscribe(VOLUMES, { uuids });
    await stream.end();
    expect(stream.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'uuids' } }]);
    expect(stream.events).toEqual([]);
    expect(live.running().calls()).toBe(0);
  });
});

describe('uuids', () => {
  const live = useLive();
  const { outside } = live;

  it('in any spelling, and twice, narrow what is sent and not what is polled', async () => {
    const name = live.name();
    const uuids: string[] = [];
    for (let at = 0; at < 3; at += 1) uuids.push(await outside.add('snapshots', { tenant, name }));
    const [first = '', second = '', third = ''] = uuids;
    const client = await live.client();
    const all = client.subscribe(NARROWED, { filter: { name } });
    await all.until('BOOKMARK');
    live.running().simulator.faults.add({ path: '/api/openstack-snapshots/', latencyMs: 20_000 });
    const hyphens = second.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-').toUpperCase();
    const some = client.subscribe(NARROWED, { filter: { name }, uuids: [first, hyphens, first.toUpperCase()] });
    // Waldur does not answer, so nothing was requested for it.
    expect(await opening(some)).toEqual(['RESET', `INITIAL ${first}`, `INITIAL ${second}`, 'BOOKMARK']);
    live.running().simulator.faults.clear();
    await outside.change('snapshots', third, { state: 'ERRED' });
    await all.until('STATE_CHANGED');
    await outside.drop('snapshots', second);
    expect(await some.next()).toMatchObject({ kind: 'REMOVED', uuid: second, totalCount: 2 });
    const resume = (list: string[]) =>
      opening(client.subscribe(NARROWED, { filter: { name }, after: some.cursor, uuids: list }));
    expect(await resume([second, first])).toEqual(['BOOKMARK']);
    expect(await resume([first])).toEqual(['RESET', `INITIAL ${first}`, 'BOOKMARK']);
  });

  it.each([
    ['none', []],
    ['101', Array.from({ length: 101 }, (_, at) => at.toString(16).padStart(32, '0'))],
  ])('%s: BAD_USER_INPUT that names the argument, without a call', async (_name, uuids) => {
    const stream = (await live.client()).subscribe(NARROWED, { uuids });
    await stream.end();
    expect(stream.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'uuids' } }]);
    expect(stream.events).toEqual([]);
    expect(live.running().calls()).toBe(0);
  });

  it('no uuid: BAD_USER_INPUT, without a call', async () => {
    const stream = (await live.client()).subscribe(NARROWED, { uuids: ['../users'] });
    expect(await stream.end()).toEqual({ type: 'error', codes: ['BAD_USER_INPUT'] });
    expect(live.running().calls()).toBe(0);
  });

  it('100 are accepted', async () => {
    const uuids = Array.from({ length: 100 }, (_, at) => at.toString(16).padStart(32, '0'));
    const stream = (await live.client()).subscribe(NARROWED, { filter: { name: live.name() }, uuids });
    expect(await opening(stream)).toEqual(['RESET', 'BOOKMARK']);
  });
});

describe('with a cache of ten minutes, no query after an event is older than it', () => {
  const live = useLive({ cacheTtlMs: 600_000 });
  const { outside } = live;
  const LIST =
    'query ($filter: SnapshotFilter) { snapshots(filter: $filter, first: 1000) { totalCount nodes { uuid state } } }';
  const list = async (filter: object) => {
    const { data } = await live.running().query(LIST, { variables: { filter }, as: 'admin1' });
    return at(data, 'snapshots');
  };

  it('after the first BOOKMARK, of a new scope and of one that is polled already', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const client = await live.client();
    const state = async () => at(await list({ name }), 'nodes', 0, 'state');
    expect(await state()).toBe('OK');
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    // The answer is served from the cache.
    expect(await state()).toBe('OK');
    await client.subscribe(CHANGES_ONLY, { filter: { name } }).until('BOOKMARK');
    expect(await state()).toBe('ERRED');
    // Of an object outside the scope that is polled.
    const other = `${name} as well`;
    await outside.add('snapshots', { tenant, name: other });
    const counted = async () => at(await list({ nameExact: other }), 'totalCount');
    expect(await counted()).toBe(1);
    await outside.add('snapshots', { tenant, name: other });
    await client.subscribe(CHANGES_ONLY, { filter: { name } }).until('BOOKMARK');
    expect(await counted()).toBe(2);
  });

  it('after each change: the count of the event is that of the list', async () => {
    const name = live.name();
    const states = ['OK', 'UPDATING'];
    const client = await live.client();
    const all = client.subscribe(FRESH, { filter: { name } });
    const some = client.subscribe(FRESH, { filter: { name, state: states } });
    await Promise.all([all.until('BOOKMARK'), some.until('BOOKMARK')]);
    const known: string[] = [];
    const steps = ['add', 'add', 'ERRED', 'add', 'UPDATING', 'drop', 'OK', 'ERRED', 'add', 'UPDATING', 'drop', 'OK'];
    for (const [index, step] of [...steps, ...steps, ...steps].entries()) {
      const uuid = known[index % known.length] ?? '';
      if (step === 'add')
        known.push(await outside.add('snapshots', { tenant, name, state: index % 2 ? 'OK' : 'ERRED' }));
      else if (step === 'drop') {
        await outside.drop('snapshots', uuid);
        known.splice(known.indexOf(uuid), 1);
      } else {
        const shown = all.events.findLast((event) => event.uuid === uuid)?.state;
        if (shown === step) continue;
        await outside.change('snapshots', uuid, { state: step });
      }
      const event = await all.next();
      const listed = await list({ name });
      expect(at(listed, 'totalCount')).toBe(event.totalCount);
      expect(event.totalCount).toBe(known.length);
      const filtered = at(await list({ name, state: states }), 'totalCount');
      await vi.waitFor(() => expect(some.events.at(-1)?.totalCount).toBe(filtered), { timeout: 5_000, interval: 2 });
    }
    expect(known.length).toBeGreaterThan(2);
  });

  it('a read in flight since before the event is not joined after it', async () => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { tenant, name });
    const stream = (await live.client()).subscribe(CHANGES_ONLY, { filter: { name } });
    await stream.until('BOOKMARK');
    const volume = uuidOf.volume('scratch');
    live.running().simulator.faults.add({ path: `/api/openstack-volumes/${volume}`, latencyMs: 2_000 });
    const reads = async () => (await live.running().requests()).filter(({ path }) => path.includes(volume)).length;
    const read = () =>
      live
        .running()
        .query('query ($uuid: UUID!) { volume(uuid: $uuid) { name } }', { variables: { uuid: volume }, as: 'admin1' });
    const before = [read(), read()];
    await vi.waitFor(async () => expect(await reads()).toBe(1), { timeout: 1_500, interval: 5 });
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    await stream.next();
    const after = read();
    await vi.waitFor(async () => expect(await reads()).toBe(2), { timeout: 1_500, interval: 5 });
    for (const { data } of await Promise.all([...before, after])) expect(at(data, 'volume', 'name')).toBe('scratch');
  });
});
