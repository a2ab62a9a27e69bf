import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import type { Caller } from '../auth/caller.ts';
import { createLoaders, type Loaders } from '../loaders/loaders.ts';
import { type MeRow, Upstream } from '../loaders/upstream.ts';
import type { WaldurClient } from '../waldur/client.ts';
import { projectionOf } from './projection.ts';

/** What resolvers know of the operation they run for. One is made for each operation and never shared. */
export interface GraphContext {
  readonly caller: Caller;
  /** Tells operations apart in the log; also sent upstream. */
  readonly requestId: string;
  /** Waldur, asked with this caller's credentials and within this operation's deadline. */
  readonly upstream: Upstream;
  /** Reading, batched and never repeated within the operation. */
  loaders(info: GraphQLResolveInfo): Loaders;
  /** The caller's own user, as Waldur now says. */
  viewer(): Promise<MeRow>;
  /** Whether the caller is staff; known for a minute, since lists ask for it often and it changes rarely. */
  isStaff(): Promise<boolean>;
}

/** The caller's own user by caller key; see `createCached`. */
export interface ViewerCache {
  get(key: string, load: () => Promise<MeRow>): Promise<MeRow>;
  set(key: string, value: MeRow): Promise<void>;
}

export interface ContextOptions {
  readonly client: WaldurClient;
  readonly schema: GraphQLSchema;
  readonly viewers: ViewerCache;
  /** For all calls of one operation together, in ms. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** @returns what makes the context of one operation. */
export function contextFactory({ client, schema, viewers, timeoutMs, now }: ContextOptions) {
  return (caller: Caller, requestId: string, signal: AbortSignal): GraphContext => {
    const upstream = new Upstream(client, caller, { signal, requestId, deadline: now() + timeoutMs });
    let loaders: Loaders | undefined;
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
      upstream,
      viewer,
      async isStaff() {
        return (await viewers.get(caller.key, viewer)).is_staff === true;
      },
      loaders(info) {
        loaders ??= createLoaders(upstream, projectionOf(info.operation, info.fragments, schema));
        return loaders;
      },
    };
  };
}
