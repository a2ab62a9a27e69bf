import { isSettled } from '../../domain/states.ts';
import type { VolumeResolvers } from '../generated.ts';
import { volumeId } from '../ids.ts';
import { connectSnapshots } from '../lists/connect.ts';
import type { SnapshotRow, TenantRow, VolumeRow } from '../nodes.ts';
import { volumeActionsField } from './actions.ts';
import { displayStatusField, marketplaceField } from './common.ts';
import {
  boolean,
  int,
  json,
  metadata,
  optionalBoolean,
  optionalString,
  optionalUuid,
  state,
  string,
  uuid,
  uuidInUrl,
} from './read.ts';
import { type FieldTable, fieldsOf } from './table.ts';

const { column, derived, reference, sameRow, sameRowIf } = fieldsOf<VolumeRow>();

/** A Python dict in Python's own notation, which is not JSON (contract 4.3). The empty string means none. */
function pythonDict(row: object, name: string): string | null {
  const value = json(row, name);
  if (value === '' || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export const volumeFields: FieldTable<VolumeResolvers> = {
  id: derived({ own: ['uuid'] }, (row) => volumeId(uuid(row, 'uuid'))),
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
  marketplace: marketplaceField,
  marketplaceUuid: column('marketplace_resource_uuid', optionalUuid, 'marketplace'),
  bootable: column('bootable', boolean, 'own'),
  image: derived({ own: ['image_name'], image: ['image'] }, (row) =>
    json(row, 'image') === null && (row.image_name ?? '') === '' ? null : row,
  ),
  imageMetadata: column('image_metadata', pythonDict, 'own'),
  type: sameRowIf('type', 'type'),
  availabilityZone: sameRowIf('availability_zone', 'availability_zone'),
  device: column('device', string, 'own'),
  instance: sameRowIf('instance', 'instance'),
  tenant: reference({
    columns: { tenant: ['tenant', 'tenant_uuid'] },
    known: { id: {}, uuid: {}, url: {} },
    uuid: (row) => ((row.tenant ?? null) === null ? null : uuid(row, 'tenant_uuid')),
    own: (row, found): TenantRow => ({ uuid: found, url: row.tenant }),
    load: (_row, found, loaders) => loaders.related('tenant').load(found),
  }),
  extendEnabled: column('extend_enabled', optionalBoolean, 'own'),
  availableActions: volumeActionsField,
  sourceSnapshot: reference({
    columns: { source_snapshot: ['source_snapshot'] },
    known: { id: {}, uuid: {}, url: {} },
    uuid: (row) => uuidInUrl(row, 'source_snapshot'),
    own: (row, found): SnapshotRow => ({ uuid: found, url: row.source_snapshot ?? undefined }),
    load: (row, found, loaders) => loaders.snapshots.load(found, loaders.candidatesOf(row)),
  }),
  snapshots: {
    kind: 'list',
    columns: { own: ['uuid'] },
    batched: 'by parent',
    resolve: (row, args, context, info) => {
      const volume = { volumeUuid: uuid(row, 'uuid'), candidates: context.loaders(info).candidatesOf(row) };
      return connectSnapshots(args, context, info, volume);
    },
  },
};
