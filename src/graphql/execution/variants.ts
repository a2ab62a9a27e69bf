import { type GraphQLObjectType, OperationTypeNode } from 'graphql';
import { Compiler } from './compiler.ts';
import { conditionKey, includedBy, includedByAny } from './conditions.ts';
import { executeFields, executeSerially } from './fields.ts';
import type { Arguments, Selection } from './plan.ts';
import type { Compiled, Run } from './run.ts';

/** Plans kept for one document, of those that differ by the values of its conditions. */
const MAX_VARIANTS = 16;

/** Executes the operation's root fields. @throws what nulls the whole answer. */
export type ExecuteRoot = (run: Run) => unknown;

/**
 * Plans of one operation: a single one, or one for each combination of values that its `@skip` and `@include` were met with, made
 * when it is first met. The least recently used one goes when there are too many, so that no client can make them pile up.
 * @throws NoPlan.
 */
export function planVariants(compiled: Compiled, type: GraphQLObjectType): (variables: Arguments) => ExecuteRoot {
  const { operation } = compiled;
  const compile = (includes: ReturnType<typeof includedBy>): Selection =>
    new Compiler({ ...compiled, includes }).selection(type, [operation.selectionSet]);
  const run = (selection: Selection): ExecuteRoot =>
    operation.operation === OperationTypeNode.MUTATION
      ? (one) => executeSerially(selection, one.root, one)
      : (one) => executeFields(selection, one.root, one, undefined);

  const names = new Set<string>();
  // No variant is larger than the one with everything in, so this one tells whether all of them fit.
  const whole = compile(includedByAny(names));
  if (names.size === 0) {
    const only = run(whole);
    return () => only;
  }

  const conditions = [...names];
  const variants = new Map<string, ExecuteRoot>();
  return (variables) => {
    const key = conditionKey(conditions, variables);
    const variant = variants.get(key) ?? run(compile(includedBy(variables)));
    variants.delete(key);
    variants.set(key, variant);
    if (variants.size > MAX_VARIANTS) {
      const [oldest] = variants.keys();
      if (oldest !== undefined) variants.delete(oldest);
    }
    return variant;
  };
}
