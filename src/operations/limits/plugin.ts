import type { ApolloServerPlugin, BaseContext, GraphQLRequest } from '@apollo/server';
import { type GraphQLError, getVariableValues } from 'graphql';
import { GatewayError } from '../../errors.ts';
import type { OperationNotes } from '../../graph/context.ts';
import { DocumentCache } from '../document-cache.ts';
import { admitDocument } from './admit.ts';
import { type Limits, limitOf, located } from './limits.ts';
import { checkCost, formulaOf } from './operation.ts';
import { checkVariables } from './variables.ts';

export interface LimitsPluginOptions {
  readonly limits: Limits;
  /** Whether a request asked to be told its cost, in `extensions.cost`. */
  readonly explains?: (request: GraphQLRequest) => boolean;
}

/** Contexts that have a place for notes are told what the operation is, what it costs and which limit refused it. */
interface Noting extends BaseContext {
  readonly notes?: OperationNotes;
}

/** In the place of a refused text. */
const HARMLESS = '{ __typename }';

/**
 * The limits in Apollo's pipeline.
 *
 * Apollo has no hook that may refuse a text before it is parsed and validated, which is the work that limits are to spare. So the
 * text is judged when the request starts; one that is refused is replaced by a harmless one, and the refusal is thrown at the first
 * hook that may. What a limit on values or rows refuses is thrown there as well.
 */
export function limitsPlugin<Context extends Noting>(options: LimitsPluginOptions): ApolloServerPlugin<Context> {
  const { limits, explains } = options;
  const findRefusal = createTextJudge(limits);
  return {
    async requestDidStart({ request }) {
      const refusal = request.query === undefined ? undefined : findRefusal(request.query);
      if (refusal !== undefined) request.query = HARMLESS;
      let rows: number | undefined;
      return {
        async didResolveOperation({ schema, document, operation, contextValue: { notes = {} } }) {
          try {
            if (refusal !== undefined) throw refusal;
            const variables = request.variables ?? {};
            checkVariables(variables, limits);
            if (!operation) return;
            notes.kind = operation.operation;
            const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
              maxErrors: 1,
            });
            // What cannot be coerced is reported by the execution, which gets no further.
            if (coerced === undefined) return;
            rows = checkCost(formulaOf({ schema, document, operation }), coerced, limits);
            notes.rows = rows;
          } catch (error) {
            const limit = limitOf(error);
            if (limit?.limit === 'rows') rows = limit.figure;
            if (limit) notes.limit = limit.limit;
            throw error instanceof GatewayError ? located(error) : error;
          }
        },
        async willSendResponse({ response }) {
          if (rows === undefined || response.body.kind !== 'single' || explains?.(request) !== true) return;
          const { singleResult } = response.body;
          singleResult.extensions = { ...singleResult.extensions, cost: { rows, allowed: limits.rows } };
        },
      };
    },
  };
}

/** @returns why a text is refused. What the parser has to say of it is left to Apollo. */
function createTextJudge(limits: Limits): (text: string) => GraphQLError | undefined {
  const harmless = new DocumentCache<true>();
  return (text) => {
    if (harmless.get(text) !== undefined) return undefined;
    const admission = admitDocument(text, limits);
    if (!admission.ok) return admission.error.extensions.code === 'GRAPHQL_PARSE_FAILED' ? undefined : admission.error;
    harmless.set(text, true, text.length);
    return undefined;
  };
}
