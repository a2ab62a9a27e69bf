import type { Json, Row, Tables, Volume } from '../model.ts';
import { type Call, type Reply, refused } from './exchange.ts';
import { labelOf } from './labels.ts';
import { paginate } from './paging.ts';
import { askedFields, type Renderers, render, urlOf, VOLUME } from './serialize.ts';
import { compareText } from './text.ts';
import { readUuid } from './uuid.ts';
import type { Sight } from './visibility.ts';

/** Related objects of snapshots and volumes, as far as clients look them up. */

interface Place<R extends Row> {
  readonly table: keyof Tables;
  /** In `No ... matches the given query.` */
  readonly title: string;
  readonly sees: (row: R, sight: Sight) => boolean;
  readonly fields: Renderers<R>;
  /** True for what the cloud alone makes: listed by provider, and `field` is not understood. */
  readonly ofProvider?: true;
}

interface Named extends Row {
  name: string;
  project_uuid?: string;
  customer_uuid?: string;
  settings_uuid?: string;
  [column: string]: unknown;
}

const basic = (place: string): Renderers<Named> => ({
  url: (row, call) => urlOf(call, place, row.uuid),
  uuid: (row) => row.uuid,
  name: (row) => row.name,
});
const ofProject = (row: Named, sight: Sight): boolean => sight.project(row.project_uuid ?? '');
const everybody = (): boolean => true;
const settingsUrl = (row: Named, call: Call): string => urlOf(call, 'service-settings', row.settings_uuid ?? '');
const textColumn = (name: string) => (row: Named) => (typeof row[name] === 'string' ? row[name] : '');

/**
 * The server takes the names of quotas from a Python set, whose order is another in each of its processes and means nothing. Two of
 * them can be seen in the recordings; which one answered followed from what had been written before.
 */
const QUOTA_ORDER = [
  {
    after: ['snapshot', 'extend', 'retype', 'PUT', 'PATCH', 'DELETE'],
    names: [
      'gigabytes_sea-ssd',
      'volumes_size',
      'snapshots',
      'gigabytes_ssd',
      'snapshots_size',
      'gigabytes_hdd',
      'volumes',
      'gigabytes_nvme',
      'storage',
    ],
  },
  {
    names: [
      'volumes',
      'gigabytes_sea-ssd',
      'gigabytes_hdd',
      'gigabytes_nvme',
      'storage',
      'snapshots_size',
      'volumes_size',
      'snapshots',
      'gigabytes_ssd',
    ],
  },
] as const;

/** Tenants show a limit of 0 as -1, and only limits that were stored or quotas that are used (contract 6.2). */
function quotas(row: Named, { api: { world } }: Call): Json {
  const { quota_limit_rows: limits, quota_usages: usages } = row as unknown as Record<string, Record<string, number>>;
  const names = new Set([...Object.keys(limits ?? {}), ...Object.keys(usages ?? {})]);
  const order: readonly string[] =
    QUOTA_ORDER[QUOTA_ORDER[0].after.some((write) => write === world.lastWrite) ? 0 : 1].names;
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...names]
    .sort((a, b) => rank(a) - rank(b))
    .map((name) => ({ name, usage: usages?.[name] ?? 0, limit: limits?.[name] || -1 }));
}

/** The database lists the volumes of an instance in the order in which they were written last. */
const volumesOf = (row: Named, call: Call): Json =>
  [...call.api.world.tables.volumes.values()]
    .filter((volume) => volume.instance_uuid === row.uuid)
    .toSorted((a, b) => compareText(a.modified, b.modified))
    .map((volume) => render<Volume>(VOLUME[call.api.generation], VOLUME_OF_INSTANCE, volume, call));

const VOLUME_OF_INSTANCE = [
  'url',
  'uuid',
  'name',
  'image_name',
  'state',
  'bootable',
  'size',
  'device',
  'resource_type',
  'type',
  'type_name',
  'marketplace_resource_uuid',
];

