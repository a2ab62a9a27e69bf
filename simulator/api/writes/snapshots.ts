import type { JsonObject, Restoration, Snapshot, Volume } from '../../model.ts';
import { type Call, type Reply, ServerFault } from '../exchange.ts';
import { renderSnapshot, renderVolume } from '../serialize.ts';
import { charField, checkWritable, dateTimeField, type Fields, jsonField, readFields } from './fields.ts';
import { charge, typeQuota } from './quotas.ts';
import type { WriteRule } from './rule.ts';

const SNAPSHOT_FIELDS: Fields = {
  name: charField({ required: true, maxLength: 150 }),
  description: charField({ allowBlank: true, maxLength: 2000 }),
  metadata: jsonField,
  kept_until: dateTimeField,
};

/** No length is checked here; the database does, and its refusal is a 500 (contract 2.3). */
const RESTORE_FIELDS: Fields = { name: charField({ required: true }), description: charField() };
const VOLUME_NAME_LENGTH = { '2024': 150, '2026': 255 };
const DESCRIPTION_LENGTH = 2000;

/** PUT and PATCH: the new values at once, then the cloud is told (contract 2.4). */
function update(call: Call, row: Snapshot, partial: boolean): Reply {
  const { world, tasks } = call.api;
  const values = readFields(call, SNAPSHOT_FIELDS, partial);
  checkWritable(values);
  const backend = changes(row, values, 'name') || changes(row, values, 'description');
  world.update(row, { ...values, state: 'UPDATE_SCHEDULED' });
  world.touch(row);
  tasks.resourceUpdated('snapshot', row.uuid, backend);
  return { status: 200, body: renderSnapshot(call, row) };
}

const changes = (row: Snapshot, values: JsonObject, name: 'name' | 'description'): boolean =>
  name in values && values[name] !== row[name];

/** Schedules a pull; an old error is forgotten in the request already (contract 2.6). */
export function pull(call: Call, kind: 'snapshot' | 'volume', row: Snapshot | Volume): Reply {
  const { world, tasks } = call.api;
  world.update(row, { state: 'UPDATE_SCHEDULED', action: 'Pull', action_details: {}, error_message: '' });
  world.touch(row);
  tasks.resourcePulled(kind, row.uuid);
  return { status: 202, body: { detail: 'Pull operation was successfully scheduled.' } };
}

function destroy({ api: { world, tasks } }: Call, row: Snapshot): Reply {
  const wasErred = row.state === 'ERRED';
  world.update(row, { state: 'DELETION_SCHEDULED', error_message: '' });
  world.touch(row);
  tasks.snapshotDeleted(row.uuid, wasErred);
  return { status: 202, body: { detail: 'Deletion was scheduled.' } };
}

/** A new volume, a record that links it to the snapshot; the snapshot itself stays as it is (contract 2.3). */
function restore(call: Call, row: Snapshot): Reply {
  const { world, tasks, generation } = call.api;
  const values = readFields(call, RESTORE_FIELDS);
  const name = String(values.name ?? '');
  const description = String(values.description ?? `Restored from snapshot ${row.name}`);
  // The row is written before the quotas are looked at.
  if ([...name].length > VOLUME_NAME_LENGTH[generation] || [...description].length > DESCRIPTION_LENGTH) {
    throw new ServerFault('a value is longer than its column');
  }
  const source = row.source_volume_uuid === null ? undefined : world.tables.volumes.get(row.source_volume_uuid);
  const type = source?.type_uuid ?? null;
  charge(call, row.tenant_uuid, {
    volumes: 1,
    volumes_size: row.size,
    storage: row.size,
    ...typeQuota(call, type, row.size),
  });
  const now = world.now();
  const volume: Volume = {
    uuid: world.newUuid(),
    seq: world.nextSeq(),
    name,
    description,
    state: 'CREATION_SCHEDULED',
    backend_id: null,
    error_message: '',
    error_traceback: '',
    created: now,
    modified: now,
    project_uuid: row.project_uuid,
    service_settings_uuid: row.service_settings_uuid,
    runtime_state: '',
    action: '',
    action_details: {},
    tenant_uuid: row.tenant_uuid,
    size: row.size,
    bootable: false,
    device: '',
    metadata: '',
    image_uuid: null,
    image_name: '',
    image_metadata: '',
    type_uuid: type,
    availability_zone_uuid: null,
    instance_uuid: null,
    source_snapshot_uuid: row.uuid,
  };
  world.insert('volumes', volume);
  const link: Restoration = {
    uuid: world.newUuid(),
    seq: world.nextSeq(),
    created: now,
    modified: now,
    snapshot_uuid: row.uuid,
    volume_uuid: volume.uuid,
  };
  world.insert('restorations', link);
  tasks.volumeRestored(volume.uuid);
  return { status: 201, body: renderVolume(call, volume) };
}

