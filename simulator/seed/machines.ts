import type { Instance, Project, Snapshot, Tenant, Volume } from '../model.ts';
import { DATA_SIZES, FREE_VOLUMES, MACHINES } from './names.ts';
import { hyphenated } from './random.ts';
import { type Builder, DAY, stampAt } from './rows.ts';

interface VolumePlan {
  name: string;
  gib: number;
  type: string;
  instance: Instance | undefined;
  /** Position among the disks of its instance; the first one is bootable. */
  position: number;
}

/** Makes a tenant's instances with their disks, and the volumes that are attached to nothing. Returns its volumes. */
export function addMachines(
  builder: Builder,
  project: Project,
  tenant: Tenant,
  { instances, freeVolumes }: { instances: number; freeVolumes: number },
): Volume[] {
  const volumes: Volume[] = [];
  for (let n = 0; n < instances; n++) {
    const machine = MACHINES[n % MACHINES.length] ?? { name: 'vm', data: [] };
    const number = Math.floor(n / MACHINES.length) + 1;
    const instance = addInstance(builder, project, tenant, `${machine.name}-${number}`);
    machine.data.forEach((name, i) => {
      const gib = builder.random.pick(DATA_SIZES);
      const type = machine.name === 'db' ? 'nvme' : 'ssd';
      volumes.push(
        addVolume(builder, project, tenant, { name: `${name}-${number}`, gib, type, instance, position: i + 1 }),
      );
    });
    volumes.push(
      addVolume(builder, project, tenant, {
        name: `${instance.name}-system`,
        gib: 20,
        type: 'ssd',
        instance,
        position: 0,
      }),
    );
  }
  for (let n = 0; n < freeVolumes; n++) {
    const name = `${FREE_VOLUMES[n % FREE_VOLUMES.length]}${n < FREE_VOLUMES.length ? '' : `-${Math.floor(n / FREE_VOLUMES.length) + 1}`}`;
    volumes.push(
      addVolume(builder, project, tenant, {
        name,
        gib: builder.random.pick(DATA_SIZES),
        type: 'hdd',
        instance: undefined,
        position: 0,
      }),
    );
  }
  return volumes;
}

function addInstance({ rows, random, now }: Builder, project: Project, tenant: Tenant, name: string): Instance {
  const created = now - random.int(200, 700) * DAY;
  const stopped = random.chance(0.15);
  const instance: Instance = {
    uuid: random.uuid(),
    seq: rows.instances.length + 1,
    name,
    description: '',
    state: 'OK',
    backend_id: hyphenated(random.uuid()),
    error_message: '',
    error_traceback: '',
    created: stampAt(created, random),
    modified: stampAt(created + DAY, random),
    project_uuid: project.uuid,
    service_settings_uuid: tenant.service_settings_uuid,
    runtime_state: stopped ? 'SHUTOFF' : 'ACTIVE',
    action: '',
    action_details: {},
    tenant_uuid: tenant.uuid,
    ram: random.pick([2048, 4096, 8192, 16384]),
    cores: random.pick([1, 2, 4, 8]),
  };
  rows.instances.push(instance);
  return instance;
}

function addVolume(builder: Builder, project: Project, tenant: Tenant, plan: VolumePlan): Volume {
  const { rows, random, now } = builder;
  const { instance, position } = plan;
  const created = now - random.int(150, 199) * DAY;
  const boots = instance !== undefined && position === 0;
  const image = boots ? rows.images.find((one) => one.settings_uuid === tenant.service_settings_uuid) : undefined;
  const ofTenant = <T extends { settings_uuid: string }>(list: readonly T[]): T[] =>
    list.filter((one) => one.settings_uuid === tenant.service_settings_uuid);
  const volume: Volume = {
    uuid: random.uuid(),
    seq: rows.volumes.length + 1,
    name: plan.name,
    description: boots ? `System disk of ${instance.name}` : '',
    state: 'OK',
    backend_id: hyphenated(random.uuid()),
    error_message: '',
    error_traceback: '',
    created: stampAt(created, random),
    modified: stampAt(created + DAY, random),
    project_uuid: project.uuid,
    service_settings_uuid: tenant.service_settings_uuid,
    runtime_state: instance === undefined ? 'available' : 'in-use',
    action: '',
    action_details: {},
    tenant_uuid: tenant.uuid,
    size: plan.gib * 1024,
    bootable: boots,
    device: instance === undefined ? '' : `/dev/vd${'abcdef'[position] ?? 'z'}`,
    metadata: instance === undefined ? {} : { attached_mode: 'rw' },
    image_uuid: image?.uuid ?? null,
    image_name: image?.name ?? '',
    image_metadata:
      image === undefined
        ? ''
        : { image_id: image.backend_id, min_disk: String(image.min_disk / 1024), disk_format: 'raw' },
    type_uuid: ofTenant(rows.volume_types).find((type) => type.name === plan.type)?.uuid ?? null,
    availability_zone_uuid:
      rows.volume_availability_zones.find((zone) => zone.tenant_uuid === tenant.uuid)?.uuid ?? null,
    instance_uuid: instance?.uuid ?? null,
    source_snapshot_uuid: null,
  };
  rows.volumes.push(volume);
  return volume;
}

/** Restores a snapshot into a new volume, as it was some days ago; `changes`: when it did not go well or is not over. */
export function addRestoration(
  { rows, random, now }: Builder,
  snapshot: Snapshot,
  name: string,
  changes: Partial<Volume> = {},
): void {
  const source = rows.volumes.find((volume) => volume.uuid === snapshot.source_volume_uuid);
  const restored = now - random.int(1_800_000, 6_000_000);
  const volume: Volume = {
    uuid: random.uuid(),
    seq: rows.volumes.length + 1,
    name,
    description: `Restored from snapshot ${snapshot.name}`,
    state: 'OK',
    backend_id: hyphenated(random.uuid()),
    error_message: '',
    error_traceback: '',
    created: stampAt(restored, random),
    modified: stampAt(restored + 34_000, random),
    project_uuid: snapshot.project_uuid,
    service_settings_uuid: snapshot.service_settings_uuid,
    runtime_state: 'available',
    action: '',
    action_details: {},
    tenant_uuid: snapshot.tenant_uuid,
    size: snapshot.size,
    bootable: false,
    device: '',
    metadata: {},
    image_uuid: null,
    image_name: '',
    image_metadata: '',
    type_uuid: source?.type_uuid ?? null,
    availability_zone_uuid: null,
    instance_uuid: null,
    source_snapshot_uuid: snapshot.uuid,
    ...changes,
  };
  rows.volumes.push(volume);
  rows.restorations.push({
    uuid: random.uuid(),
    seq: rows.restorations.length + 1,
    created: volume.created,
    modified: volume.created,
    snapshot_uuid: snapshot.uuid,
    volume_uuid: volume.uuid,
  });
}
