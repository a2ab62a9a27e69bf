import type { Kind } from '../loading/list-request.ts';
import type { MeRow, RestorationRow, SnapshotRow, TenantRow, VolumeRow } from '../waldur/types.ts';
import type { NodeType } from './ids.ts';

/** The kind of resource that each type with a uuid is read as. */
export const KIND_OF = {
  Snapshot: 'snapshot',
  Volume: 'volume',
  Project: 'project',
  Customer: 'customer',
  Tenant: 'tenant',
  ServiceSettings: 'serviceSettings',
  VolumeType: 'volumeType',
  Instance: 'instance',
  AvailabilityZone: 'availabilityZone',
  Image: 'image',
} as const satisfies Record<NodeType, Kind>;

/** Objects within rows of snapshots and volumes, or rows of their own that have the same columns. */
export type {
  AvailabilityZoneRow,
  CustomerRow,
  ImageRow,
  InstanceRow,
  ProjectRow,
  ServiceSettingsRow,
  VolumeTypeRow,
} from '../waldur/related.ts';
/** The source objects of the graph's types: sparse REST rows as they arrived. Fields are checked where they are read. */
export type { MeRow, RestorationRow, SnapshotRow, TenantRow, VolumeRow };

/** A row of either resource, for the columns that mean the same in both. */
export type ResourceRow = SnapshotRow | VolumeRow;

/** Objects within rows. As with rows, nothing is known of their columns. */
export type PermissionRow = Partial<NonNullable<MeRow['permissions']>[number]>;
export type QuotaRow = Partial<NonNullable<TenantRow['quotas']>[number]>;
export type BackupRow = Partial<NonNullable<SnapshotRow['backups']>[number]>;

/** A restoration with its snapshot. REST tells the snapshot only by the place where the restoration was found. */
export interface RestorationNode {
  readonly snapshotUuid: string;
  readonly row: RestorationRow;
  /** The snapshot's row, if the restoration came with it. */
  readonly snapshot?: SnapshotRow;
}
