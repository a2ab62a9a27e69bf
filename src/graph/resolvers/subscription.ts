import type { GraphQLResolveInfo } from 'graphql';
import { isSettled } from '../../domain/states.ts';
import type { LiveEvent } from '../../live/index.ts';
import type { GraphContext } from '../context.ts';
import type {
  RestoreProgressResolvers,
  SnapshotChangeResolvers,
  SubscriptionResolvers,
  VolumeChangeResolvers,
} from '../generated.ts';
import { readSnapshotFilter, readVolumeFilter } from '../lists/connect.ts';
import { createFetcher } from '../live-adapter.ts';
import type { SnapshotRow, VolumeRow } from '../nodes.ts';

/** Subscriptions. The arguments are checked here; everything else is the live engine's work. */

type Kind = 'snapshot' | 'volume';

const watch = (
  kind: Kind,
  filter: object,
  after: string | null | undefined,
  context: GraphContext,
  info: GraphQLResolveInfo,
) => {
  const { live, client } = context.streams();
  return live.subscribe({
    callerKey: context.caller.key,
    kind,
    filter: { ...filter },
    fields: new Set(context.columns(info)[kind]),
    after: after ?? null,
    fetcher: createFetcher(client, context.caller, kind),
    onEnd: context.onStreamEnd,
  });
};

/** Each event is the root value of its own execution, so the field returns it unchanged. */
const identity = (event: LiveEvent): LiveEvent => event;

export const subscriptions: Required<SubscriptionResolvers> = {
  snapshotChanges: {
    subscribe: (_, { filter, after }, context, info) =>
      watch('snapshot', readSnapshotFilter(filter), after, context, info),
    resolve: identity,
  },
  volumeChanges: {
    subscribe: (_, { filter, after }, context, info) => watch('volume', readVolumeFilter(filter), after, context, info),
    resolve: identity,
  },
  restoreProgress: {
    subscribe: (_, { volumeUuid }, context, info) => {
      const { live, client } = context.streams();
      return live.restoreProgress({
        callerKey: context.caller.key,
        volumeUuid,
        fields: new Set(context.columns(info).volume),
        fetcher: createFetcher(client, context.caller, 'volume'),
        onEnd: context.onStreamEnd,
      });
    },
    resolve: identity,
  },
};

const time = (event: LiveEvent): string => new Date(event.observedAt).toISOString();

export const snapshotChange: SnapshotChangeResolvers = {
  observedAt: time,
  snapshot: (event) => (event.row?.fields ?? null) as SnapshotRow | null,
};

export const volumeChange: VolumeChangeResolvers = {
  observedAt: time,
  volume: (event) => (event.row?.fields ?? null) as VolumeRow | null,
};

export const restoreProgress: RestoreProgressResolvers = {
  observedAt: time,
  isSettled: ({ state }) => state !== null && isSettled(state),
  volume: (event) => (event.row?.fields ?? null) as VolumeRow | null,
};
