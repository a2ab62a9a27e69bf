import { describe, expect, it } from 'vitest';
import { at, dataset, uuidOf } from '../support/gateway.ts';
import { gist, operation, type Stream, useLive } from '../support/live.ts';

/** The table of events in test/operations/README.md, row by row, by the documents that stand beside it. */

const live = useLive();
const { outside } = live;
const DOCUMENT = operation('SnapshotChanges');
/** What an event tells beside its kind and its cursor when it is about no object. */
const none = { uuid: null, state: null, previousState: null, object: null };

/** Snapshots that this test alone watches, and a stream of them that has come to its first BOOKMARK. */
async function watching(
  rows: Record<string, unknown>[] = [{}],
  filter: Record<string, unknown> = {},
  document = DOCUMENT,
): Promise<{ uuids: string[]; stream: Stream; add: (row?: Record<string, unknown>) => Promise<string> }> {
  const name = live.name();
  const tenant = uuidOf.tenant('genome-tenant');
  const add = (row: Record<string, unknown> = {}) => outside.add('snapshots', { tenant, name, ...row });
  const uuids: string[] = [];
  for (const row of rows) uuids.push(await add(row));
  const stream = (await live.client()).subscribe(document, { filter: { name, ...filter } });
  await stream.until('BOOKMARK');
  return { uuids, stream, add };
}

describe('RESET, INITIAL and BOOKMARK at the start', () => {
  it('a RESET, one INITIAL for each object, oldest first, then one BOOKMARK with a cursor', async () => {
    const { uuids, stream } = await watching([{ state: 'OK' }, { state: 'CREATING' }]);
    expect(stream.events.map(gist)).toEqual([
      { kind: 'RESET', ...none, cursor: null },
      { kind: 'INITIAL', uuid: uuids[0], state: 'OK', previousState: null, object: uuids[0], cursor: null },
      { kind: 'INITIAL', uuid: uuids[1], state: 'CREATING', previousState: null, object: uuids[1], cursor: null },
      { kind: 'BOOKMARK', ...none, cursor: 'set' },
    ]);
    expect(at(stream.events[1]?.snapshot, 'name')).toBe(live.name());
  });

  it('an empty scope has only RESET and BOOKMARK', async () => {
    const { stream } = await watching([]);
    expect(stream.events.map(({ kind }) => kind)).toEqual(['RESET', 'BOOKMARK']);
  });

  it('observedAt is the time of the response that contained it', async () => {
    const before = Date.now();
    const { stream } = await watching();
    const times = stream.events.map(({ observedAt }) => Date.parse(String(observedAt)));
    for (const time of times) expect(time).toBeGreaterThanOrEqual(before);
    for (const time of times) expect(time).toBeLessThanOrEqual(Date.now());
  });
});

describe('ADDED', () => {
  it('an object that was created', async () => {
    const { stream, add } = await watching();
    const uuid = await add({ state: 'CREATION_SCHEDULED' });
    expect(gist(await stream.next())).toEqual({
      kind: 'ADDED',
      uuid,
      state: 'CREATION_SCHEDULED',
      previousState: null,
      object: uuid,
      cursor: 'set',
    });
  });

  it('an object that the filter now matches', async () => {
    const { uuids, stream } = await watching([{ name: 'elsewhere' }]);
    const [uuid = ''] = uuids;
    await outside.change('snapshots', uuid, { name: live.name() });
    expect(await stream.next()).toMatchObject({ kind: 'ADDED', uuid, previousState: null });
  });

  it('an object whose state the filter now matches', async () => {
    const { uuids, stream } = await watching([{}], { state: ['ERRED'] });
    const [uuid = ''] = uuids;
    expect(stream.events.map(({ kind }) => kind)).toEqual(['RESET', 'BOOKMARK']);
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ kind: 'ADDED', uuid, state: 'ERRED', previousState: null });
  });
});

