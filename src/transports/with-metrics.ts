import type { GraphQLError } from 'graphql';
import type { OperationNotes } from '../graph/context.ts';
import type { Execution, Metrics, Transport } from '../observability/metrics.ts';
import type { RequestLog } from '../observability/request-log.ts';
import { codeOf } from '../operations/format-error.ts';
import { limitOf } from '../operations/limits/limits.ts';
import { Results } from '../operations/result-stream.ts';
import type { Prepared, StreamGraph } from '../operations/stream-execution.ts';
import { endSpan, factsOf } from './operation-facts.ts';

/** Operations of a transport, counted and logged as they end: a query with its answer, a subscription with its stream. */
export function withMetrics(
  graph: StreamGraph,
  transport: Transport,
  metrics: Metrics,
  requestLog?: RequestLog,
): StreamGraph {
  const over = (operation: Prepared, errors: readonly unknown[] = []): void => {
    const { notes, requestId } = operation.contextValue;
    const codes = errors.map(codeOf);
    metrics.operation({
      transport,
      kind: notes.kind,
      by: executionOf(notes),
      rows: notes.rows,
      codes,
    });
    const ms = performance.now() - operation.startedAt;
    const facts = factsOf(operation.contextValue, codes);
    requestLog?.operation({ requestId, transport, ms, ...facts });
    endSpan(operation.contextValue, facts);
  };
  return {
    kindOf: (request) => graph.kindOf(request),
    prepare(request, contextFor) {
      const prepared = graph.prepare(request, contextFor);
      if (isRefusal(prepared)) countRefusal(prepared, transport, metrics, requestLog);
      return prepared;
    },
    async run(operation) {
      const result = await graph.run(operation);
      if (result instanceof Results) return result.onEnd(over);
      over(operation, result.errors);
      return result;
    },
    format: (result) => graph.format(result),
    print: (result) => graph.print(result),
  };
}

/** How an operation was run; undefined for one that was refused before its rows were estimated. */
export const executionOf = ({ rows, compiled, limit }: OperationNotes): Execution | undefined =>
  rows === undefined || limit !== undefined ? undefined : compiled === true ? 'plan' : 'interpreter';

export const isRefusal = (prepared: Prepared | readonly GraphQLError[]): prepared is readonly GraphQLError[] =>
  Array.isArray(prepared);

/** An operation that was refused before it ran. */
export function countRefusal(
  errors: readonly GraphQLError[],
  transport: Transport,
  metrics: Metrics,
  requestLog?: RequestLog,
): void {
  const codes = errors.map(codeOf);
  metrics.operation({ transport, kind: undefined, by: undefined, rows: undefined, codes });
  requestLog?.operation({ transport, outcome: codes[0] ?? 'ok' });
  for (const error of errors) {
    const limit = limitOf(error);
    if (limit !== undefined) metrics.refused(limit.limit);
  }
}
