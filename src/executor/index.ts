import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { type CoerceVariables, planVariables } from './coerce.ts';
import { chooseOperation } from './collect.ts';
import { type Plan, planOperation } from './compile.ts';
import { PlanRun } from './run.ts';
import { type Arguments, isPromise, NoPlan, type Operation } from './types.ts';

export { conditionVariables, selectedBy, Variants } from './collect.ts';
export { unchanged } from './complete.ts';
export type { Column, FieldReader, Fragments, Includes, Read, Selecting } from './types.ts';

/** A compiled operation, which can be run any number of times. @typeParam Context the context of resolvers. */
export interface CompiledOperation<Context = unknown> {
  readonly operation: OperationDefinitionNode;
  /** Coerces variables for `run`. @returns undefined for invalid values; `getVariableValues` of graphql-js tells why. */
  readonly coerce: CoerceVariables;
  /**
   * Executes the operation. The result is that of graphql-js: the same data and the same errors, both in the same order. It is synchronous
   * unless a resolver returns a promise. It does not throw or reject for what a resolver throws.
   * @param variables coerced by `coerce` or `getVariableValues`.
   */
  run(root: unknown, context: Context, variables: Arguments): ExecutionResult | Promise<ExecutionResult>;
}

/**
 * Compiles one operation of a valid document. A compiled subscription executes one event, which is its root value.
 * @returns undefined when the operation must be executed by graphql-js: its plan would be too large, the document is not valid, or the name
 * does not select one operation.
 */
export function compileOperation<Context = unknown>(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName?: string | null,
): CompiledOperation<Context> | undefined {
  const chosen = chooseOperation(document, operationName);
  if (chosen === undefined) return undefined;
  const type = schema.getRootType(chosen.operation.operation);
  if (!type) return undefined;
  const operation: Operation = { schema, ...chosen };
  let coerce: CoerceVariables;
  let planFor: (variables: Arguments) => Plan;
  try {
    coerce = planVariables(schema, chosen.operation);
    planFor = planOperation(operation, type);
  } catch (thrown) {
    if (thrown instanceof NoPlan) return undefined;
    throw thrown;
  }
  return {
    operation: chosen.operation,
    coerce,
    run(root, context, variables) {
      const run = new PlanRun(operation, root, context, variables);
      try {
        const data = planFor(variables)(run);
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

const response = ({ errors }: PlanRun, data: unknown): ExecutionResult =>
  errors.length === 0 ? { data: data as Data } : { errors, data: data as Data };

/** The error of a non-nullable root field makes `data` null. */
function failed(run: PlanRun, thrown: unknown): ExecutionResult {
  run.record(thrown as GraphQLError, undefined);
  return response(run, null);
}

/**
 * Caches compiled operations as long as their documents live. An operation is compiled at its second use, because documents that an
 * attacker generates come only once.
 */
export class CompiledOperations<Context = unknown> {
  readonly #schema: GraphQLSchema;
  /** null: cannot be compiled. */
  readonly #compiled = new WeakMap<OperationDefinitionNode, CompiledOperation<Context> | null>();
  readonly #seen = new WeakSet<OperationDefinitionNode>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** @returns undefined when the operation must be executed by graphql-js, at least this time. */
  find(document: DocumentNode, operation: OperationDefinitionNode): CompiledOperation<Context> | undefined {
    let compiled = this.#compiled.get(operation);
    if (compiled === undefined) {
      if (!this.#seen.has(operation)) {
        this.#seen.add(operation);
        return undefined;
      }
      compiled = compileOperation<Context>(this.#schema, document, operation.name?.value) ?? null;
      this.#compiled.set(operation, compiled);
    }
    return compiled ?? undefined;
  }
}
