import { isSettled } from '../../domain/states.ts';
import type {
  AvailabilityZoneResolvers,
  ImageResolvers,
  InstanceResolvers,
  TenantResolvers,
  VolumeResolvers,
  VolumeTypeResolvers,
} from '../generated.ts';
import { volumeId } from '../ids.ts';
import { connectSnapshots } from '../lists/connect.ts';
import type { SnapshotRow, VolumeRow } from '../nodes.ts';
import { marketplace, present } from './common.ts';
import {
  boolean,
  int,
  json,
  metadata,
  optionalBoolean,
  optionalText,
  optionalUuid,
  state,
  text,
  uuid,
  uuidInUrl,
} from './read.ts';
import { display } from './snapshot.ts';
import { type ColumnName, column, derived, type Entry, type FieldTable, type Known, reference } from './table.ts';

const SOURCE_SNAPSHOT_KNOWN: Known = { id: ['source_snapshot'], uuid: ['source_snapshot'], url: ['source_snapshot'] };

/** A relation that is there when its address is. */
const related = (address: ColumnName): Entry<(row: VolumeRow) => VolumeRow | null> => ({
  kind: 'own',
  needs: [address],
  resolve: (row) => (json(row, address) === null ? null : row),
});

export const volumeFields: FieldTable<VolumeResolvers> = {
  id: derived(['uuid'], (row: VolumeRow) => volumeId(uuid(row, 'uuid'))),
  uuid: column('uuid', uuid),
  url: column('url', text),
  name: column('name', text),
  description: column('description', text),
  serviceSettings: present,
  project: present,
  customer: present,
  errorMessage: column('error_message', text),
  errorTraceback: column('error_traceback', text),
  resourceType: column('resource_type', text),
  state: column('state', state),
  runtimeState: column('runtime_state', text),
  action: column('action', text),
  actionDetails: column('action_details', json),
  displayStatus: display,
  isSettled: derived(['state'], (row: VolumeRow) => isSettled(state(row, 'state'))),
  created: column('created', text),
  modified: column('modified', text),
  backendId: column('backend_id', optionalText),
  accessUrl: column('access_url', json),
  size: column('size', int),
  metadata: derived(['metadata'], metadata),
  marketplace,
  marketplaceUuid: column('marketplace_resource_uuid', optionalUuid),
  bootable: column('bootable', boolean),
  image: derived(['image', 'image_name'], (row: VolumeRow) =>
    json(row, 'image') === null && (row.image_name ?? '') === '' ? null : row,
  ),
  // A Python dict as text, not JSON (contract 4.3); empty means none.
  imageMetadata: derived(['image_metadata'], (row: VolumeRow) => {
    const value = json(row, 'image_metadata');
    if (value === '' || value === null) return null;
    return typeof value === 'string' ? value : JSON.stringify(value);
  }),
  type: related('type'),
  availabilityZone: related('availability_zone'),
  device: column('device', text),
  instance: related('instance'),
  tenant: related('tenant'),
  extendEnabled: column('extend_enabled', optionalBoolean),
  sourceSnapshot: reference({
    needs: ['source_snapshot'],
    known: SOURCE_SNAPSHOT_KNOWN,
    uuid: (row: VolumeRow) => uuidInUrl(row, 'source_snapshot'),
    own: (row, found): SnapshotRow => ({ uuid: found, url: row.source_snapshot ?? undefined }),
    load: (row, found, loaders) => loaders.snapshots.load(found, loaders.hintsOf(row)),
  }),
  snapshots: {
    kind: 'list',
    needs: ['uuid'],
    batched: 'by parent',
    resolve: (row, args, context, info) => {
      const volume = { volumeUuid: uuid(row, 'uuid'), hints: context.loaders(info).hintsOf(row) };
      return connectSnapshots(args, context, info, volume);
    },
  },
};

export const tenantFields: FieldTable<TenantResolvers> = {
  uuid: column('tenant_uuid', uuid),
  url: column('tenant', text),
};

/** The uuid at the end of an address that is there. */
const uuidOf = (address: ColumnName): Entry<(row: VolumeRow) => string> =>
  derived([address], (row: VolumeRow) => uuidInUrl(row, address) ?? uuid(row, address));

export const instanceFields: FieldTable<InstanceResolvers> = {
  uuid: uuidOf('instance'),
  url: column('instance', text),
  name: column('instance_name', text),
  marketplaceUuid: column('instance_marketplace_uuid', optionalUuid),
};

export const volumeTypeFields: FieldTable<VolumeTypeResolvers> = {
  uuid: uuidOf('type'),
  url: column('type', text),
  name: column('type_name', text),
};

export const availabilityZoneFields: FieldTable<AvailabilityZoneResolvers> = {
  uuid: uuidOf('availability_zone'),
  url: column('availability_zone', text),
  name: column('availability_zone_name', text),
};

export const imageFields: FieldTable<ImageResolvers> = {
  uuid: derived(['image'], (row: VolumeRow) => uuidInUrl(row, 'image')),
  url: column('image', optionalText),
  name: derived(['image_name'], (row: VolumeRow) => optionalText(row, 'image_name') ?? ''),
};
