import { randomUUID } from 'node:crypto';
import type { GraphQLResolveInfo, GraphQLSchema, OperationTypeNode } from 'graphql';
import type { Caller } from '../auth/caller.ts';
import type { Live, LiveEnd } from '../live/index.ts';
import { requireCredentials } from '../loading/credentials.ts';
import { createLoaders, type Loaders } from '../loading/loaders.ts';
import { OperationClient } from '../loading/operation-client.ts';
import type { Decision } from '../loading/planner.ts';
import type { Shared } from '../loading/request-options.ts';
import type { AbortToken } from '../runtime/abort-token.ts';
import type { WaldurClient } from '../waldur/client.ts';
import type { MeRow } from '../waldur/types.ts';
import { type Projection, projectionOf } from './projection.ts';

/** What becomes known of an operation on its way. For metrics: nothing is decided by it. */
export interface OperationNotes {
  kind?: `${OperationTypeNode}`;
  /** Rows that it may need, as estimated. */
  rows?: number;
  /** Whether a compiled plan ran it. */
  compiled?: boolean;
  /** Whether it selects nothing but the schema and names of types: its answer is the same for every caller. */
  introspective?: boolean;
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
  readonly upstream: OperationClient;
  /** Reading, batched and never repeated within the operation. */
  loaders(info: GraphQLResolveInfo): Loaders;
  /** The same operation at a later time: for the next event of a stream, which must not see what was read for the last one. */
  fresh(): GraphContext;
  /** Measures durations; see `Time`. */
  now(): number;
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
  /** What `isStaff` found; undefined before that. */
  readonly knownStaff: boolean | undefined;
}

export interface Streams {
  readonly live: Live;
  readonly client: WaldurClient;
}

/** The caller's own user by caller key; see `createCached`. */
export interface ViewerCache {
  get(key: string): MeRow | undefined;
  set(key: string, value: MeRow): void;
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

/**
 * One operation's context. Most of it is made when it is first needed: thousands of subscriptions wait, and hold one each.
 *
 * Its fields are ordinary properties because Apollo copies contexts property by property; a copy of hidden ones would be broken.
 */
class OperationContext implements GraphContext {
  readonly caller: Caller;
  readonly notes: OperationNotes = {};
  knownStaff: boolean | undefined = undefined;
  readonly onStreamEnd: GraphContext['onStreamEnd'];
  private readonly options: ContextOptions;
  private readonly shared: Shared;
  private readonly signal: AbortToken;
  private id: string | undefined;
  private ownUpstream: OperationClient | undefined = undefined;
  private ownLoaders: Loaders | undefined = undefined;
  private viewerRow: Promise<MeRow> | undefined = undefined;

  constructor(
    options: ContextOptions,
    shared: Shared,
    caller: Caller,
    id: string | undefined,
    signal: AbortToken,
    onStreamEnd: GraphContext['onStreamEnd'],
  ) {
    this.options = options;
    this.shared = shared;
    this.caller = caller;
    this.id = id;
    this.signal = signal;
    this.onStreamEnd = onStreamEnd;
  }

  get requestId(): string {
    this.id ??= randomUUID();
    return this.id;
  }

  get live(): Live {
    return this.options.live;
  }

  get upstream(): OperationClient {
    this.ownUpstream ??= this.makeUpstream();
    return this.ownUpstream;
  }

  now(): number {
    return this.options.now();
  }

  loaders(info: GraphQLResolveInfo): Loaders {
    this.ownLoaders ??= createLoaders(this.upstream, this.columns(info));
    return this.ownLoaders;
  }

  fresh(): GraphContext {
    const { options, caller, signal, onStreamEnd } = this;
    return new OperationContext(options, options.sharedByEvents, caller, this.requestId, signal, onStreamEnd);
  }

  decisions(): readonly Decision[] {
    return this.ownLoaders?.decisions ?? [];
  }

  columns({ operation, fragments }: GraphQLResolveInfo): Projection {
    return projectionOf(operation, fragments, this.options.schema);
  }

  streams(): Streams {
    requireCredentials(this.caller);
    return { live: this.options.live, client: this.options.client };
  }

  viewer(): Promise<MeRow> {
    this.viewerRow ??= this.readViewer();
    return this.viewerRow;
  }

  async isStaff(): Promise<boolean> {
    const row = this.options.viewers.get(this.caller.key) ?? (await this.viewer());
    this.knownStaff = row.is_staff === true;
    return this.knownStaff;
  }

  private makeUpstream(): OperationClient {
    const { client, timeoutMs, maxCalls, now } = this.options;
    const call = { signal: this.signal, requestId: this.requestId, deadline: now() + timeoutMs };
    return new OperationClient({ client, caller: this.caller, call, shared: this.shared, maxCalls });
  }

  private async readViewer(): Promise<MeRow> {
    const row = await this.upstream.viewer();
    this.options.viewers.set(this.caller.key, row);
    return row;
  }
}

/**
 * @returns what makes the context of one operation.
 *
 * Without a request id one is made when it is needed. The deadline of all calls counts from the first.
 */
export const contextFactory =
  (options: ContextOptions) =>
  (
    caller: Caller,
    requestId: string | undefined,
    signal: AbortToken,
    onStreamEnd: GraphContext['onStreamEnd'] = ignore,
  ): GraphContext =>
    new OperationContext(options, options.shared, caller, requestId, signal, onStreamEnd);
