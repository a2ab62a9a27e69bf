import type { FilterTable } from './filters.ts';
import { INSTANCE_FILTERS, NAME_FILTERS, NO_FILTERS, PROJECT_FILTERS, TENANT_FILTERS } from './filters.ts';
import type { ResourceKind } from './paging.ts';
import type { components } from './rest.generated.ts';
import type { TenantRow, VolumeRow } from './types.ts';

/**
 * Objects that snapshots and volumes belong to, with an address of their own. Rows of snapshots and volumes have columns of most of them,
 * such as `project_name`. An object from its own address is read into the same columns, so that each field of the graph is declared
 * once.
 */

type Schemas = components['schemas'];

/** Columns of a row of a volume by the columns that the object has at its own address. */
type Renamed<Resource extends keyof Schemas> = {
  readonly [Column in keyof VolumeRow]?: keyof Schemas[Resource] & string;
};

const CUSTOMER_OF_PROJECT = {
  customer: 'customer',
  customer_uuid: 'customer_uuid',
  customer_name: 'customer_name',
  customer_native_name: 'customer_native_name',
  customer_abbreviation: 'customer_abbreviation',
} as const satisfies Renamed<'Project'>;

const PROJECT = {
  project: 'url',
  project_uuid: 'uuid',
  project_name: 'name',
  ...CUSTOMER_OF_PROJECT,
} as const satisfies Renamed<'Project'>;

const CUSTOMER = {
  customer: 'url',
  customer_uuid: 'uuid',
  customer_name: 'name',
  customer_native_name: 'native_name',
  customer_abbreviation: 'abbreviation',
} as const satisfies Renamed<'Customer'>;

const SERVICE_SETTINGS = {
  service_settings: 'url',
  service_settings_uuid: 'uuid',
  service_name: 'name',
  service_settings_state: 'state',
  service_settings_error_message: 'error_message',
} as const satisfies Renamed<'ServiceSettings'>;

const INSTANCE = {
  instance: 'url',
  instance_name: 'name',
  instance_marketplace_uuid: 'marketplace_resource_uuid',
} as const satisfies Renamed<'Instance'>;

const VOLUME_TYPE = { type: 'url', type_name: 'name' } as const satisfies Renamed<'VolumeType'>;

const AVAILABILITY_ZONE = {
  availability_zone: 'url',
  availability_zone_name: 'name',
} as const satisfies Renamed<'AvailabilityZone'>;

const IMAGE = { image: 'url', image_name: 'name' } as const satisfies Renamed<'Image'>;

/** The columns of an object. Rows of snapshots and volumes have them too. */
export type ProjectRow = Pick<VolumeRow, keyof typeof PROJECT>;
export type CustomerRow = Pick<VolumeRow, keyof typeof CUSTOMER>;
export type ServiceSettingsRow = Pick<VolumeRow, keyof typeof SERVICE_SETTINGS>;
export type InstanceRow = Pick<VolumeRow, keyof typeof INSTANCE>;
export type VolumeTypeRow = Pick<VolumeRow, keyof typeof VOLUME_TYPE>;
export type AvailabilityZoneRow = Pick<VolumeRow, keyof typeof AVAILABILITY_ZONE>;
export type ImageRow = Pick<VolumeRow, keyof typeof IMAGE>;

/** A row of an object from its own address. `uuid` is the object's. */
type Own<Row> = Row & { readonly uuid?: string | undefined };

/** The row of each kind. */
export interface RelatedRows {
  readonly tenant: TenantRow;
  readonly project: Own<ProjectRow>;
  readonly customer: Own<CustomerRow>;
  readonly serviceSettings: Own<ServiceSettingsRow>;
  readonly instance: Own<InstanceRow>;
  readonly volumeType: Own<VolumeTypeRow>;
  readonly availabilityZone: Own<AvailabilityZoneRow>;
  readonly image: Own<ImageRow>;
}

export type RelatedKind = keyof RelatedRows;

const BY_NAME = { NAME: 'name', CREATED: 'created' } as const;

const kind = (
  path: string,
  columns: Readonly<Record<string, string>> | undefined,
  filters: FilterTable = NO_FILTERS,
  order: ResourceKind['order'] = undefined,
): ResourceKind => ({ path, filters, order, columns: columns && { uuid: 'uuid', ...columns } });

/** What the client needs to know of each kind (contract 11.2). */
export const RELATED: { readonly [Kind in RelatedKind]: ResourceKind } = {
  tenant: kind('openstack-tenants/', undefined, TENANT_FILTERS, BY_NAME),
  project: kind('projects/', PROJECT, PROJECT_FILTERS, BY_NAME),
  customer: kind('customers/', CUSTOMER, NAME_FILTERS, BY_NAME),
  instance: kind('openstack-instances/', INSTANCE, INSTANCE_FILTERS, BY_NAME),
  // Waldur ignores their sort keys.
  serviceSettings: kind('service-settings/', SERVICE_SETTINGS),
  volumeType: kind('openstack-volume-types/', VOLUME_TYPE),
  availabilityZone: kind('openstack-volume-availability-zones/', AVAILABILITY_ZONE),
  image: kind('openstack-images/', IMAGE),
};
