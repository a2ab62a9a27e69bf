import { type GraphQLObjectType, OperationTypeNode } from 'graphql';
import { Compiler } from './compiler.ts';
import { conditionKey, includedBy, includedByAny } from './conditions.ts';
import { executeFields, executeSerially } from './fields.ts';
import type { Arguments } from './plan.ts';
import type { Compiled, Run } from './run.ts';

/** Plans kept for one document, of those that differ by the values of its conditions. */
const MAX_VARIANTS = 16;

/** A plan of an operation's root fields. @throws what nulls the whole answer. */
export type Variant = (run: Run) => unknown;

/**
 * Plans of one operation: a single one, or one for each combination of values that its `@skip` and `@include` were met with, made
 * when it is first met. The least recently used one goes when there are too many, so that no client can make them pile up.
 * @throws NoPlan.
 */
export function planVariants(compiled: Compiled, type: GraphQLObjectType): (variables: Arguments) => Variant {
  const { operation } = compiled;
  const compile = (includes: ReturnType<typeof includedBy>): Variant => {
    const selection = new Compiler({ ...compiled, includes }).selection(type, [operation.selectionSet]);
    return operation.operation === OperationTypeNode.MUTATION
      ? (run) => executeSerially(selection, run.root, run)
      : (run) => executeFields(selection, run.root, run, undefined);
  };

  const names = new Set<string>();
  // No variant is larger than the one with everything in, so this one tells whether all of them fit.
  const whole = compile(includedByAny(names));
  if (names.size === 0) {
    return () => whole;
  }

  const conditions = [...names];
  const variants = new Map<string, Variant>();
  return (variables) => {
    const key = conditionKey(conditions, variables);
    const variant = variants.get(key) ?? compile(includedBy(variables));
    variants.delete(key);
    variants.set(key, variant);
    if (variants.size > MAX_VARIANTS) {
      const [oldest] = variants.keys();
      if (oldest !== undefined) variants.delete(oldest);
    }
    return variant;
  };
}
