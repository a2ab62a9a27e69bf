import type { RestorationResolvers } from '../generated.ts';
import { restorationId } from '../ids.ts';
import type { RestorationNode, VolumeRow } from '../nodes.ts';
import { text, uuid, uuidInUrl } from './read.ts';
import { derived, type FieldTable, type Known, reference } from './table.ts';

/** Fields of the restored volume that the restoration answers by itself; its columns come with the snapshot's `restorations`. */
const VOLUME_KNOWN: Known = {
  id: [],
  uuid: [],
  url: [],
  name: [],
  state: [],
  isSettled: [],
  runtimeState: [],
  size: [],
  device: [],
};

export const restorationFields: FieldTable<RestorationResolvers> = {
  id: derived([], ({ snapshotUuid, row }: RestorationNode) => restorationId(snapshotUuid, uuid(row, 'uuid'))),
  uuid: derived([], ({ row }: RestorationNode) => uuid(row, 'uuid')),
  created: derived([], ({ row }: RestorationNode) => text(row, 'created')),
  // Declared by Waldur and never sent (contract 4.4).
  description: derived([], () => null),
  volume: reference({
    needs: [],
    known: VOLUME_KNOWN,
    uuid: ({ row }: RestorationNode) => uuidInUrl(row, 'volume'),
    own: volumeOf,
    load({ snapshotUuid, snapshot }, found, loaders) {
      // Waldur lists the volumes restored from a snapshot; they also lie where the snapshot does.
      const restored = { filter: { snapshotUuid }, total: snapshot?.restorations?.length ?? 1 };
      return loaders.volumes.load(found, [restored, ...(snapshot ? loaders.hintsOf(snapshot) : [])]);
    },
  }),
};

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
