import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { GraphContext } from '../context.ts';
import { chooseOperation } from './document.ts';
import { NoPlan } from './no-plan.ts';
import { isPromise } from './promises.ts';
import { type Compiled, Run } from './run.ts';
import { type CoerceVariables, planVariables } from './variables.ts';
import { planVariants, type Variant } from './variants.ts';

/** An operation as a plan of closures, made once and run often. */
export interface CompiledOperation {
  readonly operation: OperationDefinitionNode;
  /** For `run`, from the variables as they came. */
  readonly coerce: CoerceVariables;
  /**
   * Answers as graphql-js does, to the byte: the same data, the same errors, both in the same order. Synchronous where nothing has to
   * be waited for, and never throws for what a resolver throws.
   *
   * Contract: a resolver that declares its source alone gets nothing else; others get one `info` a field, which has no `path`;
   * arguments are shared between the rows of a list (and between runs, frozen, where they have no variables); objects that a field's
   * promises resolve to more than once are completed once, and stand in the answer as one object in several places.
   * @param variables coerced, by `coerce` or `getVariableValues`.
   */
  run(
    root: unknown,
    context: GraphContext,
    variables: Readonly<Record<string, unknown>>,
  ): ExecutionResult | Promise<ExecutionResult>;
}

/**
 * Compiles one operation of a valid document.
 * @returns undefined for what has no plan and runs on graphql-js: documents that would make too large a plan, and those that are not
 * valid or in which the name does not tell one operation. A subscription's plan answers one event, which is its root.
 */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName?: string | null,
): CompiledOperation | undefined {
  const chosen = chooseOperation(document, operationName);
  if (chosen === undefined) return undefined;
  const { operation } = chosen;
  const type = schema.getRootType(operation.operation);
  if (!type) return undefined;
  const compiled: Compiled = { schema, ...chosen };
  let coerce: CoerceVariables;
  let variant: (variables: Readonly<Record<string, unknown>>) => Variant;
  try {
    coerce = planVariables(schema, operation);
    variant = planVariants(compiled, type);
  } catch (thrown) {
    if (thrown instanceof NoPlan) return undefined;
    throw thrown;
  }
  return {
    operation,
    coerce,
    run(root, context, variables) {
      const run = new Run(compiled, root, context, variables);
      try {
        const data = variant(variables)(run);
        if (!isPromise(data)) return response(run, data);
        return Promise.resolve(data).then(
          (resolved) => response(run, resolved),
          (thrown) => failed(run, thrown),
        );
      } catch (thrown) {
        return failed(run, thrown);
      }
    },
  };
}

type Data = NonNullable<ExecutionResult['data']> | null;

const response = ({ errors }: Run, data: unknown): ExecutionResult =>
  errors.list.length === 0 ? { data: data as Data } : { errors: errors.list, data: data as Data };

/** Nothing is left of an answer whose root is null. */
function failed(run: Run, thrown: unknown): ExecutionResult {
  run.errors.add(thrown as GraphQLError, undefined);
  return response(run, null);
}
