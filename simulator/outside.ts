import { randomUUID } from 'node:crypto';
import { readColumns, uuidIn } from './columns.ts';
import type { ControlContext } from './control-context.ts';
import { ControlError } from './faults.ts';
import type { Json, Snapshot, Tenant, Uuid, Volume } from './model.ts';
import type { Kind } from './worker/cloud.ts';
import type { World } from './world.ts';

/**
 * Changes of snapshots and volumes by others: another client, OpenStack or the database.
 * The rules of the API do not apply. Only values that cannot be stored are rejected.
 */

type Row = Snapshot | Volume;

function find(kind: Kind, id: string, world: World): Row {
  const uuid = uuidIn(id);
  const table = kind === 'snapshot' ? world.tables.snapshots : world.tables.volumes;
  const row = uuid === undefined ? undefined : table.get(uuid);
  if (row === undefined) throw new ControlError(404, `the ${kind} ${id} does not exist`);
  return row;
}

/** Changes a row. `modified` is updated unless it is given. A given state is kept until the next change. */
export function changeOutside(
  { world, worker, cloud }: ControlContext,
  kind: Kind,
  id: string,
  body: Record<string, unknown>,
): Row {
  const row = find(kind, id, world);
  const columns = readColumns(kind, body, world);
  world.update(row, columns);
  if (!('modified' in columns)) world.touch(row);
  if ('state' in columns) worker.pin(row.uuid);
  cloud.adopt(row);
  return row;
}

/**
 * Adds a row. Missing columns are copied from another row: from the given source volume of a snapshot or source snapshot of a
 * volume; otherwise from the oldest row of the same kind, in the given tenant or project if possible. This applies to
 * tenant, project, provider, size and the source volume of a snapshot. Other columns get defaults of a settled object. `uuid` may
 * be given, so that a deleted object can reappear.
 */
export function addOutside(context: ControlContext, kind: Kind, body: Record<string, unknown>): Row {
  const { world, worker, cloud } = context;
  const { uuid, ...fields } = body;
  const columns = readColumns(kind, fields, world);
  const model = modelFor(kind, columns, world);
  const tenant = world.tables.tenants.get(String(columns.tenant_uuid ?? model?.tenant_uuid));
  if (tenant === undefined) throw new ControlError(400, `tenant is required, because there is no other ${kind}`);
  const common = { ...atRest(tenant, world), uuid: newUuid(uuid, world), size: model?.size ?? 1024 };
  const row =
    kind === 'snapshot'
      ? addSnapshot(world, { ...common, ...sourceOf(model) }, columns)
      : addVolume(world, common, columns);
  if ('state' in columns) worker.pin(row.uuid);
  cloud.adopt(row);
  return row;
}

type Common = ReturnType<typeof atRest> & { uuid: Uuid; size: number };

function atRest(tenant: Tenant, world: World) {
  const now = world.now();
  const seq = world.nextSeq();
  return {
    seq,
    name: `made-outside-${seq}`,
    description: '',
    state: 'OK' as const,
    backend_id: randomUUID(),
    error_message: '',
    error_traceback: '',
    created: now,
    modified: now,
    project_uuid: tenant.project_uuid,
    service_settings_uuid: tenant.service_settings_uuid,
    tenant_uuid: tenant.uuid,
    runtime_state: 'available',
    action: '',
    action_details: {},
    metadata: {},
  };
}

const sourceOf = (model: Row | undefined): { source_volume_uuid: Uuid | null } => ({
  source_volume_uuid:
    model === undefined ? null : 'source_volume_uuid' in model ? model.source_volume_uuid : model.uuid,
});

function addSnapshot(
  world: World,
  common: Common & { source_volume_uuid: Uuid | null },
  columns: Record<string, Json>,
): Snapshot {
  const row: Snapshot = { ...common, kept_until: null, snapshot_schedule_uuid: null, backup_uuids: [], ...columns };
  world.events.write('creation_scheduled', row);
  world.insert('snapshots', row);
  world.addUsage(row.tenant_uuid, { snapshots: 1, snapshots_size: row.size });
  return row;
}

/** A volume with a source snapshot is a restored one, so it also gets a restoration. */
function addVolume(world: World, common: Common, columns: Record<string, Json>): Volume {
  const row: Volume = {
    ...common,
    bootable: false,
    device: '',
    image_uuid: null,
    image_name: '',
    image_metadata: '',
    type_uuid: null,
    availability_zone_uuid: null,
    instance_uuid: null,
    source_snapshot_uuid: null,
    ...columns,
  };
  world.events.write('creation_scheduled', row);
  world.insert('volumes', row);
  world.addUsage(row.tenant_uuid, { volumes: 1, volumes_size: row.size, storage: row.size });
  if (row.source_snapshot_uuid !== null) {
    world.insert('restorations', {
      uuid: world.newUuid(),
      seq: world.nextSeq(),
      created: row.created,
      modified: row.created,
      snapshot_uuid: row.source_snapshot_uuid,
      volume_uuid: row.uuid,
    });
  }
  return row;
}

function newUuid(wanted: unknown, world: World): Uuid {
  if (wanted === undefined) return world.newUuid();
  const uuid = uuidIn(wanted);
  if (uuid === undefined) throw new ControlError(400, 'uuid must be a UUID');
  if (world.tables.snapshots.has(uuid) || world.tables.volumes.has(uuid)) {
    throw new ControlError(409, `the object ${uuid} already exists`);
  }
  return uuid;
}

/** The row from which missing columns are copied. */
function modelFor(kind: Kind, columns: Record<string, Json>, world: World): Row | undefined {
  const { snapshots, volumes } = world.tables;
  const named =
    kind === 'snapshot'
      ? volumes.get(String(columns.source_volume_uuid))
      : snapshots.get(String(columns.source_snapshot_uuid));
  if (named !== undefined) return named;
  const rows: Iterable<Row> = kind === 'snapshot' ? snapshots.values() : volumes.values();
  let oldest: Row | undefined;
  for (const row of rows) {
    if (columns.tenant_uuid !== undefined && row.tenant_uuid !== columns.tenant_uuid) continue;
    if (columns.project_uuid !== undefined && row.project_uuid !== columns.project_uuid) continue;
    if (oldest === undefined || row.seq < oldest.seq) oldest = row;
  }
  return oldest;
}

/** Removes a row and its dependent rows, as unlink does. */
export function dropOutside({ world }: ControlContext, kind: Kind, id: string): { uuid: Uuid } {
  const row = find(kind, id, world);
  world.events.write('deletion_succeeded', row);
  for (const snapshot of world.snapshotsOf(row.uuid)) world.events.write('deletion_succeeded', snapshot);
  world.remove(kind === 'snapshot' ? 'snapshots' : 'volumes', row.uuid);
  return { uuid: row.uuid };
}
