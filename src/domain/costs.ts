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
  | 'tenant'
  | 'type'
  | 'availability_zone'
  | 'image'
  | 'source_snapshot'
  | 'instance'
  | 'instance_marketplace'
  | 'backups'
  | 'unknown';

/** SQL queries of a real server for each row, by group. `marketplace`: for each of its fields, which are look-ups of their own. */
export const QUERIES_PER_ROW: Readonly<Record<CostGroup, number>> = {
  own: 0,
  source_volume: 1,
  source_volume_marketplace: 2,
  restorations: 1,
  service_settings: 1,
  project: 1,
  customer: 1,
  marketplace: 1,
  tenant: 1,
  type: 1,
  availability_zone: 1,
  image: 1,
  source_snapshot: 1,
  instance: 1,
  instance_marketplace: 2,
  backups: 1,
  unknown: 1,
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

/** Columns that are looked up for each row. */
const LOOKED_UP = {
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
  tenant: 'tenant',
  tenant_uuid: 'tenant',
  type: 'type',
  type_name: 'type',
  availability_zone: 'availability_zone',
  availability_zone_name: 'availability_zone',
  image: 'image',
  source_snapshot: 'source_snapshot',
  instance: 'instance',
  instance_name: 'instance',
  instance_marketplace_uuid: 'instance_marketplace',
  backups: 'backups',
  marketplace_offering_uuid: 'marketplace',
  marketplace_offering_name: 'marketplace',
  marketplace_offering_plugin_options: 'marketplace',
  marketplace_category_uuid: 'marketplace',
  marketplace_category_name: 'marketplace',
  marketplace_resource_uuid: 'marketplace',
  marketplace_resource_state: 'marketplace',
  marketplace_plan_uuid: 'marketplace',
  is_usage_based: 'marketplace',
  is_limit_based: 'marketplace',
} as const satisfies Record<string, CostGroup>;

/** A REST field whose cost is known. Field tables accept no other, so a new column without a cost group does not compile. */
export type CostedField = (typeof OWN)[number] | keyof typeof LOOKED_UP;

const GROUPS: ReadonlyMap<string, CostGroup> = new Map<string, CostGroup>([
  ...OWN.map((field) => [field, 'own'] as const),
  ...Object.entries(LOOKED_UP),
]);

/** The cost group of a REST field; `unknown` for one that no field of the graph is made from. */
export const costGroup = (field: string): CostGroup => GROUPS.get(field) ?? 'unknown';

/** True for a column of the object itself, which costs nothing however many rows are asked for. */
export const isOwnColumn = (field: string): boolean => costGroup(field) === 'own';

/** What a real server takes for any request, a row and a look-up, in ms (contract 3.6): the proportions matter. */
const REQUEST_MS = 20;
const ROW_MS = 0.3;
const QUERY_MS = 0.85;

/** What the way there and back, our own side and a place in the caller's queue are worth for a request, in ms. */
const OVERHEAD_MS = 20;

/** What asking for one object or one page costs besides its rows, in ms. */
export const CALL_MS = REQUEST_MS + OVERHEAD_MS;

const rowCosts = new WeakMap<readonly string[], number>();

/** What a row of these fields costs a real server, in ms; remembered for the array. */
export function rowMs(fields: readonly string[]): number {
  let cost = rowCosts.get(fields);
  if (cost === undefined) {
    const groups = new Set<CostGroup>();
    let queries = 0;
    for (const field of fields) {
      const group = costGroup(field);
      if (group !== 'marketplace' && groups.has(group)) continue;
      groups.add(group);
      queries += QUERIES_PER_ROW[group];
    }
    cost = ROW_MS + queries * QUERY_MS;
    rowCosts.set(fields, cost);
  }
  return cost;
}
