import type { GraphQLResolveInfo } from 'graphql';
import { type Availability, type SnapshotAction, snapshotActions, volumeActions } from '../../domain/actions.ts';
import { type Quota, quotaRefusal } from '../../domain/quotas.ts';
import type { Rights } from '../../domain/roles.ts';
import type { Read } from '../../executor/index.ts';
import type { CallerRights } from '../caller-rights.ts';
import type { GraphContext } from '../context.ts';
import type { SnapshotRow, VolumeRow } from '../nodes.ts';
import { boolean, int, optionalString, optionalUuid, state, string, uuidInUrl } from './read.ts';
import { quotasOf, readQuota } from './related.ts';
import { mayBeTrue, type OwnField } from './table.ts';

/** `availableActions` of snapshots and volumes: what the row, the caller's rights and, on request, the quotas allow. */

type ActionsOf<Row, Action> = (row: Row, rights: Rights, caller: CallerRights) => Availability<Action>[];

const ofSnapshot: ActionsOf<SnapshotRow, SnapshotAction> = (row, rights, caller) =>
  snapshotActions({
    state: state(row, 'state'),
    backendId: optionalString(row, 'backend_id'),
    isStaff: rights.isStaff,
    mayChange: caller.mayChange(rights, row),
  });

const ofVolume = (row: VolumeRow, rights: Rights, caller: CallerRights) =>
  volumeActions({
    state: state(row, 'state'),
    runtimeState: string(row, 'runtime_state'),
    bootable: boolean(row, 'bootable'),
    isStaff: rights.isStaff,
    mayChange: caller.mayChange(rights, row),
  });

/** Reads the actions without waiting. Loaders find out the caller's rights before they return rows. */
const reader =
  <Row, Action>(actionsOf: ActionsOf<Row, Action>): Read =>
  (row, context) => {
    const caller = (context as GraphContext).knownRights;
    if (caller?.known === undefined) throw new Error('The rights of the caller have not been read.');
    return actionsOf(row as Row, caller.known, caller);
  };

const CHECK_QUOTA = 'checkQuota';

type Resolve<Row, Args, Action> = (
  row: Row,
  args: Args,
  context: GraphContext,
  info: GraphQLResolveInfo,
) => Promise<Availability<Action>[]>;

const readSnapshotActions = reader(ofSnapshot);

export const snapshotActionsField: OwnField<Resolve<SnapshotRow, { checkQuota?: boolean | null }, SnapshotAction>> = {
  kind: 'own',
  columns: { own: ['state', 'backend_id'] },
  dependsOnRights: true,
  withArgument: {
    argument: CHECK_QUOTA,
    columns: { own: ['size'], source_volume: ['source_volume'] },
    of: { Volume: ['tenant_uuid', 'type_name'], Tenant: ['quotas'] },
  },
  async resolve(row, { checkQuota }, context, info) {
    const caller = context.rights(info);
    const actions = ofSnapshot(row, await caller.get(), caller);
    if (!checkQuota || !actions.some(({ action, allowed }) => action === 'RESTORE' && allowed)) return actions;
    const reason = await quotaRefusalOf(row, context, info);
    if (reason === null) return actions;
    return actions.map((one) => (one.action === 'RESTORE' ? { action: one.action, allowed: false, reason } : one));
  },
  read: {
    fromSource: (nodes) => (nodes.some((node) => mayBeTrue(node, CHECK_QUOTA)) ? undefined : readSnapshotActions),
  },
};

/** Why the quotas of the tenant do not admit a restore. REST tells the tenant of a snapshot by its source volume only. */
async function quotaRefusalOf(
  row: SnapshotRow,
  context: GraphContext,
  info: GraphQLResolveInfo,
): Promise<string | null> {
  const volumeUuid = uuidInUrl(row, 'source_volume');
  if (volumeUuid === null) return null;
  const loaders = context.loaders(info);
  const volume = await loaders.volumes.load(volumeUuid, loaders.candidatesOf(row));
  const tenantUuid = volume && optionalUuid(volume, 'tenant_uuid');
  if (!tenantUuid) return null;
  const tenant = await loaders.related('tenant').load(tenantUuid);
  const quotas: readonly Quota[] = (tenant && quotasOf(tenant)?.map(readQuota)) ?? [];
  return quotaRefusal(quotas, { size: int(row, 'size'), typeName: optionalString(volume, 'type_name') });
}

const readVolumeActions = reader(ofVolume);

export const volumeActionsField: OwnField<Resolve<VolumeRow, unknown, ReturnType<typeof ofVolume>[number]['action']>> =
  {
    kind: 'own',
    columns: { own: ['state', 'runtime_state', 'bootable'] },
    dependsOnRights: true,
    async resolve(row, _args, context, info) {
      const caller = context.rights(info);
      return ofVolume(row, await caller.get(), caller);
    },
    read: { fromSource: () => readVolumeActions },
  };
