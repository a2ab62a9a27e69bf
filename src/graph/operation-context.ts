import { randomUUID } from 'node:crypto';
import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import type { Caller } from '../auth/caller.ts';
import type { Seals } from '../auth/seal.ts';
import type { Live } from '../live/index.ts';
import { Loaders } from '../loading/loaders.ts';
import { OperationClient, requireCredentials, type Shared } from '../loading/operation-client.ts';
import type { Decision } from '../loading/planner.ts';
import type { AbortToken } from '../runtime/abort-token.ts';
import type { Span } from '../runtime/span.ts';
import type { WaldurClient } from '../waldur/client.ts';
import type { MeRow } from '../waldur/types.ts';
import { CallerRights } from './caller-rights.ts';
import type { GraphContext, OperationNotes, RequiredColumns, Streams } from './context.ts';
import { COLUMN_COSTS } from './fields/index.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import { requiredColumns } from './required-columns.ts';

/** The users of callers, by caller key; see `createCached`. */
export interface ViewerCache {
  get(key: string): MeRow | undefined;
  set(key: string, value: MeRow): void;
}

export interface ContextOptions {
  readonly client: WaldurClient;
  /** State that queries and mutations share. */
  readonly shared: Shared;
  /** State that executions of events share. It has no cache: an event must not show data that is older than the event. */
  readonly sharedByEvents: Shared;
  readonly live: Live;
  readonly schema: GraphQLSchema;
  readonly viewers: ViewerCache;
  readonly idempotency: IdempotencyKeys;
  /** Deadline for all calls of one operation together, in ms. */
  readonly timeoutMs: number;
  /** Maximum number of calls to Waldur for a query. */
  readonly maxCalls: number;
  readonly now: () => number;
  /** Whether subscriptions may read Waldur's event log. */
  readonly eventLog?: boolean;
  /** Absent: nothing is shared with other processes. */
  readonly seals?: Seals | undefined;
}

const ignore = (): void => {};

/**
 * The context of one operation. The client and the loaders are created on first use, because thousands of idle subscriptions hold
 * a context each.
 *
 * The fields must not be `#private`: Apollo copies contexts property by property, which would lose them.
 */
class OperationContext implements GraphContext {
  readonly caller: Caller;
  readonly notes: OperationNotes = {};
  knownRights: CallerRights | undefined;
  readonly onStreamEnd: GraphContext['onStreamEnd'];
  readonly span: Span | undefined;
  private readonly options: ContextOptions;
  private readonly shared: Shared;
  private readonly signal: AbortToken;
  private id: string | undefined;
  private ownClient: OperationClient | undefined;
  private ownLoaders: Loaders | undefined;
  private viewerRow: Promise<MeRow> | undefined;

  constructor(
    options: ContextOptions,
    shared: Shared,
    caller: Caller,
    id: string | undefined,
    signal: AbortToken,
    onStreamEnd: GraphContext['onStreamEnd'],
    span: Span | undefined,
  ) {
    this.options = options;
    this.shared = shared;
    this.caller = caller;
    this.id = id;
    this.signal = signal;
    this.onStreamEnd = onStreamEnd;
    this.span = span;
  }

  get requestId(): string {
    this.id ??= randomUUID();
    return this.id;
  }

  get idempotency(): IdempotencyKeys {
    return this.options.idempotency;
  }

  get live(): Live {
    return this.options.live;
  }

  get upstream(): OperationClient {
    this.ownClient ??= this.createClient();
    return this.ownClient;
  }

  now(): number {
    return this.options.now();
  }

  loaders(info: GraphQLResolveInfo): Loaders {
    this.ownLoaders ??= this.createLoaders(this.columns(info), this.rights(info));
    return this.ownLoaders;
  }

  fresh(): GraphContext {
    const { options, caller, signal, onStreamEnd, span } = this;
    return new OperationContext(options, options.sharedByEvents, caller, this.requestId, signal, onStreamEnd, span);
  }

  decisions(): readonly Decision[] {
    return this.ownLoaders?.decisions ?? [];
  }

  columns(info: GraphQLResolveInfo): RequiredColumns {
    return requiredColumns(info, this.options.schema);
  }

  streams(): Streams {
    requireCredentials(this.caller);
    const { live, client, eventLog = false } = this.options;
    return { live, client, eventLog };
  }

  viewer(): Promise<MeRow> {
    this.viewerRow ??= this.readViewer();
    return this.viewerRow;
  }

  rights(info: GraphQLResolveInfo): CallerRights {
    this.knownRights ??= this.createRights(this.columns(info));
    return this.knownRights;
  }

  private createClient(): OperationClient {
    const { client, timeoutMs, maxCalls, now } = this.options;
    const call = { signal: this.signal, requestId: this.requestId, deadline: now() + timeoutMs, span: this.span };
    return new OperationClient({ client, caller: this.caller, call, shared: this.shared, maxCalls });
  }

  private createLoaders(columns: RequiredColumns, rights: CallerRights): Loaders {
    const places = columns.rightsOn.size > 0 ? rights : undefined;
    return new Loaders({ client: this.upstream, columns, costs: COLUMN_COSTS, places });
  }

  private createRights({ rightsOn }: RequiredColumns): CallerRights {
    const read = async () => this.options.viewers.get(this.caller.key) ?? (await this.viewer());
    return new CallerRights(read, (kind) => rightsOn.has(kind));
  }

  private async readViewer(): Promise<MeRow> {
    const row = await this.upstream.viewer();
    this.options.viewers.set(this.caller.key, row);
    return row;
  }
}

/**
 * @returns the function that creates the context of one operation.
 *
 * Without a request id, one is created when it is needed. The deadline counts from the first call to Waldur.
 */
export const contextFactory =
  (options: ContextOptions) =>
  (
    caller: Caller,
    requestId: string | undefined,
    signal: AbortToken,
    onStreamEnd: GraphContext['onStreamEnd'] = ignore,
    span?: Span,
  ): GraphContext => {
    options.seals?.remember(caller);
    return new OperationContext(options, options.shared, caller, requestId, signal, onStreamEnd, span);
  };
