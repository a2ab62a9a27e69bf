import type { GraphQLResolveInfo, GraphQLSchema, OperationTypeNode } from 'graphql';
import type { Caller } from '../auth/caller.ts';
import type { Live, LiveEnd } from '../live/index.ts';
import { createLoaders, type Loaders } from '../loaders/loaders.ts';
import type { Decision } from '../loaders/planner.ts';
import { type MeRow, type Shared, Upstream } from '../loaders/upstream.ts';
import type { WaldurClient } from '../waldur/client.ts';
import { type Projection, projectionOf } from './projection.ts';

/** What becomes known of an operation on its way. For metrics: nothing is decided by it. */
export interface OperationNotes {
  kind?: `${OperationTypeNode}`;
  /** Rows that it may need, as estimated. */
  rows?: number;
  /** Whether a compiled plan ran it. */
  compiled?: boolean;
  /** The limit that refused it. */
  limit?: string;
}

/** What resolvers know of the operation they run for. One is made for each operation and never shared. */
export interface GraphContext {
  readonly caller: Caller;
  /** Tells operations apart in the log; also sent upstream. */
  readonly requestId: string;
  /** Written by whoever judges the operation. */
  readonly notes: OperationNotes;
  /** Waldur, asked with this caller's credentials and within this operation's deadline. */
  readonly upstream: Upstream;
  /** Reading, batched and never repeated within the operation. */
  loaders(info: GraphQLResolveInfo): Loaders;
  /** The same operation at a later time: for the next event of a stream, which must not see what was read for the last one. */
  fresh(): GraphContext;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What was decided about calls so far, in order. */
  decisions(): readonly Decision[];
  /** REST columns that the operation needs. */
  columns(info: GraphQLResolveInfo): Projection;
  /** The engine of subscriptions; mutations tell it what they changed. */
  readonly live: Live;
  /** What subscriptions run on. @throws GatewayError UNAUTHENTICATED without credentials. */
  streams(): Streams;
  /** Told once when a stream of this operation ends by an error, also while nobody reads it. */
  readonly onStreamEnd: (end: LiveEnd) => void;
  /** The caller's own user, as Waldur now says. */
  viewer(): Promise<MeRow>;
  /** Whether the caller is staff; known for a minute, since lists ask for it often and it changes rarely. */
  isStaff(): Promise<boolean>;
}

export interface Streams {
  readonly live: Live;
  readonly client: WaldurClient;
}

/** The caller's own user by caller key; see `createCached`. */
export interface ViewerCache {
  get(key: string, load: () => Promise<MeRow>): Promise<MeRow>;
  set(key: string, value: MeRow): Promise<void>;
}

export interface ContextOptions {
  readonly client: WaldurClient;
  /** What queries and mutations share. */
  readonly shared: Shared;
  /** What the executions of events share: without a cache, or an event would show what was read before it. */
  readonly sharedByEvents: Shared;
  readonly live: Live;
  readonly schema: GraphQLSchema;
  readonly viewers: ViewerCache;
  /** For all calls of one operation together, in ms. */
  readonly timeoutMs: number;
  /** Most calls to Waldur that a query may need. */
  readonly maxCalls: number;
  readonly now: () => number;
}

const ignore = (): void => {};

/** @returns what makes the context of one operation. */
export function contextFactory(options: ContextOptions) {
  const { client, live, schema, viewers, timeoutMs, maxCalls, now } = options;

  function make(
    shared: Shared,
    caller: Caller,
    requestId: string,
    signal: AbortSignal,
    onStreamEnd: GraphContext['onStreamEnd'],
  ): GraphContext {
    const call = { signal, requestId, deadline: now() + timeoutMs };
    const upstream = new Upstream({ client, caller, call, shared, maxCalls });
    let loaders: Loaders | undefined;
    const columns = ({ operation, fragments }: GraphQLResolveInfo) => projectionOf(operation, fragments, schema);
    let viewerRow: Promise<MeRow> | undefined;
    const readViewer = async (): Promise<MeRow> => {
      const row = await upstream.viewer();
      await viewers.set(caller.key, row);
      return row;
    };
    const viewer = (): Promise<MeRow> => {
      viewerRow ??= readViewer();
      return viewerRow;
    };
    return {
      caller,
      requestId,
      notes: {},
      now,
      upstream,
      viewer,
      onStreamEnd,
      live,
      fresh: () => make(options.sharedByEvents, caller, requestId, signal, onStreamEnd),
      columns,
      streams() {
        upstream.requireCredentials();
        return { live, client };
      },
      async isStaff() {
        return (await viewers.get(caller.key, viewer)).is_staff === true;
      },
      loaders(info) {
        loaders ??= createLoaders(upstream, columns(info));
        return loaders;
      },
      decisions: () => loaders?.decisions ?? [],
    };
  }

  return (
    caller: Caller,
    requestId: string,
    signal: AbortSignal,
    onStreamEnd: GraphContext['onStreamEnd'] = ignore,
  ): GraphContext => make(options.shared, caller, requestId, signal, onStreamEnd);
}
