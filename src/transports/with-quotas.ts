import type { OperationTypeNode } from 'graphql';
import { located } from '../operations/limits/limits.ts';
import { Results } from '../operations/result-stream.ts';
import type { Prepared, StreamGraph } from '../operations/stream-execution.ts';
import type { Quotas } from './quotas.ts';
import { isRefusal } from './with-metrics.ts';

export const kindOf = ({ checked }: Prepared): `${OperationTypeNode}` => checked.kind;

/** Subscriptions within their caller's quota. What is prepared must be run: its place is taken from then on. */
export function withQuotas(graph: StreamGraph, quotas: Quotas): StreamGraph {
  const leave = ({ contextValue }: Prepared): void => quotas.leave(contextValue.caller.key);
  return {
    kindOf: (request) => graph.kindOf(request),
    prepare(request, contextFor) {
      const prepared = graph.prepare(request, contextFor);
      if (isRefusal(prepared) || kindOf(prepared) !== 'subscription') return prepared;
      const refusal = quotas.enter(prepared.contextValue.caller.key);
      return refusal ? [located(refusal)] : prepared;
    },
    async run(operation) {
      if (kindOf(operation) !== 'subscription') return graph.run(operation);
      try {
        const result = await graph.run(operation);
        if (result instanceof Results) return result.onEnd(leave);
        leave(operation);
        return result;
      } catch (error) {
        leave(operation);
        throw error;
      }
    },
    format: (result) => graph.format(result),
    print: (result) => graph.print(result),
  };
}
