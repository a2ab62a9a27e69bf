import type { GraphQLResolveInfo } from 'graphql';
import { filterText, orderText } from '../../loading/cache-keys.ts';
import type { Filter, Kind, Order } from '../../loading/lists.ts';
import type { Parent } from '../../loading/siblings.ts';
import type { GraphContext } from '../context.ts';
import type { SnapshotFilter, SnapshotOrder, VolumeFilter, VolumeOrder } from '../generated.ts';
import { selectsOnly } from '../selection.ts';
import { ListConnection, type SnapshotList, type VolumeList } from './connection.ts';
import { listPrint } from './cursor.ts';
import { readFilter } from './filter.ts';
import { readOrder } from './order.ts';
import { readWindow, type WindowArguments } from './window.ts';

interface Arguments<GivenFilter, GivenOrder> extends WindowArguments {
  readonly filter?: GivenFilter | null | undefined;
  readonly orderBy?: readonly GivenOrder[] | null | undefined;
}

/**
 * The connection of snapshots that a field's arguments ask for.
 * @param volume only snapshots of this volume, whatever the filter says besides.
 * @throws GatewayError BAD_USER_INPUT before anything is asked upstream.
 */
export function connectSnapshots(
  args: Arguments<SnapshotFilter, SnapshotOrder>,
  context: GraphContext,
  info: GraphQLResolveInfo,
  volume?: Parent,
): SnapshotList {
  const filter = readFilter('snapshot', args.filter);
  return connect('snapshot', filter, readOrder(args.orderBy), args, context, info, volume);
}

/** The connection of volumes that a field's arguments ask for; see `connectSnapshots`. */
export function connectVolumes(
  args: Arguments<VolumeFilter, VolumeOrder>,
  context: GraphContext,
  info: GraphQLResolveInfo,
): VolumeList {
  return connect('volume', readFilter('volume', args.filter), readOrder(args.orderBy), args, context, info);
}

const ROW_FIELDS: ReadonlySet<string> = new Set(['nodes', 'edges', 'pageInfo']);
const wanting = new WeakMap<GraphQLResolveInfo['fieldNodes'], boolean>();

/** Whether anything is selected that needs rows; looked up once for a field of a plan. */
function wantsRows({ fieldNodes, fragments }: GraphQLResolveInfo): boolean {
  let wants = wanting.get(fieldNodes);
  if (wants === undefined) {
    wants = !selectsOnly(fieldNodes, fragments, (field) => !ROW_FIELDS.has(field));
    wanting.set(fieldNodes, wants);
  }
  return wants;
}

function connect<K extends Kind>(
  kind: K,
  given: Filter,
  order: Order,
  args: WindowArguments,
  context: GraphContext,
  info: GraphQLResolveInfo,
  parent?: Parent,
): ListConnection<K> {
  const volumeUuid = parent?.volumeUuid;
  // A condition on another volume besides the parent's can never hold; Waldur takes one value only.
  const contradicts =
    volumeUuid !== undefined && given.sourceVolumeUuid !== undefined && given.sourceVolumeUuid !== volumeUuid;
  const filter = volumeUuid === undefined ? given : { ...given, sourceVolumeUuid: volumeUuid };
  const print = onFirstUse(() => listPrint(`["${kind}",${filterText(filter)},${orderText(order)}]`));
  const window = readWindow(args, print);
  const request = { kind, filter, order, window, empty: contradicts };
  return new ListConnection({
    loaders: context.loaders(info),
    request,
    print,
    wantsRows: wantsRows(info),
    parent,
    // If that fails, the fields that ask report it.
    prepare: context.columns(info).asksStaff ? () => context.isStaff().catch(() => undefined) : undefined,
  });
}

/** Most lists are asked for without cursors, and their prints are not needed. */
function onFirstUse(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
