import type { GraphQLResolveInfo, OperationTypeNode } from 'graphql';
import type { Caller } from '../auth/caller.ts';
import type { Live, LiveEnd } from '../live/index.ts';
import type { Kind } from '../loading/list-request.ts';
import type { Columns, Loaders } from '../loading/loaders.ts';
import type { OperationClient } from '../loading/operation-client.ts';
import type { Decision } from '../loading/planner.ts';
import type { Span } from '../runtime/span.ts';
import type { WaldurClient } from '../waldur/client.ts';
import type { MeRow } from '../waldur/types.ts';
import type { CallerRights } from './caller-rights.ts';
import type { IdempotencyKeys } from './idempotency.ts';

/** Facts about an operation that become known while it is processed. They are for metrics: no decision depends on them. */
export interface OperationNotes {
  /** Of the operation in its document. */
  name?: string | undefined;
  kind?: `${OperationTypeNode}`;
  /** Estimated maximum number of rows. */
  rows?: number;
  /** Whether a compiled plan executed it. */
  compiled?: boolean;
  /** Whether it selects only the schema and type names, so that its answer is the same for every caller. */
  introspective?: boolean;
  /** The limit that refused it. */
  limit?: string;
}

/** What one run of an operation needs of Waldur. */
export interface RequiredColumns extends Columns {
  /** The kinds of rows of which a selected field depends on the caller's rights. */
  readonly rightsOn: ReadonlySet<Kind>;
}

/** The context that resolvers receive. Each operation has its own; it is never shared. */
export interface GraphContext {
  readonly caller: Caller;
  /** Identifies the operation in the log. It is sent to Waldur too. */
  readonly requestId: string;
  readonly notes: OperationNotes;
  /** The step of this operation in a trace; undefined while tracing is off. */
  readonly span?: Span | undefined;
  /** The Waldur client, with this caller's credentials and this operation's deadline. */
  readonly upstream: OperationClient;
  loaders(info: GraphQLResolveInfo): Loaders;
  /** A context for the next event of a stream: the same operation, without the rows that were loaded for the last event. */
  fresh(): GraphContext;
  /** Measures durations; see `Time`. */
  now(): number;
  /** All decisions of the planner so far, in order. */
  decisions(): readonly Decision[];
  /** REST columns that this run of the operation needs. */
  columns(info: GraphQLResolveInfo): RequiredColumns;
  /** Of mutations that make an object. */
  readonly idempotency: IdempotencyKeys;
  /** The subscription engine. Mutations report their changes to it. */
  readonly live: Live;
  /** What subscriptions run on. @throws GatewayError UNAUTHENTICATED without credentials. */
  streams(): Streams;
  /** Called once when a stream of this operation ends with an error, even if nobody reads it at that time. */
  readonly onStreamEnd: (end: LiveEnd) => void;
  /** The caller's own user. Never cached. */
  viewer(): Promise<MeRow>;
  /** What the caller may do. His user is cached for a minute: lists need it often, and it rarely changes. */
  rights(info: GraphQLResolveInfo): CallerRights;
  /** The result of `rights` for this operation; undefined before that. */
  readonly knownRights: CallerRights | undefined;
}

export interface Streams {
  readonly live: Live;
  readonly client: WaldurClient;
  /** Whether Waldur's event log may tell where to look. */
  readonly eventLog: boolean;
}
