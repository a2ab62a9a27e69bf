import { availableActions } from '../../domain/actions.ts';
import { displayStatus } from '../../domain/display.ts';
import { isSettled } from '../../domain/states.ts';
import { GatewayError } from '../../errors.ts';
import type { Read } from '../../executor/index.ts';
import type { GraphContext } from '../context.ts';
import type { BackupResolvers, SnapshotResolvers } from '../generated.ts';
import { snapshotId } from '../ids.ts';
import type { ResourceRow, RestorationNode, SnapshotRow, VolumeRow } from '../nodes.ts';
import { marketplace, present } from './common.ts';
import { int, json, metadata, optionalText, state, text, uuid, uuidInUrl } from './read.ts';
import { column, derived, type FieldTable, type Known, reference } from './table.ts';

/** Fields of the source volume that every snapshot row answers by itself. */
const SOURCE_VOLUME_KNOWN: Known = {
  id: ['source_volume'],
  uuid: ['source_volume'],
  url: ['source_volume'],
  name: ['source_volume', 'source_volume_name'],
  marketplaceUuid: ['source_volume', 'source_volume_marketplace_uuid'],
};

/** The columns of display status, the same in both resources. */
export const display = derived(['state', 'runtime_state', 'action'], (row: ResourceRow) =>
  displayStatus({
    state: state(row, 'state'),
    runtimeState: text(row, 'runtime_state'),
    action: text(row, 'action'),
  }),
);

export const snapshotFields: FieldTable<SnapshotResolvers> = {
  id: derived(['uuid'], (row: SnapshotRow) => snapshotId(uuid(row, 'uuid'))),
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
  isSettled: derived(['state'], (row: SnapshotRow) => isSettled(state(row, 'state'))),
  created: column('created', text),
  modified: column('modified', text),
  backendId: column('backend_id', optionalText),
  accessUrl: column('access_url', json),
  size: column('size', int),
  metadata: derived(['metadata'], metadata),
  keptUntil: column('kept_until', optionalText),
  marketplace,
  backups: derived(['backups'], (row: SnapshotRow) => {
    const backups = json(row, 'backups');
    if (backups === null) return null;
    if (!Array.isArray(backups)) throw malformed('backups');
    return backups;
  }),
  sourceVolume: reference({
    needs: ['source_volume'],
    known: SOURCE_VOLUME_KNOWN,
    uuid: (row: SnapshotRow) => uuidInUrl(row, 'source_volume'),
    own: sourceVolumeOf,
    load: (row, found, loaders) => loaders.volumes.load(found, loaders.hintsOf(row)),
  }),
  restorations: derived(['uuid', 'restorations'], restorationsOf),
  availableActions: {
    kind: 'own',
    needs: ['state', 'backend_id'],
    asksStaff: true,
    resolve: async (row, _args, context) => actionsOf(row, await context.isStaff()),
    read: { fromSource: () => readActions },
  },
};

export const backupFields: FieldTable<BackupResolvers> = {
  uuid: derived([], (row: object) => uuid(row, 'uuid')),
  name: derived([], (row: object) => text(row, 'name')),
};

/** As the resolver, once it is known whether the caller is staff; lists find out before they return rows. */
const readActions: Read = (row, context) => {
  const { knownStaff } = context as GraphContext;
  if (knownStaff === undefined) throw new Error('It is not known whether the caller is staff.');
  return actionsOf(row as SnapshotRow, knownStaff);
};

function actionsOf(row: SnapshotRow, isStaff: boolean) {
  return availableActions({ state: state(row, 'state'), backendId: optionalText(row, 'backend_id'), isStaff });
}

function restorationsOf(row: SnapshotRow): RestorationNode[] {
  const restorations = json(row, 'restorations');
  if (!Array.isArray(restorations)) throw malformed('restorations');
  const snapshotUuid = uuid(row, 'uuid');
  return restorations.map((restoration: unknown) => {
    if (typeof restoration !== 'object' || restoration === null) throw malformed('restorations');
    return { snapshotUuid, row: restoration, snapshot: row };
  });
}

function sourceVolumeOf(row: SnapshotRow, found: string): VolumeRow {
  return {
    uuid: found,
    url: row.source_volume ?? undefined,
    name: row.source_volume_name,
    marketplace_resource_uuid: row.source_volume_marketplace_uuid,
  };
}

const malformed = (name: string): GatewayError =>
  new GatewayError('UPSTREAM_ERROR', `Waldur sent no usable value for ${name}.`);
