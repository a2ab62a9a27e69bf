import { type ExecutionResult, execute, type GraphQLSchema, getVariableValues, parse } from 'graphql';
import { type CompiledOperation, compileOperation } from '../../../../src/executor/index.ts';
import type { GraphContext } from '../../../../src/graph/context.ts';

export interface Case {
  readonly schema: GraphQLSchema;
  readonly source: string;
  /** Called for each of the two executions, which may consume what it returns. */
  readonly root?: () => unknown;
  readonly context?: () => unknown;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** Called between the two executions. */
  readonly afterPlan?: () => Promise<void>;
}

export interface Answers {
  /** As JSON, with errors. */
  readonly compiled: string;
  readonly interpreted: string;
}

const nothing = (): unknown => undefined;

/** Executes a document compiled and with graphql-js. @throws when it cannot be compiled. */
export async function both(one: Case): Promise<Answers> {
  const { schema, source, root = nothing, context = nothing, variables = {}, operationName } = one;
  const document = parse(source);
  const plan = compileOperation(schema, document, operationName);
  if (plan === undefined) throw new Error(`There is no plan for ${source}`);
  const compiled = await runPlan(schema, plan, root(), context(), variables);
  await one.afterPlan?.();
  const interpreted = await execute({
    schema,
    document,
    rootValue: root(),
    contextValue: context(),
    variableValues: variables,
    ...(operationName !== undefined && { operationName }),
  });
  return { compiled: JSON.stringify(compiled), interpreted: JSON.stringify(interpreted) };
}

/** Runs a compiled operation with the variables of a client. The errors of invalid ones are those of graphql-js. */
export function runPlan(
  schema: GraphQLSchema,
  plan: CompiledOperation,
  root: unknown,
  context: unknown,
  variables: Readonly<Record<string, unknown>> = {},
): ExecutionResult | Promise<ExecutionResult> {
  const { coerced, errors } = getVariableValues(schema, plan.operation.variableDefinitions ?? [], variables);
  return coerced === undefined ? { errors } : plan.run(root, context as GraphContext, coerced);
}
