import { createHash } from 'node:crypto';
import type { components } from '../../src/waldur/rest.generated.ts';
import { seeded } from '../lib/statistics.ts';

/**
 * The project that every server is asked about: 100 snapshots of 20 volumes, each snapshot restored once or twice, so 170 volumes in
 * all. Rows are whole, as Waldur renders them.
 */
export type SnapshotRow = components['schemas']['Snapshot'];
export type VolumeRow = components['schemas']['Volume'];
type RestorationRow = components['schemas']['Restoration'];
type ResourceRow = components['schemas']['Resource'];

export const SNAPSHOTS = 100;
export const SOURCE_VOLUMES = 20;

const HOST = 'https://waldur.example.org';
const hex = (name: string): string => createHash('md5').update(name).digest('hex');
const addressOf = (path: string, uuid: string): string => `${HOST}/api/${path}/${uuid}/`;

const random = seeded(20_251_203);
const pick = <T>(...values: T[]): T => values[Math.floor(random() * values.length)] as T;
const begin = Date.UTC(2025, 11, 3, 9, 14, 7);
/** Microseconds are there, as Django prints them. */
const time = (minutes: number): string =>
  new Date(begin + minutes * 60_000)
    .toISOString()
    .replace('000Z', `${String(Math.floor(random() * 1e6)).padStart(6, '0')}Z`);

const PROJECT = hex('project');
const CUSTOMER = hex('customer');
const SETTINGS = hex('settings');
const TENANT = hex('tenant');

function resource(uuid: string, name: string, minutes: number) {
  const state = random() < 0.04 ? 'ERRED' : 'OK';
  const backend = hex(`${uuid} in OpenStack`);
  return {
    uuid,
    name,
    description: pick(
      '',
      '',
      'Made by the nightly job',
      `Before the upgrade of ${name}, keep until it has been checked`,
    ),
    service_name: 'Tartu OpenStack',
    service_settings: addressOf('service-settings', SETTINGS),
    service_settings_uuid: SETTINGS,
    service_settings_state: 'OK',
    service_settings_error_message: '',
    project: addressOf('projects', PROJECT),
    project_name: 'Genome browser',
    project_uuid: PROJECT,
    customer: addressOf('customers', CUSTOMER),
    customer_uuid: CUSTOMER,
    customer_name: 'Institute of Biology',
    customer_native_name: 'Bioloogia instituut',
    customer_abbreviation: 'IB',
    error_message: state === 'ERRED' ? 'Volume is busy (HTTP 409)' : '',
    error_traceback: '',
    state,
    created: time(minutes),
    modified: time(minutes + 1),
    backend_id: backend.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    access_url: null,
    metadata: pick<object>({}, { origin: 'nightly', run: String(Math.floor(random() * 1e4)) }),
    runtime_state: state === 'ERRED' ? 'error' : 'available',
    action: '',
    action_details: {},
  } satisfies Partial<ResourceRow>;
}

function volume(uuid: string, name: string, minutes: number, size: number, source: string | null): VolumeRow {
  const instance = source === null ? hex(`instance of ${uuid}`) : undefined;
  return {
    url: addressOf('openstack-volumes', uuid),
    ...resource(uuid, name, minutes),
    resource_type: 'OpenStack.Volume',
    source_snapshot: source,
    size,
    bootable: false,
    image: null,
    image_metadata: '',
    image_name: '',
    type: addressOf('openstack-volume-types', hex('ssd')),
    type_name: 'ssd',
    availability_zone: null,
    device: instance ? '/dev/vdb' : '',
    instance: instance ? addressOf('openstack-instances', instance) : null,
    ...(instance && { instance_name: `${name}-server`, instance_marketplace_uuid: hex(`resource of ${instance}`) }),
    tenant: addressOf('openstack-tenants', TENANT),
    tenant_uuid: TENANT,
    extend_enabled: true,
    marketplace_offering_uuid: hex('offering'),
    marketplace_offering_name: 'Volume in genome-tenant',
    marketplace_offering_plugin_options: {},
    marketplace_category_uuid: hex('category'),
    marketplace_category_name: 'Volumes',
    marketplace_resource_uuid: hex(`resource of ${uuid}`),
    marketplace_plan_uuid: null,
    marketplace_resource_state: 'OK',
    is_usage_based: false,
    is_limit_based: false,
  };
}

function restored(snapshot: SnapshotRow, index: number, minutes: number): [RestorationRow, VolumeRow] {
  const uuid = hex(`volume ${index} of ${snapshot.uuid}`);
  const made = volume(uuid, `${snapshot.name}-restored-${index + 1}`, minutes, snapshot.size, snapshot.url);
  return [
    {
      uuid: hex(`restoration ${index} of ${snapshot.uuid}`),
      created: time(minutes),
      volume: made.url,
      volume_name: made.name,
      volume_state: made.state,
      volume_runtime_state: made.runtime_state,
      volume_size: made.size,
      volume_device: '',
    },
    made,
  ];
}

function snapshot(index: number, source: VolumeRow): SnapshotRow {
  const uuid = hex(`snapshot ${index}`);
  return {
    url: addressOf('openstack-snapshots', uuid),
    ...resource(uuid, `${source.name}-${String(index).padStart(3, '0')}`, 60 * 24 * index),
    resource_type: 'OpenStack.Snapshot',
    source_volume: source.url,
    size: source.size,
    source_volume_name: source.name,
    source_volume_marketplace_uuid: source.marketplace_resource_uuid,
    restorations: [],
    kept_until: pick(null, time(60 * 24 * (index + 365))),
    marketplace_offering_uuid: null,
    marketplace_offering_name: null,
    marketplace_offering_plugin_options: null,
    marketplace_category_uuid: null,
    marketplace_category_name: null,
    marketplace_resource_uuid: null,
    marketplace_plan_uuid: null,
    marketplace_resource_state: null,
    is_usage_based: null,
    is_limit_based: null,
    backups: [],
  };
}

export const volumes: VolumeRow[] = Array.from({ length: SOURCE_VOLUMES }, (_, index) =>
  volume(
    hex(`volume ${index}`),
    `${pick('db', 'web', 'search', 'mail')}-data-${index}`,
    index,
    1024 * (10 + index),
    null,
  ),
);

export const snapshots: SnapshotRow[] = Array.from({ length: SNAPSHOTS }, (_, index) => {
  const row = snapshot(index, volumes[index % SOURCE_VOLUMES] as VolumeRow);
  for (let time = 0; time < 1 + (index % 2); time++) {
    const [restoration, made] = restored(row, time, 60 * 24 * index + 600 * (time + 1));
    row.restorations.push(restoration);
    volumes.push(made);
  }
  return row;
});
// 100 snapshots with 1 and 2 restorations in turn: 150 restored volumes after the 20 sources.

/** What `GET /users/me/` answers. */
export const me = {
  url: addressOf('users', hex('user')),
  uuid: hex('user'),
  username: 'alice',
  full_name: 'Alice Lebowski',
  email: 'alice@example.org',
  token: '0'.repeat(40),
  permissions: [],
};
