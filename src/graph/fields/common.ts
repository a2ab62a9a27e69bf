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
import { globalId } from '../ids.ts';
import type { CustomerRow, ProjectRow, ResourceRow, ServiceSettingsRow } from '../nodes.ts';
import { json, optionalBoolean, optionalString, optionalUuid, state, string, uuid, uuidInUrl } from './read.ts';
import { type FieldTable, fieldsOf } from './table.ts';

/** Objects that snapshots and volumes have in common. REST sends them flat, as groups of columns of the same row. */

const { column, derived, sameRowIf } = fieldsOf<ResourceRow>();
const project = fieldsOf<ProjectRow>();
const customer = fieldsOf<CustomerRow>();
const settings = fieldsOf<ServiceSettingsRow>();

export const projectFields: FieldTable<ProjectResolvers> = {
  id: project.derived({ project: ['project_uuid'] }, (row) => globalId('Project', uuid(row, 'project_uuid'))),
  uuid: project.column('project_uuid', uuid, 'project'),
  name: project.column('project_name', string, 'project'),
  url: project.column('project', string, 'project'),
  customer: project.sameRow,
};

/** The column exists since 7.8.6. In older versions the uuid is only in the address (contract 4.5). */
const customerUuid = (row: CustomerRow): string => {
  const own = optionalUuid(row, 'customer_uuid') ?? uuidInUrl(row, 'customer');
  return own ?? uuid(row, 'customer_uuid');
};

export const customerFields: FieldTable<CustomerResolvers> = {
  id: customer.derived({ customer: ['customer_uuid', 'customer'] }, (row) => globalId('Customer', customerUuid(row))),
  uuid: customer.derived({ customer: ['customer_uuid', 'customer'] }, customerUuid),
  name: customer.column('customer_name', string, 'customer'),
  nativeName: customer.column('customer_native_name', string, 'customer'),
  abbreviation: customer.column('customer_abbreviation', string, 'customer'),
  url: customer.column('customer', string, 'customer'),
};

export const serviceSettingsFields: FieldTable<ServiceSettingsResolvers> = {
  id: settings.derived({ service_settings: ['service_settings_uuid'] }, (row) =>
    globalId('ServiceSettings', uuid(row, 'service_settings_uuid')),
  ),
  uuid: settings.column('service_settings_uuid', uuid, 'service_settings'),
  name: settings.column('service_name', string, 'service_settings'),
  url: settings.column('service_settings', string, 'service_settings'),
  state: settings.column('service_settings_state', state, 'service_settings'),
  errorMessage: settings.column('service_settings_error_message', string, 'service_settings'),
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
  id: derived({ marketplace: ['marketplace_offering_uuid'] }, (row) =>
    globalId('MarketplaceOffering', uuid(row, 'marketplace_offering_uuid')),
  ),
  uuid: column('marketplace_offering_uuid', uuid, 'marketplace'),
  name: column('marketplace_offering_name', optionalString, 'marketplace'),
  pluginOptions: column('marketplace_offering_plugin_options', json, 'marketplace'),
};

export const marketplaceCategoryFields: FieldTable<MarketplaceCategoryResolvers> = {
  id: derived({ marketplace: ['marketplace_category_uuid'] }, (row) =>
    globalId('MarketplaceCategory', uuid(row, 'marketplace_category_uuid')),
  ),
  uuid: column('marketplace_category_uuid', uuid, 'marketplace'),
  name: column('marketplace_category_name', optionalString, 'marketplace'),
};

export const marketplaceResourceFields: FieldTable<MarketplaceResourceResolvers> = {
  id: derived({ marketplace: ['marketplace_resource_uuid'] }, (row) =>
    globalId('MarketplaceResource', uuid(row, 'marketplace_resource_uuid')),
  ),
  uuid: column('marketplace_resource_uuid', uuid, 'marketplace'),
  state: column('marketplace_resource_state', optionalString, 'marketplace'),
};

export const marketplacePlanFields: FieldTable<MarketplacePlanResolvers> = {
  id: derived({ marketplace: ['marketplace_plan_uuid'] }, (row) =>
    globalId('MarketplacePlan', uuid(row, 'marketplace_plan_uuid')),
  ),
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
