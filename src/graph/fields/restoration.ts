import type { RestorationResolvers } from '../generated.ts';
import { restorationId } from '../ids.ts';
import type { RestorationNode, SnapshotRow, VolumeRow } from '../nodes.ts';
import { string, uuid, uuidInUrl } from './read.ts';
import { type FieldTable, referenceField, wholeObjectFields } from './table.ts';

/** Restorations come whole, in the snapshot's column `restorations`. */
const { column, derived } = wholeObjectFields(({ row }: RestorationNode) => row);

export const restorationFields: FieldTable<RestorationResolvers> = {
  id: derived(({ snapshotUuid, row }) => restorationId(snapshotUuid, uuid(row, 'uuid'))),
  uuid: column('uuid', uuid),
  created: column('created', string),
  // Waldur declares it and never sends it (contract 4.4).
  description: derived(() => null),
  volume: referenceField({
    columns: {},
    known: {
      id: {},
      uuid: {},
      url: {},
      name: {},
      state: {},
      isSettled: {},
      runtimeState: {},
      size: {},
      device: {},
    },
    uuid: ({ row }: RestorationNode) => uuidInUrl(row, 'volume'),
    own: volumeOf,
    load({ snapshotUuid, snapshot }, found, loaders) {
      // Waldur can list the volumes restored from a snapshot. They also share the snapshot's project.
      const restored = { filter: { snapshotUuid }, total: snapshot === undefined ? 1 : countOf(snapshot) };
      return loaders.volumes.load(found, [restored, ...(snapshot ? loaders.candidatesOf(snapshot) : [])]);
    },
  }),
};

const countOf = ({ restorations }: SnapshotRow): number => (Array.isArray(restorations) ? restorations.length : 1);

function volumeOf({ row }: RestorationNode, found: string): VolumeRow {
  return {
    uuid: found,
    url: row.volume,
    name: row.volume_name,
    state: row.volume_state,
    runtime_state: row.volume_runtime_state,
    size: row.volume_size,
    device: row.volume_device,
  };
}
