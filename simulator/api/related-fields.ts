import type {
  AvailabilityZone,
  Customer,
  Image,
  Instance,
  Json,
  Project,
  Row,
  RuntimeResource,
  ServiceSettings,
  Tenant,
  VolumeType,
} from '../model.ts';
import type { Call } from './exchange.ts';
import { labelOf } from './labels.ts';
import { marketplaceUuid } from './marketplace.ts';
import { type Renderers, resource, urlOf } from './serialize.ts';
import { compareText } from './text.ts';

/** The fields of objects beside snapshots and volumes. Constants are what a Waldur without a marketplace shows. */

interface Named extends Row {
  name: string;
}

export const basic = (place: string): Renderers<Named> => ({
  url: (row, call) => urlOf(call, place, row.uuid),
  uuid: (row) => row.uuid,
  name: (row) => row.name,
});

/** Fields that have the same value in every object. */
const same = (values: Readonly<Record<string, Json>>): Renderers<unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, () => value]));

/** The fields of a resource without some of them. */
const without = <R>(renderers: Renderers<R>, ...names: readonly string[]): Renderers<R> =>
  Object.fromEntries(Object.entries(renderers).filter(([name]) => !names.includes(name)));

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
function quotas({ quota_limit_rows: limits, quota_usages: usages }: Tenant, { api: { world } }: Call): Json {
  const names = new Set([...Object.keys(limits), ...Object.keys(usages)]);
  const order: readonly string[] =
    QUOTA_ORDER[QUOTA_ORDER[0].after.some((write) => write === world.lastWrite) ? 0 : 1].names;
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...names]
    .sort((a, b) => rank(a) - rank(b))
    .map((name) => ({ name, usage: usages[name] ?? 0, limit: limits[name] || -1 }));
}

/** What a resource has to show that snapshots and volumes have and others have not. */
const plain = (place: string, type: string): Renderers<RuntimeResource> =>
  without(resource(place, type), 'access_url', 'metadata', 'runtime_state', 'action', 'action_details');

export const TENANT: Renderers<Tenant> = {
  ...plain('openstack-tenants', 'OpenStack.Tenant'),
  ...same({
    availability_zone: '',
    internal_network_id: '',
    external_network_id: '',
    default_volume_type_name: '',
  }),
  quotas,
};

export const INSTANCE: Renderers<Instance> = {
  ...without(resource('openstack-instances', 'OpenStack.Instance'), 'metadata'),
  ...same({
    start_time: null,
    disk: 0,
    min_ram: 0,
    min_disk: 0,
    user_data: '',
    external_ips: [],
    internal_ips: [],
    latitude: null,
    longitude: null,
    key_name: '',
    key_fingerprint: '',
    image_name: '',
    flavor_disk: 0,
    flavor_name: '',
    security_groups: [],
    server_group: null,
    floating_ips: [],
    ports: [],
    availability_zone: null,
    connect_directly_to_external_network: false,
    rancher_cluster: null,
    offering_external_ips: null,
  }),
  hypervisor_hostname: (_row, { user }) => (user.is_staff ? '' : undefined),
  cores: (row) => row.cores,
  ram: (row) => row.ram,
  volumes: (row, call) => volumesOf(row, call),
  tenant: (row, call) => urlOf(call, 'openstack-tenants', row.tenant_uuid),
  tenant_uuid: (row) => row.tenant_uuid,
  marketplace_resource_uuid: (row, { api }) => (api.generation === '2024' ? null : marketplaceUuid(row.uuid)),
};

/** The database lists the volumes of an instance in the order in which they were written last. */
function volumesOf(row: Instance, call: Call): Json {
  const { volumes, volume_types: types } = call.api.world.tables;
  return [...volumes.values()]
    .filter(({ instance_uuid }) => instance_uuid === row.uuid)
    .toSorted((a, b) => compareText(a.modified, b.modified))
    .map((volume) => {
      const type = types.get(volume.type_uuid ?? '');
      return {
        url: urlOf(call, 'openstack-volumes', volume.uuid),
        uuid: volume.uuid,
        name: volume.name,
        image_name: volume.image_name,
        state: labelOf(volume.state, call.api.generation),
        bootable: volume.bootable,
        size: volume.size,
        device: volume.device,
        resource_type: 'OpenStack.Volume',
        type: type === undefined ? null : urlOf(call, 'openstack-volume-types', type.uuid),
        ...(type !== undefined && { type_name: type.name }),
        marketplace_resource_uuid: call.api.generation === '2024' ? null : marketplaceUuid(volume.uuid),
      };
    });
}

