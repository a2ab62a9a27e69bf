import type { Json, JsonObject, Project, Resource, Restoration, RuntimeResource, Snapshot, Volume } from '../model.ts';
import type { Call } from './exchange.ts';
import { labelOf } from './labels.ts';
import { marketplaceUuid } from './marketplace.ts';
import { repr } from './python.ts';

/** Serialisers of objects, one entry per field. Fields are rendered only on request. The key of an undefined value is omitted. */
export type Renderer<Row> = (row: Row, call: Call) => Json | undefined;
export type Renderers<Row> = Readonly<Record<string, Renderer<Row>>>;

export const urlOf = ({ origin, suffix }: Call, place: string, uuid: string): string =>
  `${origin}/api/${place}/${uuid}${suffix}`;

const link =
  <Row>(place: string, uuid: (row: Row) => string | null): Renderer<Row> =>
  (row, call) => {
    const found = uuid(row);
    return found === null ? null : urlOf(call, place, found);
  };

const projectOf = (row: Resource, { api }: Call): Project => {
  const project = api.world.tables.projects.get(row.project_uuid);
  if (project === undefined) throw new Error(`there is no project ${row.project_uuid}`);
  return project;
};
const customerOf = (row: Resource, call: Call) => {
  const { customer_uuid } = projectOf(row, call);
  const customer = call.api.world.tables.customers.get(customer_uuid);
  if (customer === undefined) throw new Error(`there is no customer ${customer_uuid}`);
  return customer;
};
const settingsOf = (row: Resource, { api }: Call) => {
  const settings = api.world.tables.service_settings.get(row.service_settings_uuid);
  if (settings === undefined) throw new Error(`there are no service settings ${row.service_settings_uuid}`);
  return settings;
};

export const resource = (place: string, type: string): Renderers<RuntimeResource & { metadata?: Json }> => ({
  url: (row, call) => urlOf(call, place, row.uuid),
  uuid: (row) => row.uuid,
  name: (row) => row.name,
  description: (row) => row.description,
  service_name: (row, call) => settingsOf(row, call).name,
  service_settings: link('service-settings', (row) => row.service_settings_uuid),
  service_settings_uuid: (row) => row.service_settings_uuid,
  service_settings_state: (row, call) => labelOf(settingsOf(row, call).state, call.api.generation),
  service_settings_error_message: (row, call) => settingsOf(row, call).error_message,
  project: link('projects', (row) => row.project_uuid),
  project_name: (row, call) => projectOf(row, call).name,
  project_uuid: (row) => row.project_uuid,
  customer: (row, call) => urlOf(call, 'customers', customerOf(row, call).uuid),
  customer_name: (row, call) => customerOf(row, call).name,
  customer_native_name: (row, call) => customerOf(row, call).native_name,
  customer_abbreviation: (row, call) => customerOf(row, call).abbreviation,
  error_message: (row) => row.error_message,
  error_traceback: (row) => row.error_traceback,
  resource_type: () => type,
  state: (row, call) => labelOf(row.state, call.api.generation),
  created: (row) => row.created,
  modified: (row) => row.modified,
  backend_id: (row) => row.backend_id,
  access_url: () => null,
  metadata: (row) => row.metadata ?? '',
  runtime_state: (row) => row.runtime_state,
  action: (row) => row.action,
  action_details: (row) => row.action_details,
  marketplace_offering_uuid: () => null,
  marketplace_offering_name: () => null,
  marketplace_offering_plugin_options: () => null,
  marketplace_category_uuid: () => null,
  marketplace_category_name: () => null,
  marketplace_resource_uuid: () => null,
  marketplace_plan_uuid: () => null,
  marketplace_resource_state: () => null,
  is_usage_based: () => null,
  is_limit_based: () => null,
});

/** Fields that only newer versions have (contract 4.5). */
const resource2026: Renderers<Resource> = {
  customer_uuid: (row, call) => customerOf(row, call).uuid,
  marketplace_offering_type: () => null,
};

export const RESTORATION: Renderers<Restoration> = {
  uuid: (row) => row.uuid,
  created: (row) => row.created,
  volume: link('openstack-volumes', (row) => row.volume_uuid),
  volume_name: (row, call) => volumeOf(row, call)?.name,
  volume_state: (row, call) => {
    const volume = volumeOf(row, call);
    return volume && labelOf(volume.state, call.api.generation);
  },
  volume_runtime_state: (row, call) => volumeOf(row, call)?.runtime_state,
  volume_size: (row, call) => volumeOf(row, call)?.size,
  volume_device: (row, call) => volumeOf(row, call)?.device,
};

const volumeOf = (row: Restoration, { api }: Call): Volume | undefined => api.world.tables.volumes.get(row.volume_uuid);

/** The restorations of a snapshot, oldest first. */
export function restorationsOf(row: Snapshot, call: Call): JsonObject[] {
  const { restorations } = call.api.world.tables;
  return [...call.api.world.restorationsOf(row.uuid)].flatMap((uuid) => {
    const restoration = restorations.get(uuid);
    return restoration === undefined ? [] : [render(RESTORATION, Object.keys(RESTORATION), restoration, call)];
  });
}

