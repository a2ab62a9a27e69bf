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
import { restorationFields } from './restoration.ts';
import { backupFields, snapshotFields } from './snapshot.ts';
import type { AnyTable } from './table.ts';
import {
  availabilityZoneFields,
  imageFields,
  instanceFields,
  tenantFields,
  volumeFields,
  volumeTypeFields,
} from './volume.ts';

/** Every type of the graph that is made from REST rows. */
export const FIELD_TABLES = {
  Snapshot: snapshotFields,
  Backup: backupFields,
  Restoration: restorationFields,
  Volume: volumeFields,
  Tenant: tenantFields,
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