describe('STATE_CHANGED', () => {
  it('has the states before and after, and everything else that changed', async () => {
    const { uuids, stream } = await watching([{ runtime_state: 'available' }]);
    const [uuid = ''] = uuids;
    await outside.change('snapshots', uuid, { state: 'DELETING', runtime_state: 'deleting' });
    const event = await stream.next();
    expect(gist(event)).toEqual({
      kind: 'STATE_CHANGED',
      uuid,
      state: 'DELETING',
      previousState: 'OK',
      object: uuid,
      cursor: 'set',
    });
    expect(event.snapshot).toMatchObject({ state: 'DELETING', runtimeState: 'deleting' });
  });

  it('is sent whatever the document selects', async () => {
    const { uuids, stream } = await watching(
      [{}],
      {},
      {
        query: 'subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { kind } }',
      },
    );
    await outside.change('snapshots', uuids[0] ?? '', { state: 'ERRED' });
    expect(await stream.next()).toEqual({ kind: 'STATE_CHANGED' });
  });
});

describe('UPDATED', () => {
  it('when another selected field differs', async () => {
    const { uuids, stream } = await watching([{ runtime_state: 'available' }]);
    const [uuid = ''] = uuids;
    await outside.change('snapshots', uuid, { runtime_state: 'backing-up' });
    const event = await stream.next();
    expect(gist(event)).toEqual({
      kind: 'UPDATED',
      uuid,
      state: 'OK',
      previousState: 'OK',
      object: uuid,
      cursor: 'set',
    });
    expect(at(event.snapshot, 'runtimeState')).toBe('backing-up');
  });

  it('not when only a field that the document does not select differs', async () => {
    const query =
      'subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { kind snapshot { name description } } }';
    const { uuids, stream } = await watching([{}], {}, { query });
    const [uuid = ''] = uuids;
    await outside.change('snapshots', uuid, { metadata: { a: 1 }, runtime_state: 'error', error_message: 'odd' });
    await live.polls(4);
    await outside.change('snapshots', uuid, { description: 'now' });
    const events = await stream.until('UPDATED');
    expect(events.filter(({ kind }) => kind === 'UPDATED')).toMatchObject([{ snapshot: { description: 'now' } }]);
    expect(stream.errors).toEqual([]);
  });

  it('a relation that changes without changing the row is polled at its own interval', async () => {
    const query = `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) {
      kind snapshot { restorations { volume { name state } } } } }`;
    const { uuids, stream } = await watching([{}], {}, { query });
    await outside.add('volumes', { source_snapshot: uuids[0], name: 'from it', state: 'CREATING' });
    expect(await stream.next()).toEqual({
      kind: 'UPDATED',
      snapshot: { restorations: [{ volume: { name: 'from it', state: 'CREATING' } }] },
    });
  });

  it('case 46: an error that remains on an object that is OK again is returned as by Waldur', async () => {
    const query = `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) {
      kind snapshot { state displayStatus errorMessage errorTraceback } } }`;
    const { uuids, stream } = await watching(
      [{ state: 'ERRED', error_message: 'bad', error_traceback: 'Trace' }],
      {},
      { query },
    );
    await outside.change('snapshots', uuids[0] ?? '', { state: 'OK', error_message: '' });
    expect(await stream.next()).toEqual({
      kind: 'STATE_CHANGED',
      snapshot: { state: 'OK', displayStatus: 'Available', errorMessage: '', errorTraceback: 'Trace' },
    });
  });
});

