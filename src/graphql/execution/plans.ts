import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { type CompiledOperation, compileOperation } from './compile.ts';

/**
 * Plans of operations, as long as their documents are kept. A plan is made when an operation comes again: most of what an attacker
 * sends comes once.
 */
export class Plans {
  readonly #schema: GraphQLSchema;
  /** null: the compiler does not take it. */
  readonly #plans = new WeakMap<OperationDefinitionNode, CompiledOperation | null>();
  readonly #seen = new WeakSet<OperationDefinitionNode>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** @returns undefined when the operation runs on graphql-js, this time at least. */
  find(document: DocumentNode, operation: OperationDefinitionNode): CompiledOperation | undefined {
    let plan = this.#plans.get(operation);
    if (plan === undefined) {
      if (!this.#seen.has(operation)) {
        this.#seen.add(operation);
        return undefined;
      }
      plan = compileOperation(this.#schema, document, operation.name?.value) ?? null;
      this.#plans.set(operation, plan);
    }
    return plan ?? undefined;
  }
}
