import { FIELD_TABLES } from '../fields/index.ts';
import { resolversOf } from '../fields/table.ts';
import { permissionFields, viewerFields } from '../fields/viewer.ts';
import type { MutationResolvers, Resolvers } from '../generated.ts';
import { DateTimeScalar, JSONScalar, UUIDScalar } from '../scalars.ts';
import * as scheduled from './mutations/schedule.ts';
import * as withValues from './mutations/values.ts';
import * as ofVolumes from './mutations/volumes.ts';
import { queries } from './query.ts';
import { restoreProgress, snapshotChange, subscriptions, volumeChange } from './subscription.ts';

const mutations: Required<MutationResolvers> = { ...withValues, ...scheduled, ...ofVolumes };

/** All resolvers. Types made from REST rows take theirs from the field tables. */
export const resolvers: Resolvers = {
  UUID: UUIDScalar,
  DateTime: DateTimeScalar,
  JSON: JSONScalar,
  Query: queries,
  Mutation: mutations,
  Subscription: subscriptions,
  SnapshotChange: snapshotChange,
  VolumeChange: volumeChange,
  RestoreProgress: restoreProgress,
  Viewer: resolversOf(viewerFields),
  Permission: resolversOf(permissionFields),
  Snapshot: resolversOf(FIELD_TABLES.Snapshot),
  Backup: resolversOf(FIELD_TABLES.Backup),
  Restoration: resolversOf(FIELD_TABLES.Restoration),
  Volume: resolversOf(FIELD_TABLES.Volume),
  Tenant: resolversOf(FIELD_TABLES.Tenant),
  Quota: resolversOf(FIELD_TABLES.Quota),
  Instance: resolversOf(FIELD_TABLES.Instance),
  VolumeType: resolversOf(FIELD_TABLES.VolumeType),
  AvailabilityZone: resolversOf(FIELD_TABLES.AvailabilityZone),
  Image: resolversOf(FIELD_TABLES.Image),
  Project: resolversOf(FIELD_TABLES.Project),
  Customer: resolversOf(FIELD_TABLES.Customer),
  ServiceSettings: resolversOf(FIELD_TABLES.ServiceSettings),
  Marketplace: resolversOf(FIELD_TABLES.Marketplace),
  MarketplaceOffering: resolversOf(FIELD_TABLES.MarketplaceOffering),
  MarketplaceCategory: resolversOf(FIELD_TABLES.MarketplaceCategory),
  MarketplaceResource: resolversOf(FIELD_TABLES.MarketplaceResource),
  MarketplacePlan: resolversOf(FIELD_TABLES.MarketplacePlan),
};
