import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { type CoerceVariables, planVariables } from './coerce.ts';
import { chooseOperation } from './collect.ts';
import { type Plan, planOperation } from './compile.ts';
import { PlanRun } from './run.ts';
import { type Arguments, isPromise, NoPlan, type Operation } from './types.ts';

export { unchanged } from './complete.ts';
export type { Column, FieldReader, Read } from './types.ts';

/** An operation as a plan, made once and run often. @typeParam Context what resolvers are given as their context. */
export interface CompiledOperation<Context = unknown> {
  readonly operation: OperationDefinitionNode;
  /** Coerces variables for `run`. @returns undefined for values that are refused; `getVariableValues` of graphql-js says why. */
  readonly coerce: CoerceVariables;
  /**
   * Answers as graphql-js does: the same data, the same errors, both in the same order. Synchronous where nothing has to be waited
   * for. Never throws or rejects for what a resolver throws.
   * @param variables coerced, by `coerce` or `getVariableValues`.
   */
  run(root: unknown, context: Context, variables: Arguments): ExecutionResult | Promise<ExecutionResult>;
}

/**
 * Compiles one operation of a valid document.
 * @returns undefined for what has no plan and has to run on graphql-js: documents that would make too large a plan, documents that
 * are not valid, and names that do not choose one operation. The plan of a subscription answers one event, which is its root.
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

/** Nothing is left of an answer whose root is null. */
function failed(run: PlanRun, thrown: unknown): ExecutionResult {
  run.record(thrown as GraphQLError, undefined);
  return response(run, null);
}

/**
 * Compiled operations, kept as long as their documents are. An operation is compiled when it comes a second time, because most of
 * what an attacker sends comes once.
 */
export class CompiledOperations<Context = unknown> {
  readonly #schema: GraphQLSchema;
  /** null: it has no plan. */
  readonly #compiled = new WeakMap<OperationDefinitionNode, CompiledOperation<Context> | null>();
  readonly #seen = new WeakSet<OperationDefinitionNode>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** @returns undefined when the operation runs on graphql-js, this time at least. */
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
