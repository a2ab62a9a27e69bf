import { displayStatus } from '../../domain/display.ts';
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
import { json, optionalBoolean, optionalString, optionalUuid, state, string, uuid, uuidInUrl } from './read.ts';
import { type FieldTable, fieldsOf } from './table.ts';

/** Objects that snapshots and volumes have in common. REST sends them flat, as groups of columns of the same row. */

const { column, derived, sameRowIf } = fieldsOf<ResourceRow>();

export const projectFields: FieldTable<ProjectResolvers> = {
  uuid: column('project_uuid', uuid, 'project'),
  name: column('project_name', string, 'project'),
  url: column('project', string, 'project'),
};

export const customerFields: FieldTable<CustomerResolvers> = {
  // The column exists since 7.8.6. In older versions the uuid is only in the address (contract 4.5).
  uuid: derived({ customer: ['customer_uuid', 'customer'] }, (row) => {
    const own = optionalUuid(row, 'customer_uuid') ?? uuidInUrl(row, 'customer');
    return own ?? uuid(row, 'customer_uuid');
  }),
  name: column('customer_name', string, 'customer'),
  nativeName: column('customer_native_name', string, 'customer'),
  abbreviation: column('customer_abbreviation', string, 'customer'),
  url: column('customer', string, 'customer'),
};

export const serviceSettingsFields: FieldTable<ServiceSettingsResolvers> = {
  uuid: column('service_settings_uuid', uuid, 'service_settings'),
  name: column('service_name', string, 'service_settings'),
  url: column('service_settings', string, 'service_settings'),
  state: column('service_settings_state', state, 'service_settings'),
  errorMessage: column('service_settings_error_message', string, 'service_settings'),
};

export const marketplaceFields: FieldTable<MarketplaceResolvers> = {
  offering: sameRowIf('marketplace_offering_uuid', 'marketplace'),
  category: sameRowIf('marketplace_category_uuid', 'marketplace'),
  resource: sameRowIf('marketplace_resource_uuid', 'marketplace'),
  plan: sameRowIf('marketplace_plan_uuid', 'marketplace'),
  isUsageBased: column('is_usage_based', optionalBoolean, 'marketplace'),
  isLimitBased: column('is_limit_based', optionalBoolean, 'marketplace'),
};

export const marketplaceOfferingFields: FieldTable<MarketplaceOfferingResolvers> = {
  uuid: column('marketplace_offering_uuid', uuid, 'marketplace'),
  name: column('marketplace_offering_name', optionalString, 'marketplace'),
  pluginOptions: column('marketplace_offering_plugin_options', json, 'marketplace'),
};

export const marketplaceCategoryFields: FieldTable<MarketplaceCategoryResolvers> = {
  uuid: column('marketplace_category_uuid', uuid, 'marketplace'),
  name: column('marketplace_category_name', optionalString, 'marketplace'),
};

export const marketplaceResourceFields: FieldTable<MarketplaceResourceResolvers> = {
  uuid: column('marketplace_resource_uuid', uuid, 'marketplace'),
  state: column('marketplace_resource_state', optionalString, 'marketplace'),
};

export const marketplacePlanFields: FieldTable<MarketplacePlanResolvers> = {
  uuid: column('marketplace_plan_uuid', uuid, 'marketplace'),
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
 * Null when all its columns are null. The resource's uuid is always requested in addition to the selected columns: Waldur fills it
 * for every object in the marketplace (contract 4.2), so one query per row replaces ten.
 */
export const marketplaceField = derived({ marketplace: ['marketplace_resource_uuid'] }, (row) =>
  MARKETPLACE_COLUMNS.some((name) => json(row, name) !== null) ? row : null,
);

export const displayStatusField = derived({ own: ['state', 'runtime_state', 'action'] }, (row) =>
  displayStatus({
    state: state(row, 'state'),
    runtimeState: string(row, 'runtime_state'),
    action: string(row, 'action'),
  }),
);
