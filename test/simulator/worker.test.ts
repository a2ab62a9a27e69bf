import { describe, expect, it } from 'vitest';
import { Clock } from '../../simulator/clock.ts';
import type { Generation, Instance, Snapshot, Volume } from '../../simulator/model.ts';
import { madeUpWorld } from '../../simulator/seed/made-up.ts';
import { Random } from '../../simulator/seed/random.ts';
import { Cloud, CloudError } from '../../simulator/worker/cloud.ts';
import { Worker } from '../../simulator/worker/worker.ts';
import { World } from '../../simulator/world.ts';

const START = Date.parse('2026-11-23T12:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A made-up world whose clock only the test moves; nothing is under way. */
function stage({ generation = '2026', resume = false }: { generation?: Generation; resume?: boolean } = {}) {
  const clock = new Clock({ start: START, frozen: true });
  const world = new World(clock);
  world.load(madeUpWorld({ seed: 1, snapshots: 500, now: START }));
  const cloud = new Cloud(clock, new Random(1));
  const tasks: string[] = [];
  const worker = new Worker({ world, clock, cloud, generation, onTask: (name) => tasks.push(name) });
  worker.start({ resume });
  const snapshots = [...world.tables.snapshots.values()];
  const atRest = snapshots.filter(
    (row) => row.state === 'OK' && row.source_volume_uuid !== null && row.kept_until === null,
  );
  return { clock, world, cloud, worker, tasks, atRest };
}

type Stage = ReturnType<typeof stage>;

function first({ atRest }: Stage): Snapshot {
  const [row] = atRest;
  if (row === undefined) throw new Error('no snapshot at rest');
  return row;
}

/** Puts a row in a state and remembers each state that it shows, with the second at which it began. */
function follow({ clock }: Stage, row: Snapshot | Volume, seconds: number): string[] {
  const seen: string[] = [];
  let last = '';
  for (let second = 0; second <= seconds; second++) {
    const now = `${row.state}${row.runtime_state === '' ? '' : `/${row.runtime_state}`}`;
    if (now !== last) seen.push(`${second} ${now}`);
    last = now;
    clock.advance(SECOND);
  }
  return seen;
}

function newSnapshot({ world }: Stage, like: Snapshot): Snapshot {
  const now = world.now();
  const row: Snapshot = {
    ...like,
    uuid: world.newUuid(),
    seq: world.nextSeq(),
    state: 'CREATION_SCHEDULED',
    backend_id: null,
    runtime_state: '',
    metadata: '',
    created: now,
    modified: now,
  };
  world.insert('snapshots', row);
  return row;
}

function newVolume(on: Stage): Volume {
  const source = on.world.tables.volumes.get(first(on).source_volume_uuid ?? '');
  if (source === undefined) throw new Error('no source volume');
  const now = on.world.now();
  const row: Volume = {
    ...source,
    uuid: on.world.newUuid(),
    seq: on.world.nextSeq(),
    state: 'CREATION_SCHEDULED',
    backend_id: null,
    runtime_state: '',
    bootable: false,
    instance_uuid: null,
    device: '',
    created: now,
    modified: now,
  };
  on.world.insert('volumes', row);
  return row;
}

describe('timelines', () => {
  it('creates a snapshot in some twelve seconds', () => {
    const on = stage();
    const row = newSnapshot(on, first(on));
    on.worker.snapshotCreated(row.uuid);
    expect(follow(on, row, 20)).toEqual([
      '0 CREATION_SCHEDULED',
      '2 CREATING/creating',
      '12 CREATING/available',
      '13 OK/available',
    ]);
    expect(row.backend_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  it('restores a volume in some 34 seconds', () => {
    const on = stage();
    const row = newVolume(on);
    on.worker.volumeRestored(row.uuid);
    expect(follow(on, row, 40)).toEqual([
      '0 CREATION_SCHEDULED',
      '2 CREATING/creating',
      '32 CREATING/available',
      '34 OK/available',
    ]);
    expect(row).toMatchObject({ bootable: false, metadata: {} });
  });

  it('creates at most five at a time for one provider and polls every five seconds', () => {
    const on = stage();
    on.cloud.pace = { ...on.cloud.pace, snapshot: HOUR };
    const rows = Array.from({ length: 7 }, () => newSnapshot(on, first(on)));
    // What the made-up world has under way itself would count.
    for (const row of on.world.tables.snapshots.values()) {
      if (row.state === 'CREATING') row.state = 'OK';
    }
    for (const row of rows) on.worker.snapshotCreated(row.uuid);
    const creating = () => rows.filter((row) => row.state === 'CREATING').length;
    on.clock.advance(10 * MINUTE);
    expect(creating()).toBe(5);
    const [done] = rows;
    on.cloud.settle(done?.backend_id ?? '', 'available', 0);
    on.clock.advance(10 * SECOND);
    expect(creating()).toBe(5);
    expect(rows.filter((row) => row.state === 'OK')).toHaveLength(1);
  });

  it('gives up when the cloud never finishes', () => {
    const on = stage();
    on.cloud.pace = { snapshot: 100 * HOUR, volume: 100 * HOUR, change: 4_000, deletion: 100 * HOUR };
    const [snapshot, volume] = [newSnapshot(on, first(on)), newVolume(on)];
    const [deleted, forced] = on.atRest.slice(1, 3) as [Snapshot, Snapshot];
    for (const row of [deleted, forced]) row.state = 'DELETION_SCHEDULED';
    on.worker.snapshotCreated(snapshot.uuid);
    on.worker.volumeRestored(volume.uuid);
    on.worker.snapshotDeleted(deleted.uuid, false);
    on.worker.snapshotDeleted(forced.uuid, true);
    // 600 checks of a deletion and 1200 polls of a creation, every five seconds.
    on.clock.advance(49 * MINUTE);
    expect(deleted.state).toBe('DELETING');
    on.clock.advance(2 * MINUTE);
    expect(deleted).toMatchObject({ state: 'ERRED', error_message: expect.stringContaining('too many retries') });
    expect(on.world.tables.snapshots.has(forced.uuid)).toBe(false);
    on.clock.advance(48 * MINUTE);
    expect([snapshot.state, volume.state]).toEqual(['CREATING', 'CREATING']);
    on.clock.advance(2 * MINUTE);
    expect(snapshot).toMatchObject({ state: 'ERRED', error_message: expect.stringContaining('too many retries') });
    expect(volume).toMatchObject({ state: 'ERRED', error_message: '' });
  });

  it('removes a snapshot from the quotas when the cloud has accepted the deletion', () => {
    const on = stage();
    const row = first(on);
    const tenant = on.world.tables.tenants.get(row.tenant_uuid);
    const before = { ...tenant?.quota_usages };
    row.state = 'DELETION_SCHEDULED';
    on.worker.snapshotDeleted(row.uuid, false);
    on.clock.advance(1_999);
    expect(tenant?.quota_usages).toEqual(before);
    on.clock.advance(1);
    expect(row.state).toBe('DELETING');
    expect(tenant?.quota_usages).toMatchObject({
      snapshots: Number(before.snapshots) - 1,
      snapshots_size: Number(before.snapshots_size) - row.size,
    });
  });

  it('pulls the state of the cloud, and clears a source volume that no longer exists', () => {
    const on = stage();
    const row = first(on);
    const object = on.cloud.get(row.backend_id);
    Object.assign(object ?? {}, { name: 'new name', size: 2048, metadata: { a: '1' }, sourceVolume: 'f'.repeat(32) });
    row.metadata = { written: 'in Waldur only' };
    row.state = 'UPDATE_SCHEDULED';
    on.worker.resourcePulled('snapshot', row.uuid);
    on.clock.advance(5 * SECOND);
    expect(row).toMatchObject({
      state: 'OK',
      name: 'new name',
      size: 2048,
      metadata: { a: '1' },
      source_volume_uuid: null,
    });
  });

  it('does not touch an object that was changed or removed by others', () => {
    const on = stage();
    const [taken, removed] = on.atRest as [Snapshot, Snapshot];
    for (const row of [taken, removed]) {
      row.state = 'UPDATE_SCHEDULED';
      on.worker.resourceUpdated('snapshot', row.uuid, true);
      expect(on.worker.isBusy(row.uuid)).toBe(true);
    }
    taken.state = 'DELETING';
    on.world.remove('snapshots', removed.uuid);
    expect(on.worker.isBusy(removed.uuid)).toBe(false);
    on.clock.advance(10 * SECOND);
    expect(taken.state).toBe('DELETING');
    expect(on.worker.isBusy(taken.uuid)).toBe(false);
  });

  it('advances `modified` with every change, never backwards', () => {
    const on = stage();
    const row = newSnapshot(on, first(on));
    on.worker.snapshotCreated(row.uuid);
    const times = [Date.parse(row.modified)];
    for (let n = 0; n < 40; n++) {
      on.clock.advance(500);
      if (Date.parse(row.modified) !== times.at(-1)) times.push(Date.parse(row.modified));
    }
    expect(times.map((time) => time - START)).toEqual([0, 2_000, 12_000, 12_500]);
  });
});

describe('periodic jobs', () => {
  it('settle the generated data, except for objects in error states', () => {
    const on = stage({ resume: true });
    const moving = [...on.world.tables.snapshots.values(), ...on.world.tables.volumes.values()].filter(
      ({ state }) => state !== 'OK' && state !== 'ERRED',
    );
    expect(moving.length).toBeGreaterThan(5);
    on.clock.advance(15 * SECOND);
    const states = (): string[] =>
      [...on.world.tables.snapshots.values(), ...on.world.tables.volumes.values()].map(({ state }) => state);
    expect(
      states().some((state) => state !== 'OK' && state !== 'ERRED'),
      'not all at once',
    ).toBe(true);
    on.clock.advance(2 * HOUR);
    expect(new Set(states())).toEqual(new Set(['OK', 'ERRED']));
  });

  it('touch every settled object each hour', () => {
    const on = stage();
    const row = first(on);
    const before = { ...row };
    on.clock.advance(HOUR - 1);
    expect(row).toEqual(before);
    on.clock.advance(1);
    expect(row).toEqual({ ...before, modified: row.modified });
    expect(row.modified > before.modified).toBe(true);
  });

  it('delete objects past their date', () => {
    const on = stage();
    const [expired, kept] = on.atRest as [Snapshot, Snapshot];
    expired.kept_until = new Date(START + 5 * MINUTE).toISOString();
    kept.kept_until = new Date(START + HOUR).toISOString();
    on.clock.advance(10 * MINUTE);
    expect([expired.state, kept.state]).toEqual(['DELETION_SCHEDULED', 'OK']);
    on.clock.advance(MINUTE);
    expect(on.world.tables.snapshots.has(expired.uuid)).toBe(false);
  });

  it('release objects that are stuck in UPDATING, but not those in progress', () => {
    const on = stage();
    const [stuck, waiting] = on.atRest as [Snapshot, Snapshot];
    Object.assign(stuck, { state: 'UPDATING', action: 'Pull' });
    on.clock.advance(10 * MINUTE - 3 * SECOND);
    waiting.state = 'UPDATE_SCHEDULED';
    on.worker.resourceUpdated('snapshot', waiting.uuid, false);
    on.clock.advance(2 * SECOND);
    expect(waiting.state).toBe('UPDATING');
    on.worker.runJob('resetUpdating');
    expect(stuck).toMatchObject({ state: 'OK', action: '' });
    expect(waiting.state).toBe('UPDATING');
  });

  it('give up only creations without progress for three hours', () => {
    const on = stage();
    const [stuck, fresh] = on.atRest as [Snapshot, Snapshot];
    Object.assign(stuck, { state: 'CREATING', modified: new Date(START - 2 * HOUR).toISOString() });
    Object.assign(fresh, { state: 'CREATION_SCHEDULED', modified: new Date(START).toISOString() });
    on.clock.advance(HOUR);
    expect(stuck).toMatchObject({ state: 'ERRED', error_message: 'Provisioning has timed out.' });
    expect(fresh.state).toBe('CREATION_SCHEDULED');
  });

  it('end expired roles once a day', () => {
    const on = stage();
    const role = [...on.world.tables.users.values()].flatMap(({ roles }) => roles)[0];
    if (role === undefined) throw new Error('no role');
    role.expiration_time = new Date(START + HOUR).toISOString();
    on.clock.advance(23 * HOUR);
    expect(role.is_active).toBe(true);
    on.clock.advance(HOUR);
    expect(role.is_active).toBe(false);
  });
});

describe('changes of volumes', () => {
  /** A volume that is attached to an instance, with that instance. */
  function attached({ world }: Stage): { volume: Volume; instance: Instance } {
    for (const volume of world.tables.volumes.values()) {
      const instance = world.tables.instances.get(volume.instance_uuid ?? '');
      if (instance !== undefined && !volume.bootable && volume.state === 'OK') return { volume, instance };
    }
    throw new Error('no attached volume');
  }

  it('a volume is attached at a device that no other volume of the instance has', () => {
    const on = stage();
    const { volume, instance } = attached(on);
    const free = [...on.world.tables.volumes.values()].find((row) => row.instance_uuid === null && row.state === 'OK');
    if (free === undefined) throw new Error('no free volume');
    Object.assign(free, { state: 'UPDATE_SCHEDULED', action: 'Attach', instance_uuid: instance.uuid });
    on.worker.volumeChanged(free.uuid, 'attach');
    expect(follow(on, free, 15)).toEqual([
      '0 UPDATE_SCHEDULED/available',
      '2 UPDATING/available',
      '7 UPDATING/in-use',
      '8 OK/in-use',
    ]);
    expect(free).toMatchObject({
      instance_uuid: instance.uuid,
      action: '',
      device: expect.stringMatching(/^\/dev\/vd/),
    });
    expect(free.device).not.toBe(volume.device);
  });

  it('an attached volume comes back to its device after an extension, and its instance is OK again', () => {
    const on = stage();
    const { volume, instance } = attached(on);
    const { device } = volume;
    Object.assign(volume, { state: 'UPDATE_SCHEDULED', action: 'Extend', size: volume.size + 1024 });
    instance.state = 'UPDATE_SCHEDULED';
    on.worker.volumeChanged(volume.uuid, 'extend');
    on.clock.advance(5 * SECOND);
    expect([volume.instance_uuid, instance.state]).toEqual([null, 'UPDATING']);
    on.clock.advance(25 * SECOND);
    expect(volume).toMatchObject({ state: 'OK', instance_uuid: instance.uuid, device, runtime_state: 'in-use' });
    expect(instance).toMatchObject({ state: 'OK', action: '' });
  });

  it('an extension that the cloud refuses leaves the volume and its instance ERRED with the reason', () => {
    const on = stage();
    const { volume, instance } = attached(on);
    on.cloud.fail('extend_volume', new CloudError(413, 'Too large'));
    volume.state = 'UPDATE_SCHEDULED';
    on.worker.volumeChanged(volume.uuid, 'extend');
    on.clock.advance(20 * SECOND);
    for (const row of [volume, instance]) {
      expect(row).toMatchObject({ state: 'ERRED', error_message: "ClientException(413, 'Too large')" });
    }
  });

  it('a change of a volume that the cloud does not have fails', () => {
    const on = stage();
    const { volume } = attached(on);
    on.cloud.drop(volume.backend_id ?? '');
    volume.state = 'UPDATE_SCHEDULED';
    on.worker.volumeChanged(volume.uuid, 'detach');
    on.clock.advance(5 * SECOND);
    expect(volume).toMatchObject({ state: 'ERRED', error_message: 'Volume could not be found. (HTTP 404)' });
  });
});

describe('pull of 2024', () => {
  it('fails for snapshots and works for volumes', () => {
    const on = stage({ generation: '2024' });
    const row = first(on);
    const volume = on.world.tables.volumes.get(row.source_volume_uuid ?? '');
    if (volume === undefined) throw new Error('no volume');
    for (const one of [row, volume]) one.state = 'UPDATE_SCHEDULED';
    on.worker.resourcePulled('snapshot', row.uuid);
    on.worker.resourcePulled('volume', volume.uuid);
    on.clock.advance(5 * SECOND);
    expect(row).toMatchObject({ state: 'ERRED', error_message: "'str' object has no attribute 'tenant'" });
    expect(volume.state).toBe('OK');
  });

  it("is refused with the cloud's message when the cloud fails", () => {
    const on = stage();
    const row = first(on);
    on.cloud.fail('pull_snapshot', new CloudError(503, 'Try again "later"'), { uuid: row.uuid });
    row.state = 'UPDATE_SCHEDULED';
    on.worker.resourcePulled('snapshot', row.uuid);
    on.clock.advance(5 * SECOND);
    expect(row.error_message).toBe('ClientException(503, \'Try again "later"\')');
    expect(row.error_traceback).toMatch(/^Traceback[\s\S]*OpenStackBackendError: Try again "later" \(HTTP 503\)\n$/);
  });
});