/** The values of a new snapshot. @throws HttpError 400 or 415 for an invalid body. */
export const readNewSnapshot = (call: Call): JsonObject => readFields(call, SNAPSHOT_FIELDS);

/** `POST volumes/{uuid}/snapshot/`: in whatever state the volume is (contract 2.2). */
export function createSnapshot(call: Call, source: Volume): Reply {
  const { world, tasks } = call.api;
  const values = readNewSnapshot(call);
  checkWritable(values);
  charge(call, source.tenant_uuid, { snapshots: 1, snapshots_size: source.size });
  const now = world.now();
  const snapshot: Snapshot = {
    uuid: world.newUuid(),
    seq: world.nextSeq(),
    // Dropped by a `field` in the query, and then empty.
    name: String(values.name ?? ''),
    description: String(values.description ?? ''),
    state: 'CREATION_SCHEDULED',
    backend_id: null,
    error_message: '',
    error_traceback: '',
    created: now,
    modified: now,
    project_uuid: source.project_uuid,
    service_settings_uuid: source.service_settings_uuid,
    runtime_state: '',
    action: '',
    action_details: {},
    tenant_uuid: source.tenant_uuid,
    size: source.size,
    metadata: values.metadata ?? '',
    kept_until: typeof values.kept_until === 'string' ? values.kept_until : null,
    source_volume_uuid: source.uuid,
    snapshot_schedule_uuid: null,
    backup_uuids: [],
  };
  world.insert('snapshots', snapshot);
  tasks.snapshotCreated(snapshot.uuid);
  return { status: 201, body: renderSnapshot(call, snapshot) };
}

/** Removes the row without a request to the cloud (contract 2.7). */
export function unlink({ api: { world } }: Call, kind: 'snapshot' | 'volume', row: Snapshot | Volume): Reply {
  world.remove(kind === 'snapshot' ? 'snapshots' : 'volumes', row.uuid);
  return { status: 204 };
}

export function setOk({ api: { world } }: Call, row: Snapshot | Volume): Reply {
  world.update(row, { state: 'OK', error_message: '', error_traceback: '' });
  world.touch(row);
  return { status: 200, body: { detail: 'Resource has been marked as OK.' } };
}

const ERRED_FIELDS: Fields = {
  error_message: charField({ allowBlank: true }),
  error_traceback: charField({ allowBlank: true }),
};

export function setErred(call: Call, row: Snapshot | Volume): Reply {
  const { world } = call.api;
  const { error_message = '', error_traceback = '' } = readFields(call, ERRED_FIELDS, true);
  world.update(row, { state: 'ERRED', error_message, error_traceback });
  world.touch(row);
  return { status: 200, body: { detail: 'Resource has been marked as ERRED.' } };
}

const anyone = { needsBackendId: false, staffOnly: false } as const;
const staff = { states: null, needsBackendId: false, staffOnly: true } as const;
const SETTLED = ['OK', 'ERRED'] as const;

/** When each write on a snapshot is accepted (contract 2.1). */
export const SNAPSHOT_WRITES: Readonly<Record<string, WriteRule<Snapshot>>> = {
  update: { method: 'PUT', states: ['OK'], ...anyone, handle: (call, row) => update(call, row, false) },
  partial_update: { method: 'PATCH', states: ['OK'], ...anyone, handle: (call, row) => update(call, row, true) },
  destroy: { method: 'DELETE', states: SETTLED, ...anyone, handle: destroy },
  pull: {
    method: 'POST',
    states: SETTLED,
    needsBackendId: true,
    staffOnly: false,
    handle: (call, row) => pull(call, 'snapshot', row),
  },
  restore: { method: 'POST', states: ['OK'], ...anyone, handle: restore },
  unlink: { method: 'POST', ...staff, handle: (call, row) => unlink(call, 'snapshot', row) },
  set_ok: { method: 'POST', ...staff, since2026: true, handle: setOk },
  set_erred: { method: 'POST', ...staff, since2026: true, handle: setErred },
};
