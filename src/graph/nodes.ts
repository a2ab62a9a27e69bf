import type { MeRow, RestorationRow, SnapshotRow, VolumeRow } from '../waldur/types.ts';

/** What stands behind the types of the graph: REST rows, sparse, as they came; fields are checked where they are read. */
export type { MeRow, RestorationRow, SnapshotRow, VolumeRow };

/** A row whose project, customer, service settings and marketplace columns mean the same in both resources. */
export type ResourceRow = SnapshotRow | VolumeRow;

/** Objects within rows. */
export type PermissionRow = object;
export type BackupRow = object;

/** A restoration together with the snapshot it belongs to, which REST tells only by the place it was found in. */
export interface RestorationNode {
  readonly snapshotUuid: string;
  readonly row: RestorationRow;
  /** The snapshot's row, where the restoration came with it. */
  readonly snapshot?: SnapshotRow;
}
