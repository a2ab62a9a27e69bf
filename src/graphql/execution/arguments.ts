import { type FieldNode, type GraphQLField, getArgumentValues, Kind, type ValueNode } from 'graphql';
import type { Arguments, PlanField } from './plan.ts';

const NONE: Arguments = Object.freeze({});

/**
 * How a field comes by its arguments: without variables they are coerced here, once for all runs, and frozen, since one caller's
 * resolver must not change what the next caller's is given.
 */
export function planArguments(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): Pick<PlanField, 'args' | 'coerce'> {
  const coerce = (variables: Arguments): Arguments => getArgumentValues(definition, node, variables);
  if (definition.args.length === 0) return { args: NONE, coerce };
  if (node.arguments?.some(({ value }) => hasVariables(value))) return { args: undefined, coerce };
  try {
    return { args: freeze(coerce(NONE)), coerce };
  } catch {
    // Wrong ones are coerced again in every run, where the error belongs.
    return { args: undefined, coerce };
  }
}

function hasVariables(node: ValueNode): boolean {
  switch (node.kind) {
    case Kind.VARIABLE:
      return true;
    case Kind.LIST:
      return node.values.some(hasVariables);
    case Kind.OBJECT:
      return node.fields.some(({ value }) => hasVariables(value));
    default:
      return false;
  }
}

/** Freezes what literals are read as: lists and plain objects, all the way down. What a custom scalar makes is left alone. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
