import type { GraphQLResolveInfo } from 'graphql';
import { isSettled } from '../../domain/states.ts';
import { badInput } from '../../errors.ts';
import type { LiveEvent } from '../../live/index.ts';
import type { Filter } from '../../loading/list-request.ts';
import type { GraphContext } from '../context.ts';
import type {
  RestoreProgressResolvers,
  SnapshotChangeResolvers,
  SubscriptionResolvers,
  SubscriptionSnapshotChangesArgs,
  SubscriptionVolumeChangesArgs,
  VolumeChangeResolvers,
} from '../generated.ts';
import { snapshotId, volumeId } from '../ids.ts';
import { checkBatch } from '../lists/arguments.ts';
import { readSnapshotFilter, readVolumeFilter } from '../lists/connect.ts';
import { createEventLogReader, createFetcher } from '../live-adapter.ts';
import type { SnapshotRow, VolumeRow } from '../nodes.ts';

/** Subscriptions. The arguments are checked here; everything else is the live engine's work. */

type Kind = 'snapshot' | 'volume';

/** The arguments of a stream beside its filter. */
interface StreamArguments {
  readonly uuids?: readonly string[] | null;
  readonly after?: string | null;
  readonly initial?: boolean | null;
}

const watch = async (
  kind: Kind,
  filter: Filter,
  { uuids, after, initial }: StreamArguments,
  context: GraphContext,
  info: GraphQLResolveInfo,
) => {
  if (uuids != null) {
    checkBatch('uuids', uuids);
    if (uuids.length === 0) throw badInput('uuids', 'uuids must not be empty. Omit it to watch the whole list.');
  }
  const { live, client, eventLog } = context.streams();
  return live.subscribe({
    callerKey: context.caller.key,
    kind,
    filter: { ...filter },
    fields: new Set([...context.columns(info)[kind], ...(await context.rights(info).columnsFor(kind, filter))]),
    uuids: uuids ?? null,
    after: after ?? null,
    initial: initial ?? true,
    fetcher: createFetcher(client, context.caller, kind),
    ...(eventLog && { events: createEventLogReader(client, context.caller) }),
    onEnd: context.onStreamEnd,
  });
};

/** Each event is the root value of its own execution, so the field returns it unchanged. */
const identity = (event: LiveEvent): LiveEvent => event;

/** As `identity`. The filter tells where the object is, for fields that depend on the caller's rights. */
function placed(kind: Kind, event: LiveEvent, filter: Filter, context: GraphContext, info: GraphQLResolveInfo) {
  if (event.row) context.rights(info).remember(kind, event.row.fields, filter);
  return event;
}

export const subscriptions: Required<SubscriptionResolvers> = {
  snapshotChanges: {
    subscribe: (_, { filter, ...stream }, context, info) =>
      watch('snapshot', readSnapshotFilter(filter), stream, context, info),
    resolve: (
      event: LiveEvent,
      { filter }: SubscriptionSnapshotChangesArgs,
      context: GraphContext,
      info: GraphQLResolveInfo,
    ) => placed('snapshot', event, readSnapshotFilter(filter), context, info),
  },
  volumeChanges: {
    subscribe: (_, { filter, ...stream }, context, info) =>
      watch('volume', readVolumeFilter(filter), stream, context, info),
    resolve: (
      event: LiveEvent,
      { filter }: SubscriptionVolumeChangesArgs,
      context: GraphContext,
      info: GraphQLResolveInfo,
    ) => placed('volume', event, readVolumeFilter(filter), context, info),
  },
  restoreProgress: {
    subscribe: async (_, { volumeUuid }, context, info) => {
      const { live, client } = context.streams();
      const places = await context.rights(info).columnsFor('volume', {});
      return live.restoreProgress({
        callerKey: context.caller.key,
        volumeUuid,
        fields: new Set([...context.columns(info).volume, ...places]),
        fetcher: createFetcher(client, context.caller, 'volume'),
        onEnd: context.onStreamEnd,
      });
    },
    resolve: identity,
  },
};

const time = (event: LiveEvent): string => new Date(event.observedAt).toISOString();

export const snapshotChange: SnapshotChangeResolvers = {
  id: ({ uuid }) => (uuid === null ? null : snapshotId(uuid)),
  observedAt: time,
  snapshot: (event) => (event.row?.fields ?? null) as SnapshotRow | null,
};

export const volumeChange: VolumeChangeResolvers = {
  id: ({ uuid }) => (uuid === null ? null : volumeId(uuid)),
  observedAt: time,
  volume: (event) => (event.row?.fields ?? null) as VolumeRow | null,
};

export const restoreProgress: RestoreProgressResolvers = {
  observedAt: time,
  isSettled: ({ state }) => state !== null && isSettled(state),
  volume: (event) => (event.row?.fields ?? null) as VolumeRow | null,
};
