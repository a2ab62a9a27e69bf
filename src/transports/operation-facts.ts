import type { GraphContext } from '../graph/context.ts';
import type { OperationFacts } from '../observability/request-log.ts';

/** Enough to tell callers apart. */
const SHOWN_OF_KEY = 16;
/** Names of operations can be as long as a document. */
const MAX_NAME = 100;

export const shownCaller = (key: string): string => key.slice(0, SHOWN_OF_KEY);

export const shownName = (name: string | undefined): string | undefined => name?.slice(0, MAX_NAME);

/** What is logged of an operation that is over. */
export function factsOf(context: GraphContext, codes: readonly string[]): OperationFacts {
  const { notes, caller, upstream } = context;
  return {
    operation: shownName(notes.name),
    kind: notes.kind,
    outcome: codes[0] ?? 'ok',
    caller: shownCaller(caller.key),
    upstreamCalls: upstream.stats.calls,
    upstreamMs: Math.round(upstream.stats.ms),
  };
}

/** Ends the step of an operation in a trace. */
export function endSpan({ span }: GraphContext, { kind, operation, outcome }: OperationFacts): void {
  if (span === undefined) return;
  if (kind !== undefined) span.rename([kind, operation].filter(Boolean).join(' '));
  span.set({
    ...(kind !== undefined && { 'graphql.operation.type': kind }),
    ...(operation !== undefined && { 'graphql.operation.name': operation }),
    'waldur_graph.outcome': outcome,
  });
  span.end(outcome === 'ok' ? undefined : outcome);
}
