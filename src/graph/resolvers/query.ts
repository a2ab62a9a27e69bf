import type { GraphQLResolveInfo } from 'graphql';
import { badInput } from '../../errors.ts';
import { countStates } from '../../loading/state-counts.ts';
import type { GraphContext } from '../context.ts';
import type { QueryResolvers } from '../generated.ts';
import { type NodeId, parseId } from '../ids.ts';
import { checkBatch } from '../lists/arguments.ts';
import {
  connectCustomers,
  connectInstances,
  connectProjects,
  connectSnapshots,
  connectTenants,
  connectVolumes,
  readSnapshotFilter,
  readVolumeFilter,
} from '../lists/connect.ts';
import { KIND_OF, type RestorationRow } from '../nodes.ts';

type Query = Required<QueryResolvers>;

const snapshot: Query['snapshot'] = (_, { uuid }, context, info) => context.loaders(info).snapshots.load(uuid);

const volume: Query['volume'] = (_, { uuid }, context, info) => context.loaders(info).volumes.load(uuid);

const snapshots: Query['snapshots'] = (_, args, context, info) => connectSnapshots(args, context, info);

const volumes: Query['volumes'] = (_, args, context, info) => connectVolumes(args, context, info);

const projects: Query['projects'] = (_, args, context, info) => connectProjects(args, context, info);

const customers: Query['customers'] = (_, args, context, info) => connectCustomers(args, context, info);

const tenants: Query['tenants'] = (_, args, context, info) => connectTenants(args, context, info);

const instances: Query['instances'] = (_, args, context, info) => connectInstances(args, context, info);

const snapshotStateCounts: Query['snapshotStateCounts'] = (_, { filter }, { upstream }) =>
  countStates(upstream, 'snapshot', readSnapshotFilter(filter));

const volumeStateCounts: Query['volumeStateCounts'] = (_, { filter }, { upstream }) =>
  countStates(upstream, 'volume', readVolumeFilter(filter));

const snapshotsByUuid: Query['snapshotsByUuid'] = (_, { uuids }, context, info) => {
  checkBatch('uuids', uuids);
  return eachOrError(uuids.map((uuid) => context.loaders(info).snapshots.load(uuid)));
};

const node: Query['node'] = (_, { id }, context, info) => loadNode(readId('id', id), context, info);

const nodes: Query['nodes'] = (_, { ids }, context, info) => {
  checkBatch('ids', ids);
  const parsed = ids.map((id, i) => readId(`ids[${i}]`, id));
  return eachOrError(parsed.map((id) => loadNode(id, context, info)));
};

const viewer: Query['viewer'] = (_, _args, context) => context.viewer();

export const queries: Query = {
  snapshot,
  volume,
  snapshots,
  volumes,
  projects,
  customers,
  tenants,
  instances,
  snapshotStateCounts,
  volumeStateCounts,
  snapshotsByUuid,
  node,
  nodes,
  viewer,
};

/** A failed item becomes an Error in the list, so that only this item is null in the response. */
export async function eachOrError<Value>(loads: readonly Promise<Value>[]): Promise<(Value | Error)[]> {
  const settled = await Promise.allSettled(loads);
  return settled.map((result) => {
    if (result.status === 'fulfilled') return result.value;
    return result.reason instanceof Error ? result.reason : new Error(String(result.reason));
  });
}

function readId(argument: string, id: string): NodeId {
  const parsed = parseId(id);
  if (parsed === undefined)
    throw badInput(argument, `${argument} is not an id of this API. Use the value of an id field.`);
  return parsed;
}

/** The object with an id; null if it does not exist or the caller may not see it. Its type is in `__typename`. */
export async function loadNode(id: NodeId, context: GraphContext, info: GraphQLResolveInfo) {
  const loaders = context.loaders(info);
  switch (id.type) {
    case 'Snapshot': {
      const row = await loaders.snapshots.load(id.uuid);
      return row && { ...row, __typename: id.type };
    }
    case 'Volume': {
      const row = await loaders.volumes.load(id.uuid);
      return row && { ...row, __typename: id.type };
    }
    case 'unfetched':
      return null;
    case 'Restoration': {
      const rows = await loaders.restorations.load(id.snapshotUuid);
      const row = rows?.find((found): found is RestorationRow => !(found instanceof Error) && found.uuid === id.uuid);
      return row ? { snapshotUuid: id.snapshotUuid, row, __typename: id.type } : null;
    }
    default: {
      const row = await loaders.related(KIND_OF[id.type]).load(id.uuid);
      return row && { ...row, __typename: id.type };
    }
  }
}
