/**
 * What each REST field costs a real Waldur (contract 3.3, 3.6): columns of the object itself are free, every other field is a look-up
 * for each row, shared by the fields of its group. One table: projection, live engine, limits and docs read it.
 */
export type CostGroup =
  | 'own'
  | 'source_volume'
  | 'source_volume_marketplace'
  | 'restorations'
  | 'service_settings'
  | 'project'
  | 'customer'
  | 'marketplace'
  | 'relation';

/** SQL queries of a real server for each row, by group. `relation`: one look-up of a field's own. */
export const QUERIES_PER_ROW: Readonly<Record<CostGroup, number>> = {
  own: 0,
  source_volume: 1,
  source_volume_marketplace: 2,
  restorations: 1,
  service_settings: 1,
  project: 1,
  customer: 1,
  marketplace: 1,
  relation: 1,
};

const OWN = [
  'url',
  'uuid',
  'name',
  'description',
  'error_message',
  'error_traceback',
  'resource_type',
  'state',
  'created',
  'modified',
  'backend_id',
  'access_url',
  'size',
  'metadata',
  'runtime_state',
  'action',
  'action_details',
  'kept_until',
  'bootable',
  'device',
  'image_name',
  'image_metadata',
  'extend_enabled',
] as const;

const GROUPS: Readonly<Record<string, CostGroup>> = {
  ...Object.fromEntries(OWN.map((field) => [field, 'own' as const])),
  source_volume: 'source_volume',
  source_volume_name: 'source_volume',
  source_volume_marketplace_uuid: 'source_volume_marketplace',
  restorations: 'restorations',
  service_name: 'service_settings',
  service_settings: 'service_settings',
  service_settings_uuid: 'service_settings',
  service_settings_state: 'service_settings',
  service_settings_error_message: 'service_settings',
  project: 'project',
  project_name: 'project',
  project_uuid: 'project',
  customer: 'customer',
  customer_uuid: 'customer',
  customer_name: 'customer',
  customer_native_name: 'customer',
  customer_abbreviation: 'customer',
};

/** The cost group of a REST field; marketplace fields by their prefix, unknown ones as a look-up of their own. */
export function costGroup(field: string): CostGroup {
  const known = Object.hasOwn(GROUPS, field) ? GROUPS[field] : undefined;
  if (known !== undefined) return known;
  return field.startsWith('marketplace_') || field.startsWith('is_') ? 'marketplace' : 'relation';
}

/** True for a column of the object itself, which costs nothing however many rows are asked for. */
export const isOwnColumn = (field: string): boolean => costGroup(field) === 'own';