const snapshot: Renderers<Snapshot> = {
  ...resource('openstack-snapshots', 'OpenStack.Snapshot'),
  source_volume: link('openstack-volumes', (row) => row.source_volume_uuid),
  source_volume_name: (row, { api }) =>
    row.source_volume_uuid === null ? undefined : api.world.tables.volumes.get(row.source_volume_uuid)?.name,
  source_volume_marketplace_uuid: (row) => (row.source_volume_uuid === null ? undefined : null),
  size: (row) => row.size,
  restorations: restorationsOf,
  kept_until: (row) => row.kept_until,
};

const volume: Renderers<Volume> = {
  ...resource('openstack-volumes', 'OpenStack.Volume'),
  source_snapshot: link('openstack-snapshots', (row) => row.source_snapshot_uuid),
  size: (row) => row.size,
  bootable: (row) => row.bootable,
  image: link('openstack-images', (row) => row.image_uuid),
  image_metadata: (row) => (typeof row.image_metadata === 'string' ? row.image_metadata : repr(row.image_metadata)),
  image_name: (row) => row.image_name,
  type: link('openstack-volume-types', (row) => row.type_uuid),
  type_name: (row, { api }) => nameIn(api.world.tables.volume_types, row.type_uuid),
  availability_zone: link('openstack-volume-availability-zones', (row) => row.availability_zone_uuid),
  availability_zone_name: (row, { api }) =>
    nameIn(api.world.tables.volume_availability_zones, row.availability_zone_uuid),
  device: (row) => row.device,
  instance: link('openstack-instances', (row) => row.instance_uuid),
  instance_name: (row, { api }) => nameIn(api.world.tables.instances, row.instance_uuid),
  instance_marketplace_uuid: (row) => (row.instance_uuid === null ? undefined : null),
  tenant: link('openstack-tenants', (row) => row.tenant_uuid),
  tenant_uuid: (row) => row.tenant_uuid,
};

const nameIn = (table: ReadonlyMap<string, { name: string }>, uuid: string | null): string | undefined =>
  uuid === null ? undefined : table.get(uuid)?.name;

/** Every field of each generation. */
export const SNAPSHOT = {
  '2024': {
    ...snapshot,
    snapshot_schedule: link<Snapshot>('openstack-snapshot-schedules', (row) => row.snapshot_schedule_uuid),
    snapshot_schedule_uuid: ((row) => row.snapshot_schedule_uuid ?? undefined) satisfies Renderer<Snapshot>,
  },
  '2026': {
    ...snapshot,
    ...resource2026,
    source_volume_marketplace_uuid: ((row) =>
      row.source_volume_uuid === null
        ? undefined
        : marketplaceUuid(row.source_volume_uuid)) satisfies Renderer<Snapshot>,
    backups: ((row, { api }) =>
      row.backup_uuids.map((uuid) => ({
        uuid,
        name: api.world.tables.backups.get(uuid)?.name ?? '',
      }))) satisfies Renderer<Snapshot>,
  },
} satisfies Record<string, Renderers<Snapshot>>;

export const VOLUME = {
  '2024': volume,
  '2026': {
    ...volume,
    ...resource2026,
    extend_enabled: () => true,
    instance_marketplace_uuid: ((row) =>
      row.instance_uuid === null ? undefined : marketplaceUuid(row.instance_uuid)) satisfies Renderer<Volume>,
    marketplace_resource_uuid: ((row) => marketplaceUuid(row.uuid)) satisfies Renderer<Volume>,
  },
} satisfies Record<string, Renderers<Volume>>;

/** Names asked for by `field` that the object has; all of them when none is known (contract 3.3). */
export function askedFields<Row>(renderers: Renderers<Row>, call: Pick<Call, 'query'>): readonly string[] {
  const asked = new Set(call.query.flatMap(([name, value]) => (name === 'field' ? [value] : [])));
  const known = Object.keys(renderers).filter((name) => asked.has(name));
  return known.length === 0 ? Object.keys(renderers) : known;
}

export function render<Row>(renderers: Renderers<Row>, fields: readonly string[], row: Row, call: Call): JsonObject {
  const object: JsonObject = {};
  for (const field of fields) {
    const value = renderers[field]?.(row, call);
    if (value !== undefined) object[field] = value;
  }
  return object;
}

/** A snapshot in the response to a write. */
export const renderSnapshot = (call: Call, row: Snapshot): JsonObject =>
  render<Snapshot>(
    SNAPSHOT[call.api.generation],
    askedFields<Snapshot>(SNAPSHOT[call.api.generation], call),
    row,
    call,
  );

/** A volume in the response to a write. */
export const renderVolume = (call: Call, row: Volume): JsonObject =>
  render<Volume>(VOLUME[call.api.generation], askedFields<Volume>(VOLUME[call.api.generation], call), row, call);