const customerOf = (row: Project, { api }: Call): Customer | undefined =>
  api.world.tables.customers.get(row.customer_uuid);

export const PROJECT: Renderers<Project> = {
  ...basic('projects'),
  slug: (row) => `p${row.seq}`,
  customer: (row, call) => urlOf(call, 'customers', row.customer_uuid),
  customer_uuid: (row) => row.customer_uuid,
  customer_name: (row, call) => customerOf(row, call)?.name,
  customer_slug: (row, call) => `c${customerOf(row, call)?.seq}`,
  customer_native_name: (row, call) => customerOf(row, call)?.native_name,
  customer_abbreviation: (row, call) => customerOf(row, call)?.abbreviation,
  description: (row) => row.description,
  created: (row) => row.created,
  ...same({
    type: null,
    backend_id: '',
    start_date: null,
    end_date: null,
    end_date_requested_by: null,
    oecd_fos_2007_code: null,
    oecd_fos_2007_label: null,
    is_industry: false,
    image: null,
    resources_count: 0,
    billing_price_estimate: { total: 0, current: 0, tax: 0, tax_current: 0 },
    marketplace_resource_count: {},
  }),
};

const projectsOf = (row: Customer, { api }: Call): Project[] =>
  [...api.world.tables.projects.values()].filter(({ customer_uuid }) => customer_uuid === row.uuid);

/** Users with a role on the customer or one of its projects. */
function usersOf(row: Customer, call: Call): number {
  const scopes = new Set([row.uuid, ...projectsOf(row, call).map(({ uuid }) => uuid)]);
  const users = [...call.api.world.tables.users.values()];
  return users.filter(({ roles }) => roles.some((role) => role.is_active && scopes.has(role.scope_uuid))).length;
}

export const CUSTOMER: Renderers<Customer> = {
  ...basic('customers'),
  native_name: (row) => row.native_name,
  abbreviation: (row) => row.abbreviation,
  created: (row) => row.created,
  slug: (row) => `c${row.seq}`,
  display_name: (row) => row.abbreviation || row.name,
  projects: (row, call) =>
    projectsOf(row, call).map((project) => ({
      url: urlOf(call, 'projects', project.uuid),
      uuid: project.uuid,
      name: project.name,
      image: null,
      resource_count: 0,
      end_date: null,
    })),
  projects_count: (row, call) => projectsOf(row, call).length,
  users_count: usersOf,
  accounting_start_date: (_row, { api }) => new Date(api.clock.now()).toISOString(),
  access_subnets: (row) => row.access_subnets.join(','),
  ...same({
    organization_group: null,
    backend_id: '',
    image: null,
    blocked: false,
    archived: false,
    default_tax_percent: '0.00',
    sponsor_number: null,
    country_name: null,
    contact_details: '',
    agreement_number: '',
    email: '',
    phone_number: '',
    registration_code: '',
    homepage: '',
    domain: '',
    vat_code: '',
    postal: '',
    address: '',
    bank_name: '',
    bank_account: '',
    latitude: null,
    longitude: null,
    country: '',
    payment_profiles: [],
    is_service_provider: false,
    call_managing_organization_uuid: null,
  }),
};

export const SERVICE_SETTINGS: Renderers<ServiceSettings> = {
  ...basic('service-settings'),
  type: (row) => row.type,
  state: (row, { api }) => labelOf(row.state, api.generation),
  error_message: (row) => row.error_message,
  shared: (row) => row.shared,
  customer: () => null,
  terms_of_services: () => '',
  scope: () => null,
  options: (row, { user }) =>
    user.is_staff
      ? { backend_url: row.backend_url, username: null, password: null, domain: null, token: null }
      : { token: null },
};

const settingsUrl = (row: { settings_uuid: string }, call: Call): string =>
  urlOf(call, 'service-settings', row.settings_uuid);

export const VOLUME_TYPE: Renderers<VolumeType> = {
  ...basic('openstack-volume-types'),
  description: (row) => row.description,
  settings: settingsUrl,
};

export const IMAGE: Renderers<Image> = {
  ...basic('openstack-images'),
  min_disk: (row) => row.min_disk,
  min_ram: () => 0,
  settings: settingsUrl,
};

export const AVAILABILITY_ZONE: Renderers<AvailabilityZone> = {
  ...basic('openstack-volume-availability-zones'),
  settings: settingsUrl,
  available: (row) => row.available,
};
