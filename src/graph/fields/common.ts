import type {
  CustomerResolvers,
  MarketplaceCategoryResolvers,
  MarketplaceOfferingResolvers,
  MarketplacePlanResolvers,
  MarketplaceResolvers,
  MarketplaceResourceResolvers,
  ProjectResolvers,
  ServiceSettingsResolvers,
} from '../generated.ts';
import type { ResourceRow } from '../nodes.ts';
import { json, optionalBoolean, optionalText, optionalUuid, state, text, uuid, uuidInUrl } from './read.ts';
import { type ColumnName, column, derived, type Entry, type FieldTable } from './table.ts';

/** Objects that snapshots and volumes carry flat, as groups of columns of their own row. */

export const projectFields: FieldTable<ProjectResolvers> = {
  uuid: column('project_uuid', uuid),
  name: column('project_name', text),
  url: column('project', text),
};

export const customerFields: FieldTable<CustomerResolvers> = {
  // The column exists since 7.8.6; before, the uuid is only inside the address (contract 4.5).
  uuid: derived(['customer_uuid', 'customer'], (row: ResourceRow) => {
    const own = optionalUuid(row, 'customer_uuid') ?? uuidInUrl(row, 'customer');
    return own ?? uuid(row, 'customer_uuid');
  }),
  name: column('customer_name', text),
  nativeName: column('customer_native_name', text),
  abbreviation: column('customer_abbreviation', text),
  url: column('customer', text),
};

export const serviceSettingsFields: FieldTable<ServiceSettingsResolvers> = {
  uuid: column('service_settings_uuid', uuid),
  name: column('service_name', text),
  url: column('service_settings', text),
  state: column('service_settings_state', state),
  errorMessage: column('service_settings_error_message', text),
};

/** An object that is there when its key column is. */
const keyed = (key: ColumnName): Entry<(row: ResourceRow) => ResourceRow | null> => ({
  kind: 'own',
  needs: [key],
  resolve: (row) => (json(row, key) === null ? null : row),
});

export const marketplaceFields: FieldTable<MarketplaceResolvers> = {
  offering: keyed('marketplace_offering_uuid'),
  category: keyed('marketplace_category_uuid'),
  resource: keyed('marketplace_resource_uuid'),
  plan: keyed('marketplace_plan_uuid'),
  isUsageBased: column('is_usage_based', optionalBoolean),
  isLimitBased: column('is_limit_based', optionalBoolean),
};

export const marketplaceOfferingFields: FieldTable<MarketplaceOfferingResolvers> = {
  uuid: column('marketplace_offering_uuid', uuid),
  name: column('marketplace_offering_name', optionalText),
  pluginOptions: column('marketplace_offering_plugin_options', json),
};

export const marketplaceCategoryFields: FieldTable<MarketplaceCategoryResolvers> = {
  uuid: column('marketplace_category_uuid', uuid),
  name: column('marketplace_category_name', optionalText),
};

export const marketplaceResourceFields: FieldTable<MarketplaceResourceResolvers> = {
  uuid: column('marketplace_resource_uuid', uuid),
  state: column('marketplace_resource_state', optionalText),
};

export const marketplacePlanFields: FieldTable<MarketplacePlanResolvers> = {
  uuid: column('marketplace_plan_uuid', uuid),
};

const MARKETPLACE_COLUMNS = [
  'marketplace_offering_uuid',
  'marketplace_offering_name',
  'marketplace_offering_plugin_options',
  'marketplace_category_uuid',
  'marketplace_category_name',
  'marketplace_resource_uuid',
  'marketplace_resource_state',
  'marketplace_plan_uuid',
  'is_usage_based',
  'is_limit_based',
] as const;

/**
 * Null when every member is null. The resource's uuid is asked for besides what is selected: Waldur fills it for everything that
 * is in the marketplace (contract 4.2), so one look-up tells what otherwise all ten would have to.
 */
export const marketplace: Entry<(row: ResourceRow) => ResourceRow | null> = {
  kind: 'own',
  needs: ['marketplace_resource_uuid'],
  resolve: (row) => (MARKETPLACE_COLUMNS.some((name) => json(row, name) !== null) ? row : null),
};

/** An object that every resource has. */
export const present: Entry<(row: ResourceRow) => ResourceRow> = {
  kind: 'own',
  needs: [],
  resolve: (row) => row,
};