describe('REMOVED', () => {
  it('without a current state when the object is deleted', async () => {
    const { uuids, stream } = await watching();
    const [uuid = ''] = uuids;
    await outside.drop('snapshots', uuid);
    expect(gist(await stream.next())).toEqual({
      kind: 'REMOVED',
      uuid,
      state: null,
      previousState: 'OK',
      object: null,
      cursor: 'set',
    });
  });

  it('with its current state when the filter no longer matches', async () => {
    const { uuids, stream } = await watching();
    const [uuid = ''] = uuids;
    await outside.change('snapshots', uuid, { name: 'elsewhere', state: 'ERRED' });
    expect(gist(await stream.next())).toMatchObject({ kind: 'REMOVED', uuid, state: 'ERRED', previousState: 'OK' });
  });

  it('with its current state when the filter on states no longer matches', async () => {
    const { uuids, stream } = await watching([{}], { state: ['OK'] });
    const [uuid = ''] = uuids;
    await outside.change('snapshots', uuid, { state: 'DELETING' });
    expect(gist(await stream.next())).toEqual({
      kind: 'REMOVED',
      uuid,
      state: 'DELETING',
      previousState: 'OK',
      object: null,
      cursor: 'set',
    });
  });

  it('case 45: unlinked, then restored by an overlapping PATCH: REMOVED, then ADDED with the last state', async () => {
    const { uuids, stream, add } = await watching();
    const [uuid = ''] = uuids;
    await outside.drop('snapshots', uuid);
    expect(await stream.next()).toMatchObject({ kind: 'REMOVED', uuid, state: null });
    await add({ uuid, state: 'UPDATE_SCHEDULED' });
    expect(await stream.next()).toMatchObject({ kind: 'ADDED', uuid, state: 'UPDATE_SCHEDULED' });
    await outside.change('snapshots', uuid, { state: 'OK' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', uuid, state: 'OK' });
  });

  it('case 45: a deletion that is lost to a PATCH leaves no object stuck', async () => {
    const { uuids, stream } = await watching();
    const [uuid = ''] = uuids;
    await outside.change('snapshots', uuid, { state: 'DELETION_SCHEDULED' });
    expect(await stream.next()).toMatchObject({ state: 'DELETION_SCHEDULED' });
    await outside.change('snapshots', uuid, { state: 'UPDATE_SCHEDULED', name: `${live.name()} again` });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'UPDATE_SCHEDULED' });
    await outside.change('snapshots', uuid, { state: 'OK' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'OK' });
  });
});

describe('other documents', () => {
  it('OneSnapshot', async () => {
    const uuid = await outside.add('snapshots', { name: live.name(), tenant: uuidOf.tenant('genome-tenant') });
    const stream = (await live.client()).subscribe(operation('OneSnapshot'), { uuid });
    await stream.until('BOOKMARK');
    await outside.change('snapshots', uuid, { state: 'ERRED', error_message: 'why' });
    expect(await stream.next()).toEqual({
      kind: 'STATE_CHANGED',
      cursor: expect.any(String),
      state: 'ERRED',
      previousState: 'OK',
      snapshot: { uuid, state: 'ERRED', errorMessage: 'why' },
    });
    await outside.drop('snapshots', uuid);
    expect(await stream.next()).toMatchObject({ kind: 'REMOVED', state: null, snapshot: null });
  });

  it('VolumeChanges', async () => {
    const name = live.name();
    const uuid = await outside.add('volumes', { name, tenant: uuidOf.tenant('genome-tenant') });
    const stream = (await live.client()).subscribe(operation('VolumeChanges'), { filter: { name } });
    await stream.until('BOOKMARK');
    expect(gist(stream.events[1] ?? { kind: '' })).toMatchObject({ kind: 'INITIAL', uuid, object: uuid });
    await outside.change('volumes', uuid, { state: 'UPDATING' });
    expect(gist(await stream.next())).toMatchObject({ kind: 'STATE_CHANGED', uuid, state: 'UPDATING', object: uuid });
    await outside.drop('volumes', uuid);
    expect(gist(await stream.next())).toMatchObject({ kind: 'REMOVED', uuid, object: null });
    expect(stream.errors).toEqual([]);
  });

  it('availableActions follow the state of each event', async () => {
    const query = `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) {
      kind snapshot { state availableActions { action allowed } } } }`;
    const { uuids, stream } = await watching([{}], {}, { query });
    expect(at(stream.events[1]?.snapshot, 'availableActions')).toContainEqual({ action: 'RESTORE', allowed: true });
    await outside.change('snapshots', uuids[0] ?? '', { state: 'DELETING' });
    const { snapshot } = await stream.next();
    expect(snapshot).toMatchObject({ state: 'DELETING' });
    expect(at(snapshot, 'availableActions')).toContainEqual({ action: 'RESTORE', allowed: false });
    expect(stream.errors).toEqual([]);
  });
});

