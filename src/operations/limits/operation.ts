import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { badInput } from '../../errors.ts';
import { analyze, type CostFormula } from './cost.ts';
import type { Variables } from './expression.ts';
import { LimitError, type Limits } from './limits.ts';

/** An operation of a document that has been validated against the schema. */
export interface ValidOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

const formulas = new WeakMap<OperationDefinitionNode, CostFormula>();

/** The formula of an operation; made once for each parsed document. */
export function formulaOf({ schema, document, operation }: ValidOperation): CostFormula {
  let formula = formulas.get(operation);
  if (formula === undefined) {
    formula = analyze(schema, document, operation);
    formulas.set(operation, formula);
  }
  return formula;
}

/**
 * Judges what an operation would do, before it runs: how many objects it names in a list, and how many rows and calls it may need.
 * @param variables coerced.
 * @returns the rows, for those who want to tell.
 * @throws GatewayError BAD_USER_INPUT naming the list argument, or LimitError for the rows or the calls.
 */
export function checkCost(formula: CostFormula, variables: Variables, limits: Limits): number {
  for (const { argument, length } of formula.lists) {
    const count = length(variables);
    if (count > limits.listItems) {
      throw badInput(
        argument,
        `${argument} may name at most ${limits.listItems} objects, not ${count}. Ask in several steps.`,
      );
    }
  }
  const rows = formula.rows(variables);
  if (rows > limits.rows) throw new LimitError('rows', rows, limits.rows);
  const calls = formula.calls(variables);
  if (calls > limits.calls) throw new LimitError('calls', calls, limits.calls);
  return rows;
}
