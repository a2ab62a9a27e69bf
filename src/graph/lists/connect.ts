import type { GraphQLResolveInfo } from 'graphql';
import { type Filter, filterKey, type Kind, type Order, orderKey } from '../../loading/list-request.ts';
import type { ParentVolume } from '../../loading/volume-snapshots.ts';
import {
  type FilterTable,
  type FilterValues,
  INSTANCE_FILTERS,
  NAME_FILTERS,
  PROJECT_FILTERS,
  SNAPSHOT_FILTERS,
  TENANT_FILTERS,
  VOLUME_FILTERS,
} from '../../waldur/filters.ts';
import type { RelatedKind } from '../../waldur/related.ts';
import type { GraphContext } from '../context.ts';
import type {
  CustomerFilter,
  InstanceFilter,
  ProjectFilter,
  SnapshotFilter,
  SnapshotOrder,
  TenantFilter,
  VolumeFilter,
  VolumeOrder,
} from '../generated.ts';
import { selectingOf, selectsOnly } from '../selection.ts';
import { listFingerprint, readFilter, readOrder, readWindow, type WindowArguments } from './arguments.ts';
import { type InstanceList, ListConnection, type SnapshotList, type VolumeList } from './connection.ts';

interface Arguments<GivenFilter, GivenOrder> extends WindowArguments {
  readonly filter?: GivenFilter | null | undefined;
  readonly orderBy?: readonly GivenOrder[] | null | undefined;
}

/** Reads a filter of snapshots; see `readFilter`. A filter of the schema without a REST filter does not compile. */
export const readSnapshotFilter = (given: SnapshotFilter | null | undefined): Filter =>
  readFilter(SNAPSHOT_FILTERS satisfies Record<keyof SnapshotFilter, unknown>, given);

/** Reads a filter of volumes; see `readSnapshotFilter`. */
export const readVolumeFilter = (given: VolumeFilter | null | undefined): Filter =>
  readFilter(VOLUME_FILTERS satisfies Record<keyof VolumeFilter, unknown>, given);

/**
 * The connection of snapshots that a field's arguments request.
 * @param volume restricts the list to snapshots of this volume, in addition to the filter.
 * @throws GatewayError BAD_USER_INPUT before any call to Waldur.
 */
export function connectSnapshots(
  args: Arguments<SnapshotFilter, SnapshotOrder>,
  context: GraphContext,
  info: GraphQLResolveInfo,
  volume?: ParentVolume,
): SnapshotList {
  const filter = readSnapshotFilter(args.filter);
  return connect('snapshot', filter, readOrder(args.orderBy), args, context, info, volume);
}

/** The connection of volumes that a field's arguments request; see `connectSnapshots`. */
export function connectVolumes(
  args: Arguments<VolumeFilter, VolumeOrder>,
  context: GraphContext,
  info: GraphQLResolveInfo,
): VolumeList {
  return connect('volume', readVolumeFilter(args.filter), readOrder(args.orderBy), args, context, info);
}

interface ChoiceArguments<GivenFilter> extends WindowArguments {
  readonly filter?: GivenFilter | null | undefined;
}

/** Makes the function that returns the connection of a list of objects to choose from, by name; see `connectSnapshots`. */
const connectBy =
  <K extends RelatedKind, GivenFilter extends FilterValues>(
    kind: K,
    filters: { readonly [Name in keyof GivenFilter]-?: FilterTable[string] },
  ) =>
  (args: ChoiceArguments<GivenFilter>, context: GraphContext, info: GraphQLResolveInfo): ListConnection<K> =>
    connect(kind, readFilter(filters, args.filter), readOrder(undefined), args, context, info);

export const connectProjects = connectBy<'project', ProjectFilter>('project', PROJECT_FILTERS);
export const connectCustomers = connectBy<'customer', CustomerFilter>('customer', NAME_FILTERS);
export const connectTenants = connectBy<'tenant', TenantFilter>('tenant', TENANT_FILTERS);

/** The connection of instances; see `connectSnapshots`. The argument `attachableTo` is a condition like those of the filter. */
export function connectInstances(
  { attachableTo, ...args }: ChoiceArguments<InstanceFilter> & { readonly attachableTo?: string | null | undefined },
  context: GraphContext,
  info: GraphQLResolveInfo,
): InstanceList {
  const conditions = readFilter(INSTANCE_FILTERS satisfies Record<keyof InstanceFilter, unknown>, {
    ...args.filter,
    attachableTo,
  });
  return connect('instance', conditions, readOrder(undefined), args, context, info);
}

const ROW_FIELDS: ReadonlySet<string> = new Set(['nodes', 'edges', 'pageInfo']);
const needingRows = new WeakMap<GraphQLResolveInfo['fieldNodes'], boolean>();

/** Whether a selected field needs rows. Cached, because the lists of a page of volumes share their field nodes. */
function needsRows(info: GraphQLResolveInfo): boolean {
  const { fieldNodes } = info;
  let needs = needingRows.get(fieldNodes);
  if (needs === undefined) {
    needs = !selectsOnly(fieldNodes, selectingOf(info), (field) => !ROW_FIELDS.has(field));
    needingRows.set(fieldNodes, needs);
  }
  return needs;
}

function connect<K extends Kind>(
  kind: K,
  given: Filter,
  order: Order,
  args: WindowArguments,
  context: GraphContext,
  info: GraphQLResolveInfo,
  parent?: ParentVolume,
): ListConnection<K> {
  const volumeUuid = parent?.volumeUuid;
  // No snapshot belongs to two volumes, and Waldur accepts only one value.
  const contradicts =
    volumeUuid !== undefined && given.sourceVolumeUuid !== undefined && given.sourceVolumeUuid !== volumeUuid;
  const filter = volumeUuid === undefined ? given : { ...given, sourceVolumeUuid: volumeUuid };
  const fingerprint = (): string => listFingerprint(`["${kind}",${filterKey(filter)},${orderKey(order)}]`);
  const window = readWindow(args, fingerprint);
  const request = { kind, filter, order, window, empty: contradicts };
  return new ListConnection({
    loaders: context.loaders(info),
    request,
    fingerprint,
    needsRows: needsRows(info),
    parent,
  });
}
