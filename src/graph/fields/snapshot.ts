import { isSettled } from '../../domain/states.ts';
import type { BackupResolvers, SnapshotResolvers } from '../generated.ts';
import { snapshotId } from '../ids.ts';
import type { BackupRow, RestorationNode, SnapshotRow, VolumeRow } from '../nodes.ts';
import { snapshotActionsField } from './actions.ts';
import { displayStatusField, marketplaceField } from './common.ts';
import {
  int,
  json,
  metadata,
  objects,
  optionalObjects,
  optionalString,
  state,
  string,
  uuid,
  uuidInUrl,
} from './read.ts';
import { type FieldTable, fieldsOf, wholeObjectFields } from './table.ts';

const { column, derived, reference, sameRow } = fieldsOf<SnapshotRow>();

export const snapshotFields: FieldTable<SnapshotResolvers> = {
  id: derived({ own: ['uuid'] }, (row) => snapshotId(uuid(row, 'uuid'))),
  uuid: column('uuid', uuid, 'own'),
  url: column('url', string, 'own'),
  name: column('name', string, 'own'),
  description: column('description', string, 'own'),
  serviceSettings: sameRow,
  project: sameRow,
  customer: sameRow,
  errorMessage: column('error_message', string, 'own'),
  errorTraceback: column('error_traceback', string, 'own'),
  resourceType: column('resource_type', string, 'own'),
  state: column('state', state, 'own'),
  runtimeState: column('runtime_state', string, 'own'),
  action: column('action', string, 'own'),
  actionDetails: column('action_details', json, 'own'),
  displayStatus: displayStatusField,
  isSettled: derived({ own: ['state'] }, (row) => isSettled(state(row, 'state'))),
  created: column('created', string, 'own'),
  modified: column('modified', string, 'own'),
  backendId: column('backend_id', optionalString, 'own'),
  accessUrl: column('access_url', json, 'own'),
  size: column('size', int, 'own'),
  metadata: column('metadata', metadata, 'own'),
  keptUntil: column('kept_until', optionalString, 'own'),
  marketplace: marketplaceField,
  backups: column('backups', optionalObjects, 'backups'),
  sourceVolume: reference({
    columns: { source_volume: ['source_volume'] },
    known: {
      id: {},
      uuid: {},
      url: {},
      name: { source_volume: ['source_volume_name'] },
      marketplaceUuid: { source_volume_marketplace: ['source_volume_marketplace_uuid'] },
    },
    uuid: (row) => uuidInUrl(row, 'source_volume'),
    own: sourceVolumeOf,
    load: (row, found, loaders) => loaders.volumes.load(found, loaders.candidatesOf(row)),
  }),
  restorations: derived({ own: ['uuid'], restorations: ['restorations'] }, restorationsOf),
  availableActions: snapshotActionsField,
};

/** Backups come whole, in the snapshot's column `backups`. */
const backup = wholeObjectFields((row: BackupRow) => row);

export const backupFields: FieldTable<BackupResolvers> = {
  uuid: backup.column('uuid', uuid),
  name: backup.column('name', string),
};

function restorationsOf(row: SnapshotRow): RestorationNode[] {
  const restorations = objects(row, 'restorations');
  const snapshotUuid = uuid(row, 'uuid');
  return restorations.map((restoration) => ({ snapshotUuid, row: restoration, snapshot: row }));
}

function sourceVolumeOf(row: SnapshotRow, found: string): VolumeRow {
  return {
    uuid: found,
    url: row.source_volume ?? undefined,
    name: row.source_volume_name,
    marketplace_resource_uuid: row.source_volume_marketplace_uuid,
  };
}
