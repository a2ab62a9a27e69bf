import type { GraphQLResolveInfo } from 'graphql';
import { isSettled } from '../../domain/states.ts';
import type { LiveEvent } from '../../live/index.ts';
import type { GraphContext } from '../context.ts';
import { createFetcher } from '../fetcher.ts';
import type {
  RestoreProgressResolvers,
  SnapshotChangeResolvers,
  SubscriptionResolvers,
  VolumeChangeResolvers,
} from '../generated.ts';
import { readFilter } from '../lists/filter.ts';
import type { SnapshotRow, VolumeRow } from '../nodes.ts';

/** Subscriptions: the arguments are checked here, everything that happens afterwards is the live engine's. */

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

/** Each event is the root value of an execution of its own; the field shows it as it is. */
const asIs = (event: LiveEvent): LiveEvent => event;

export const subscriptions: Required<SubscriptionResolvers> = {
  snapshotChanges: {
    subscribe: (_, { filter, after }, context, info) =>
      watch('snapshot', readFilter('snapshot', filter), after, context, info),
    resolve: asIs,
  },
  volumeChanges: {
    subscribe: (_, { filter, after }, context, info) =>
      watch('volume', readFilter('volume', filter), after, context, info),
    resolve: asIs,
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
    resolve: asIs,
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
