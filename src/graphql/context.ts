import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '../auth/caller.ts';
import type { Loaders } from '../loaders/loaders.ts';
import type { Upstream } from '../loaders/upstream.ts';

/** What resolvers know of the operation they run for. One is made for each operation and never shared. */
export interface GraphContext {
  readonly caller: Caller;
  /** Tells operations apart in the log; also sent upstream. */
  readonly requestId: string;
  /** Waldur, asked with this caller's credentials and within this operation's deadline. */
  readonly upstream: Upstream;
  /** Reading, batched and never repeated within the operation. */
  loaders(info: GraphQLResolveInfo): Loaders;
}
