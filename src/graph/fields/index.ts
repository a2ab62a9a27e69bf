import { ColumnCosts } from '../../domain/costs.ts';
import {
  customerFields,
  marketplaceCategoryFields,
  marketplaceFields,
  marketplaceOfferingFields,
  marketplacePlanFields,
  marketplaceResourceFields,
  projectFields,
  serviceSettingsFields,
} from './common.ts';
import {
  availabilityZoneFields,
  imageFields,
  instanceFields,
  quotaFields,
  tenantFields,
  volumeTypeFields,
} from './related.ts';
import { restorationFields } from './restoration.ts';
import { backupFields, snapshotFields } from './snapshot.ts';
import { type AnyTable, columnGroupsOf } from './table.ts';
import { volumeFields } from './volume.ts';

/** The tables of all types that are made from REST rows. */
export const FIELD_TABLES = {
  Snapshot: snapshotFields,
  Backup: backupFields,
  Restoration: restorationFields,
  Volume: volumeFields,
  Tenant: tenantFields,
  Quota: quotaFields,
  Instance: instanceFields,
  VolumeType: volumeTypeFields,
  AvailabilityZone: availabilityZoneFields,
  Image: imageFields,
  Project: projectFields,
  Customer: customerFields,
  ServiceSettings: serviceSettingsFields,
  Marketplace: marketplaceFields,
  MarketplaceOffering: marketplaceOfferingFields,
  MarketplaceCategory: marketplaceCategoryFields,
  MarketplaceResource: marketplaceResourceFields,
  MarketplacePlan: marketplacePlanFields,
} as const satisfies Record<string, AnyTable>;

/** What each REST column costs Waldur, as the tables declare it. */
export const COLUMN_COSTS = new ColumnCosts(Object.values(FIELD_TABLES).flatMap(columnGroupsOf));