describe('availableActions of a caller who is a member here and an admin there', () => {
  const query = `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) {
    kind snapshot { uuid availableActions { action allowed } } } }`;
  const [here, there] = ['Genome browser', 'Forecast'].map((name) => uuidOf.project(name));

  it.each([
    ['without a filter', {}],
    ['of the one project', { projectUuid: here }],
    ['of the other', { project: there }],
  ])('follow the project of each object, %s', async (_what, filter) => {
    const stream = (await live.client('multi')).subscribe({ query }, { filter });
    const initial = (await stream.until('BOOKMARK')).filter(({ kind }) => kind === 'INITIAL');
    expect(initial.length).toBeGreaterThan(0);
    for (const { snapshot } of initial) {
      const row = dataset.snapshots.find(({ uuid }) => uuid === at(snapshot, 'uuid'));
      if (row?.state !== 'OK') continue;
      const allowed = row.project_uuid === there;
      expect(at(snapshot, 'availableActions')).toContainEqual({ action: 'UPDATE', allowed });
    }
    expect(stream.errors).toEqual([]);
    // Every poll of this scope, whose filter is in the address.
    const scope = Object.values(filter).join();
    const polls = (await live.running().requests())
      .map(({ path }) => new URL(path, 'http://x'))
      .filter(({ pathname }) => pathname.endsWith('/openstack-snapshots/'))
      .map(({ searchParams }) => searchParams)
      .filter((query) => (query.get('project_uuid') ?? query.get('project') ?? '') === scope);
    const fields = polls.flatMap((query) => query.getAll('field'));
    expect(fields).toContain('backend_id');
    expect(fields.includes('project_uuid')).toBe(scope === '');
  });
});

describe('filters', () => {
  it.each([
    ['a uuid', { uuid: uuidOf.snapshot('rw-target') }, 1],
    ['an exact name', { nameExact: 'rw-target' }, 1],
    ['a source volume', { sourceVolumeUuid: uuidOf.volume('scratch') }, undefined],
    ['states', { state: ['ERRED'] }, undefined],
    ['a project', { projectUuid: uuidOf.project('Genome browser') }, 356],
    ['conditions that exclude each other', { nameExact: 'rw-target', state: ['ERRED'] }, 0],
  ])('%s: the INITIAL events are what the list of snapshots has', async (_name, filter, known) => {
    const { data } = await live
      .running()
      .query('query ($filter: SnapshotFilter) { snapshots(filter: $filter, first: 1000) { nodes { uuid } } }', {
        variables: { filter },
        as: 'admin1',
      });
    const listed = at(data, 'snapshots', 'nodes');
    const stream = (await live.client()).subscribe(DOCUMENT, { filter });
    const initial = (await stream.until('BOOKMARK')).filter(({ kind }) => kind === 'INITIAL');
    const uuids = (list: unknown) => (Array.isArray(list) ? list.map((row) => String(at(row, 'uuid'))).sort() : []);
    expect(initial.map(({ uuid }) => uuid).sort()).toEqual(uuids(listed));
    expect(initial.length).toBe(known ?? uuids(listed).length);
  });

  it('an invalid one is refused, not ignored', async () => {
    const stream = (await live.client()).subscribe(DOCUMENT, { filter: { uuid: '../users' } });
    expect(await stream.end()).toEqual({ type: 'error', codes: ['BAD_USER_INPUT'] });
  });
});
