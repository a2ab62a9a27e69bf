import type { Instance, Volume, VolumeChange } from '../../model.ts';
import { type Call, type Reply, refused, ServerFault } from '../exchange.ts';
import type { Sight } from '../visibility.ts';
import { integerField, readFields } from './fields.ts';
import { linkField } from './links.ts';
import { charge, typeQuota } from './quotas.ts';
import type { WriteRule } from './rule.ts';

/** Attach, detach, extend and retype of volumes (contract 2.2, 11.4). */

const GIB = 1024;
/** Sizes are 32-bit integers in the database. */
const LARGEST_SIZE = 2 ** 31 - 1;

const requireRuntimeState = ({ runtime_state }: Volume, wanted: string): void => {
  if (runtime_state !== wanted) throw refused(409, `Valid runtime states for operation: ${wanted}.`);
};

const refuseBootable = ({ bootable }: Volume): void => {
  if (bootable) throw refused(409, 'Volume cannot be bootable.');
};

const instanceOf = ({ instance_uuid }: Volume, { api: { world } }: Call): Instance | undefined =>
  instance_uuid === null ? undefined : world.tables.instances.get(instance_uuid);

function checkDetach(_call: Call, row: Volume): void {
  refuseBootable(row);
  if (row.instance_uuid === null) throw refused(409, 'Volume is not attached to an instance.');
  requireRuntimeState(row, 'in-use');
}

function checkExtend(call: Call, row: Volume): void {
  refuseBootable(row);
  const instance = instanceOf(row, call);
  if (instance === undefined) return;
  if (instance.state !== 'OK') throw refused(409, 'Volume instance should be in OK state.');
  if (instance.runtime_state !== 'SHUTOFF') throw refused(409, 'Volume instance should be in shutoff state.');
}

/** Changes the row in the request; the worker does the rest. */
function schedule({ api: { world, tasks } }: Call, row: Volume, action: VolumeChange, columns: Partial<Volume>): Reply {
  const label = `${action.charAt(0).toUpperCase()}${action.slice(1)}`;
  world.update(row, { action_details: {}, ...columns, state: 'UPDATE_SCHEDULED', action: label });
  world.touch(row);
  tasks.volumeChanged(row.uuid, action);
  return { status: 202, body: { status: `${action} was scheduled` } };
}

function attach(call: Call, row: Volume, sight: Sight): Reply {
  const { instances } = call.api.world.tables;
  const instance = linkField<Instance>(call, {
    place: 'openstack-instances',
    find: (uuid) => [instances.get(uuid)].find((found) => found !== undefined && sight.project(found.project_uuid)),
    check: (found) => refusalToAttach(row, found),
  });
  const values = readFields(call, { instance });
  const found = instances.get(String(values.instance));
  if (found === undefined) throw new ServerFault('the query dropped the instance');
  const message = `Attach volume to instance ${found.name}`;
  return schedule(call, row, 'attach', { instance_uuid: found.uuid, action_details: { message } });
}

function refusalToAttach(volume: Volume, instance: Instance): string | undefined {
  if (instance.state !== 'OK' || !['SHUTOFF', 'ACTIVE'].includes(instance.runtime_state)) {
    return 'Volume can be attached only to shutoff or active instance in OK state.';
  }
  const same =
    volume.project_uuid === instance.project_uuid && volume.service_settings_uuid === instance.service_settings_uuid;
  return same ? undefined : 'Volume and instance should belong to the same service and project.';
}

/** The body is not read. The instance stays until the worker has finished. */
function detach(call: Call, row: Volume): Reply {
  const message = `Detach volume from instance ${instanceOf(row, call)?.name ?? ''}`;
  return schedule(call, row, 'detach', { action_details: { message } });
}

/** Size and quotas change in the request. An instance that uses the volume is updated with it. */
function extend(call: Call, row: Volume): Reply {
  const { world } = call.api;
  const least = row.size + GIB;
  const check = (value: number): string | undefined =>
    value < least ? `Disk size should be greater or equal to ${least}` : undefined;
  const { disk_size } = readFields(call, { disk_size: integerField({ required: true, least: 1, check }) });
  const size = Number(disk_size);
  const added = size - row.size;
  // Unlike a restore, it does not change the usage of volumes_size (recorded).
  charge(call, row.tenant_uuid, { storage: added, ...typeQuota(call, row.type_uuid, added) });
  if (size > LARGEST_SIZE) throw new ServerFault('a value is too large for its column');
  const instance = instanceOf(row, call);
  if (instance !== undefined) {
    world.update(instance, { state: 'UPDATE_SCHEDULED', action: 'Extend volume' });
    world.touch(instance);
  }
  const details = { old_size: row.size, new_size: size };
  const message = `Extend volume from ${row.size} MB to ${size} MB`;
  return schedule(call, row, 'extend', { size, action_details: { message, ...details } });
}

function retype(call: Call, row: Volume): Reply {
  const { world } = call.api;
  const { volume_types } = world.tables;
  const type = linkField(call, {
    place: 'openstack-volume-types',
    find: (uuid) => volume_types.get(uuid),
    check: ({ tenant_uuids }) =>
      tenant_uuids.includes(row.tenant_uuid) ? undefined : 'Volume type is not visible in tenant.',
  });
  const type_uuid = String(readFields(call, { type }).type);
  const freed = Object.entries(typeQuota(call, row.type_uuid, -row.size));
  charge(call, row.tenant_uuid, typeQuota(call, type_uuid, row.size));
  world.addUsage(row.tenant_uuid, Object.fromEntries(freed));
  return schedule(call, row, 'retype', { type_uuid });
}

const common = { method: 'POST', states: ['OK'], needsBackendId: false, staffOnly: false } as const;

export const VOLUME_ACTIONS: Readonly<Record<string, WriteRule<Volume>>> = {
  attach: { ...common, checkRow: (_call, row) => requireRuntimeState(row, 'available'), handle: attach },
  detach: { ...common, checkRow: checkDetach, handle: detach },
  extend: { ...common, checkRow: checkExtend, handle: extend },
  retype: { ...common, checkRow: (_call, row) => requireRuntimeState(row, 'available'), handle: retype },
};
