import { describe, expect, it } from 'vitest';
import { DEFAULT_TUNING } from '../../src/live/index.ts';
import { at, uuidOf } from '../support/gateway.ts';
import { operation, useLive } from '../support/live.ts';

/** `restoreProgress`, and how soon the caller's own mutations are seen. */

const live = useLive();
const { outside } = live;
const target = uuidOf.snapshot('rw-target');
const tenant = uuidOf.tenant('genome-tenant');

/** Paces at which nothing but a nudge is seen within a test; the burst after a mutation is the default one. */
const HOUR = 3_600_000;
const SLOW = {
  hotMs: HOUR,
  warmMs: HOUR,
  idleMs: HOUR,
  relistMs: HOUR,
  relationsMs: HOUR,
  burstMs: DEFAULT_TUNING.burstMs,
  burstSlotMs: DEFAULT_TUNING.burstSlotMs,
};

async function mutate(name: string, input: Record<string, unknown>, fields: string, as = 'admin1', bench = live) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code message } } }`;
  const { data, errors } = await bench.running().query(document, { variables: { input }, as });
  expect([errors, at(data, name, 'userErrors')]).toEqual([undefined, []]);
  return at(data, name);
}
const restore = async () =>
  String(at(await mutate('restoreSnapshot', { uuid: target, name: live.name() }, 'volume { uuid }'), 'volume', 'uuid'));

describe('restoreProgress', () => {
  it('follows a restore from CREATION_SCHEDULED to OK, then completes', async () => {
    const volumeUuid = await restore();
    const stream = (await live.client()).subscribe(operation('RestoreProgress'), { volumeUuid });
    expect(await stream.next()).toEqual({
      kind: 'INITIAL',
      previousState: null,
      state: 'CREATION_SCHEDULED',
      isSettled: false,
      volume: {
        uuid: volumeUuid,
        name: live.name(),
        state: 'CREATION_SCHEDULED',
        runtimeState: expect.any(String),
        errorMessage: '',
      },
    });
    const { clock } = live.running().simulator;
    while (stream.ended === undefined) {
      clock.advance(1_000);
      await Promise.race([live.polls(1), stream.end()]);
    }
    expect(await stream.end()).toEqual({ type: 'complete' });
    expect(stream.events.at(-1)).toMatchObject({
      state: 'OK',
      isSettled: true,
      volume: { state: 'OK', runtimeState: 'available' },
    });
    const states = stream.events.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1]);
    expect(states).toEqual(['CREATION_SCHEDULED', 'CREATING', 'OK']);
    expect(stream.events.filter(({ isSettled }) => isSettled)).toHaveLength(1);
    expect(stream.errors).toEqual([]);
  });

  it('ends with ERRED when the restore fails', async () => {
    const { simulator } = live.running();
    const volumeUuid = await restore();
    const stream = (await live.client()).subscribe(operation('RestoreProgress'), { volumeUuid });
    await stream.next();
    await outside.change('volumes', volumeUuid, { state: 'ERRED' });
    expect(await stream.next()).toMatchObject({ kind: 'STATE_CHANGED', state: 'ERRED', isSettled: true });
    expect(await stream.end()).toEqual({ type: 'complete' });
    expect(simulator.world.tables.volumes.get(volumeUuid)?.state).toBe('ERRED');
  });

  it.each(['restored-1', 'restored-2c'])(
    'a restore that had settled before: one event, then the end (%s)',
    async (name) => {
      const volumeUuid = uuidOf.volume(name);
      const stream = (await live.client()).subscribe(operation('RestoreProgress'), { volumeUuid });
      expect(await stream.end()).toEqual({ type: 'complete' });
      expect(stream.events).toMatchObject([{ kind: 'INITIAL', isSettled: true, volume: { uuid: volumeUuid } }]);
    },
  );

  it('ends with REMOVED when the volume is deleted', async () => {
    const volumeUuid = await outside.add('volumes', { tenant, state: 'CREATING' });
    const stream = (await live.client()).subscribe(operation('RestoreProgress'), { volumeUuid });
    await stream.next();
    await outside.drop('volumes', volumeUuid);
    expect(await stream.next()).toMatchObject({ kind: 'REMOVED', state: null, isSettled: false, volume: null });
    expect(await stream.end()).toEqual({ type: 'complete' });
  });

  it.each([
    ['that does not exist', '0123456789abcdef'.repeat(2)],
    ["of somebody else's project", uuidOf.volume('sea-a')],
    ['that is a snapshot', target],
  ])('a volume %s: NOT_FOUND', async (_name, volumeUuid) => {
    const stream = (await live.client()).subscribe(operation('RestoreProgress'), { volumeUuid });
    expect(await stream.end()).toEqual({ type: 'error', codes: ['NOT_FOUND'] });
    expect(stream.events).toEqual([]);
  });

  it('a string that is not a uuid is refused without a call', async () => {
    const stream = (await live.client()).subscribe(operation('RestoreProgress'), { volumeUuid: 'x' });
    expect(await stream.end()).toEqual({ type: 'error', codes: ['BAD_USER_INPUT'] });
    expect(live.running().calls()).toBe(0);
  });
});

describe('subscriptions see mutations before the next poll', () => {
  /** Ticks and relists are far away here, so that only the nudge can be what tells. */
  const slow = useLive({}, { live: { ...SLOW } });
  const mutateThere = (name: string, input: Record<string, unknown>, fields: string, as = 'admin1') =>
    mutate(name, input, fields, as, slow);
  const watch = async (filter: Record<string, unknown>, document = 'SnapshotChanges') => {
    const stream = (await slow.client()).subscribe(operation(document), { filter });
    await stream.until('BOOKMARK');
    return stream;
  };
  const one = { uuid: target };

  it('restore: the new volume is ADDED, and followed until it settles', async () => {
    const stream = await watch({}, 'VolumeChanges');
    const payload = await mutateThere('restoreSnapshot', { uuid: target, name: slow.name() }, 'volume { uuid }');
    await stream.until('ADDED');
    const uuid = String(at(payload, 'volume', 'uuid'));
    expect(stream.events.at(-1)).toMatchObject({ kind: 'ADDED', uuid, state: 'CREATION_SCHEDULED' });
    const { clock, world } = slow.running().simulator;
    clock.advance(120_000);
    expect(world.tables.volumes.get(uuid)?.state).toBe('OK');
    await stream.until((event) => event.uuid === uuid && event.state === 'OK');
  });

  it('restore: subscribers of the snapshot see its restoration', async () => {
    const query = `subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) {
      kind snapshot { restorations { volume { name } } } } }`;
    const stream = (await slow.client()).subscribe({ query }, { filter: one });
    await stream.until('BOOKMARK');
    await mutateThere('restoreSnapshot', { uuid: target, name: slow.name() }, 'volume { uuid }');
    await stream.until('UPDATED');
    expect(stream.events.at(-1)?.snapshot).toEqual({ restorations: [{ volume: { name: slow.name() } }] });
  });

  it.each([
    ['pullSnapshot', 'bulk-001', {}, 'snapshot { uuid }', 'UPDATE_SCHEDULED'],
    ['updateSnapshot', 'bulk-002', { description: 'new' }, 'snapshot { uuid }', 'UPDATE_SCHEDULED'],
    ['replaceSnapshot', 'bulk-003', { name: 'another' }, 'snapshot { uuid }', 'UPDATE_SCHEDULED'],
    ['deleteSnapshot', 'bulk-004', {}, 'scheduled', 'DELETION_SCHEDULED'],
  ])('%s', async (name, snapshot, input, fields, state) => {
    const uuid = uuidOf.snapshot(snapshot);
    const inList = await watch({ projectUuid: uuidOf.project('Genome browser') });
    const alone = await watch({ uuid });
    await mutateThere(name, { uuid, ...input }, fields);
    await Promise.all([inList, alone].map((stream) => stream.until('STATE_CHANGED')));
    for (const { events } of [inList, alone]) {
      expect(events.at(-1)).toMatchObject({ uuid, previousState: 'OK', state });
    }
  });

  it.each([
    ['attachVolume', 'scratch-zoned', { instanceUuid: uuidOf.instance('db-server') }],
    ['detachVolume', 'web-data', {}],
    ['extendVolume', 'scratch-typed', { size: 4096 }],
  ])('%s', async (name, volume, input) => {
    const uuid = uuidOf.volume(volume);
    const inList = await watch({ projectUuid: uuidOf.project('Genome browser') }, 'VolumeChanges');
    const alone = await watch({ uuid }, 'VolumeChanges');
    await mutateThere(name, { uuid, ...input }, 'scheduled');
    await Promise.all([inList, alone].map((stream) => stream.until('STATE_CHANGED')));
    for (const { events } of [inList, alone]) {
      expect(events.at(-1)).toMatchObject({ uuid, previousState: 'OK', state: 'UPDATE_SCHEDULED' });
    }
  });

  it('unlinkSnapshot', async () => {
    const stream = (await slow.client('staff')).subscribe(operation('SnapshotChanges'), {
      filter: { nameExact: 'rw-target' },
    });
    await stream.until('BOOKMARK');
    await mutateThere('unlinkSnapshot', one, 'unlinkedUuid', 'staff');
    await stream.until('REMOVED');
    expect(stream.events.at(-1)).toMatchObject({ uuid: target, state: null });
  });

  it('createSnapshot', async () => {
    const [all, filtered] = [await watch({}), await watch({ name: slow.name() })];
    const input = { volumeUuid: uuidOf.volume('db-data'), name: slow.name() };
    const payload = await mutateThere('createSnapshot', input, 'snapshot { uuid }');
    await Promise.all([all, filtered].map((stream) => stream.until('ADDED')));
    const uuid = at(payload, 'snapshot', 'uuid');
    for (const { events } of [all, filtered])
      expect(events.at(-1)).toMatchObject({ uuid, state: 'CREATION_SCHEDULED' });
  });

  it("streams of other callers are not affected: a colleague sees the change by the colleague's own polls", async () => {
    const stream = (await slow.client('manager1')).subscribe(operation('SnapshotChanges'), { filter: one });
    await stream.until('BOOKMARK');
    slow.running().simulator.resetStats();
    await mutateThere('pullSnapshot', one, 'snapshot { uuid }');
    expect(slow.running().calls()).toBe(1);
    expect(stream.events.map(({ kind }) => kind)).toEqual(['RESET', 'INITIAL', 'BOOKMARK']);
  });
});
