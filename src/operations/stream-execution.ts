import type {
  ExecutionArgs,
  ExecutionResult,
  FormattedExecutionResult,
  GraphQLError,
  OperationTypeNode,
} from 'graphql';
import { GatewayError } from '../errors.ts';
import type { GraphContext } from '../graph/context.ts';
import { translateEnd } from '../graph/live-adapter.ts';
import type { LiveEvent } from '../live/index.ts';
import { SYSTEM_TIME } from '../runtime/time.ts';
import { located } from './limits/limits.ts';
import { type CheckedOperation, NO_EXPLANATION, type OperationPipeline, type OperationRequest } from './pipeline.ts';
import { Results } from './result-stream.ts';

/** A checked operation with its context. It has the shape in which graphql-ws passes operations on. */
export interface Prepared extends ExecutionArgs {
  readonly contextValue: GraphContext;
  readonly checked: CheckedOperation;
  /** When it was prepared, by the system's time. */
  readonly preparedAt: number;
  /** The same, by the monotonic clock. */
  readonly startedAt: number;
  /** Equal for equal documents with equal variables: their readers share executions. */
  readonly group: string;
}

/** Operations over WebSocket and server-sent events: those of HTTP, and subscriptions. */
export interface StreamGraph {
  /** The kind of an operation that may run; undefined when it is refused. */
  kindOf(request: OperationRequest): `${OperationTypeNode}` | undefined;
  /**
   * Checks an operation.
   * @param contextFor makes the operation's context, or tells why it may not run. What is executed for a subscription may serve other
   * readers too.
   */
  prepare(
    request: OperationRequest,
    contextFor: (kind: `${OperationTypeNode}`) => GraphContext | GatewayError,
  ): Prepared | readonly GraphQLError[];
  run(operation: Prepared): Promise<Results<Prepared> | ExecutionResult>;
  format(result: ExecutionResult): FormattedExecutionResult;
  /** The formatted result as JSON: the very same string for all who share an execution. */
  print(result: ExecutionResult): string;
}

export interface StreamGraphOptions {
  /** The system's time; see `Time`. */
  readonly wallNow: () => number;
  /** Called for each event of a change that is passed to a subscriber. */
  readonly onSent?: (lag: { readonly seenMs: number; readonly changedMs: number | undefined }) => void;
}

/** Runs subscriptions through the pipeline. Each event is executed once for all readers of equal documents with equal variables. */
export function createStreamGraph(
  pipeline: OperationPipeline,
  { wallNow, onSent }: StreamGraphOptions = { wallNow: SYSTEM_TIME.wallNow },
): StreamGraph {
  // An event is the same object for every reader of its informer, so executions are kept with it.
  const executions = new WeakMap<object, Map<string, Promise<ExecutionResult>>>();
  const printed = new WeakMap<ExecutionResult, string>();

  const executeEvent = ({ checked, contextValue, group }: Prepared, event: unknown): Promise<ExecutionResult> => {
    const run = () => pipeline.execute(checked, contextValue.fresh(), event);
    if (typeof event !== 'object' || event === null) return run();
    const ofEvent = executions.get(event) ?? new Map<string, Promise<ExecutionResult>>();
    executions.set(event, ofEvent);
    const result = ofEvent.get(group) ?? run();
    ofEvent.set(group, result);
    return result;
  };

  /** Events that happened before the subscription, which are sent when it resumes, say nothing about delays. */
  const sent = ({ preparedAt }: Prepared, event: unknown): void => {
    if (!isChange(event) || event.observedAt < preparedAt) return;
    const now = wallNow();
    onSent?.({ seenMs: Math.max(0, now - event.observedAt), changedMs: ageOf(event, now) });
  };

  const streaming = { execute: executeEvent, translate: translateEnd, sent: onSent && sent };

  return {
    kindOf(request) {
      const checked = pipeline.check(request);
      return checked.ok ? checked.kind : undefined;
    },
    prepare(request, contextFor) {
      const checked = pipeline.check(request);
      if (!checked.ok) return checked.errors;
      const { kind, operation, given, rows } = checked;
      const contextValue = contextFor(kind);
      if (contextValue instanceof GatewayError) return [located(contextValue)];
      contextValue.notes.name = operation.node.name?.value;
      contextValue.notes.kind = kind;
      contextValue.notes.rows = rows;
      return {
        schema: pipeline.schema,
        document: operation.document,
        operationName: operation.node.name?.value ?? null,
        variableValues: given,
        contextValue,
        checked,
        preparedAt: wallNow(),
        startedAt: performance.now(),
        group: `${operation.id} ${JSON.stringify(given)}`,
      };
    },
    async run(operation) {
      const { checked, contextValue } = operation;
      if (checked.kind !== 'subscription') {
        const result = await pipeline.execute(checked, contextValue);
        // A socket has no headers for each operation by which it could ask for explanations.
        const extensions = pipeline.extensions(contextValue, NO_EXPLANATION, checked.rows);
        return extensions === undefined ? result : { ...result, extensions };
      }
      const events = await pipeline.subscribe(checked, contextValue);
      return Symbol.asyncIterator in events ? new Results(events, operation, streaming) : events;
    },
    format: (result) => pipeline.format(result),
    print(result) {
      const known = printed.get(result);
      if (known !== undefined) return known;
      const text = JSON.stringify(pipeline.format(result));
      printed.set(result, text);
      return text;
    },
  };
}

const CHANGES: ReadonlySet<unknown> = new Set([
  'ADDED',
  'STATE_CHANGED',
  'UPDATED',
  'REMOVED',
] satisfies LiveEvent['kind'][]);

const isChange = (event: unknown): event is LiveEvent =>
  typeof event === 'object' && event !== null && 'kind' in event && CHANGES.has(event.kind);

/** A change that is dated longer ago is older than its object's last visible change: Waldur does not date every change. */
const MOST_AGE_MS = 600_000;

/** Time since Waldur changed an object; undefined where Waldur does not tell. */
function ageOf({ kind, row }: LiveEvent, now: number): number | undefined {
  if (kind !== 'STATE_CHANGED' && kind !== 'UPDATED') return undefined;
  const { modified } = row.fields;
  const age = typeof modified === 'string' ? now - Date.parse(modified) : Number.NaN;
  return age <= MOST_AGE_MS ? Math.max(0, age) : undefined;
}
