import type { MeRow, RestorationRow, SnapshotRow, VolumeRow } from '../waldur/types.ts';

/** The source objects of the graph's types: sparse REST rows as they arrived. Fields are checked where they are read. */
export type { MeRow, RestorationRow, SnapshotRow, VolumeRow };

/** A row of either resource, for the columns that mean the same in both. */
export type ResourceRow = SnapshotRow | VolumeRow;

/** Objects within rows. As with rows, nothing is known of their columns. */
export type PermissionRow = Partial<NonNullable<MeRow['permissions']>[number]>;
export type BackupRow = Partial<NonNullable<SnapshotRow['backups']>[number]>;

/** A restoration with its snapshot. REST tells the snapshot only by the place where the restoration was found. */
export interface RestorationNode {
  readonly snapshotUuid: string;
  readonly row: RestorationRow;
  /** The snapshot's row, if the restoration came with it. */
  readonly snapshot?: SnapshotRow;
}