const PLACES: Readonly<Record<string, Place<Named>>> = {
  'openstack-tenants': {
    table: 'tenants',
    title: 'Tenant',
    sees: ofProject,
    fields: {
      ...basic('openstack-tenants'),
      description: textColumn('description'),
      state: (row, { api }) => labelOf(row.state as never, api.generation),
      created: textColumn('created'),
      modified: textColumn('modified'),
      backend_id: textColumn('backend_id'),
      error_message: textColumn('error_message'),
      resource_type: () => 'OpenStack.Tenant',
      project_uuid: (row) => row.project_uuid,
      service_settings_uuid: textColumn('service_settings_uuid'),
      quotas,
    },
  },
  projects: {
    table: 'projects',
    title: 'Project',
    sees: (row, sight) => sight.project(row.uuid),
    fields: {
      ...basic('projects'),
      description: textColumn('description'),
      created: textColumn('created'),
      customer: (row, call) => urlOf(call, 'customers', row.customer_uuid ?? ''),
      customer_uuid: (row) => row.customer_uuid,
    },
  },
  customers: {
    table: 'customers',
    title: 'Customer',
    sees: (row, sight) => sight.customer(row.uuid),
    fields: {
      ...basic('customers'),
      native_name: textColumn('native_name'),
      abbreviation: textColumn('abbreviation'),
      created: textColumn('created'),
    },
  },
  'service-settings': {
    table: 'service_settings',
    title: 'ServiceSettings',
    sees: everybody,
    fields: {
      ...basic('service-settings'),
      type: textColumn('type'),
      state: (row, { api }) => labelOf(row.state as never, api.generation),
      error_message: textColumn('error_message'),
      shared: (row) => row.shared === true,
      customer: () => null,
      terms_of_services: () => '',
      scope: () => null,
      options: () => ({ token: null }),
    },
  },
  'openstack-volume-types': {
    table: 'volume_types',
    title: 'VolumeType',
    sees: everybody,
    ofProvider: true,
    fields: {
      ...basic('openstack-volume-types'),
      description: textColumn('description'),
      settings: settingsUrl,
    },
  },
  'openstack-images': {
    table: 'images',
    title: 'Image',
    sees: (_row, sight) => sight.anything(),
    ofProvider: true,
    fields: {
      ...basic('openstack-images'),
      min_disk: (row) => Number(row.min_disk),
      min_ram: () => 0,
      settings: settingsUrl,
    },
  },
  'openstack-volume-availability-zones': {
    table: 'volume_availability_zones',
    title: 'VolumeAvailabilityZone',
    sees: everybody,
    ofProvider: true,
    fields: {
      ...basic('openstack-volume-availability-zones'),
      settings: settingsUrl,
      available: (row) => row.available === true,
    },
  },
  'openstack-instances': {
    table: 'instances',
    title: 'Instance',
    sees: ofProject,
    fields: {
      ...basic('openstack-instances'),
      state: (row, { api }) => labelOf(row.state as never, api.generation),
      runtime_state: textColumn('runtime_state'),
      action: textColumn('action'),
      action_details: (row) => row.action_details as Json,
      modified: textColumn('modified'),
      volumes: volumesOf,
    },
  },
  'openstack-backups': {
    table: 'backups',
    title: 'Backup',
    sees: ofProject,
    fields: {
      ...basic('openstack-backups'),
      state: (row, { api }) => labelOf(row.state as never, api.generation),
    },
  },
  'openstack-snapshot-schedules': {
    table: 'snapshot_schedules',
    title: 'SnapshotSchedule',
    sees: ofProject,
    fields: basic('openstack-snapshot-schedules'),
  },
};

const placeOf = (place: string): Place<Named> => {
  const found = Object.hasOwn(PLACES, place) ? PLACES[place] : undefined;
  if (found === undefined) throw refused(404, 'Not found.');
  return found;
};

const rowsOf = ({ table }: Place<Named>, { api }: Call): Map<string, Named> =>
  api.world.tables[table] as unknown as Map<string, Named>;

export function relatedList(place: string, call: Call, sight: Sight): Reply {
  const found = placeOf(place);
  const tenant = call.query.findLast(([name]) => name === 'tenant_uuid')?.[1];
  const rows = [...rowsOf(found, call).values()].filter((row) => found.sees(row, sight) && isOf(row, tenant));
  const provider = ({ settings_uuid: uuid = '' }: Named): string =>
    found.ofProvider ? (call.api.world.tables.service_settings.get(uuid)?.name ?? '') : '';
  // Providers alone are listed in the order of their creation.
  const sorted =
    place === 'service-settings'
      ? rows
      : rows.toSorted((a, b) => compareText(provider(a), provider(b)) || compareText(a.name, b.name));
  const page = paginate(sorted, call, `/api/${place}/`);
  const fields = fieldsOf(found, call);
  return { status: 200, body: page.rows.map((row) => render(found.fields, fields, row, call)), headers: page.headers };
}

const isOf = (row: Named, tenant: string | undefined): boolean =>
  tenant === undefined ||
  row.tenant_uuid === readUuid(tenant) ||
  (Array.isArray(row.tenant_uuids) && row.tenant_uuids.includes(readUuid(tenant)));

export function relatedDetail(place: string, id: string, call: Call, sight: Sight): Reply {
  const found = placeOf(place);
  const row = rowsOf(found, call).get(readUuid(id) ?? '');
  if (row === undefined || !found.sees(row, sight)) {
    throw refused(404, `No ${found.title} matches the given query.`);
  }
  return { status: 200, body: render(found.fields, fieldsOf(found, call), row, call) };
}

const fieldsOf = ({ fields, ofProvider }: Place<Named>, call: Call): readonly string[] =>
  ofProvider ? Object.keys(fields) : askedFields(fields, call);
