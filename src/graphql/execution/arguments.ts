import {
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql';
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
  const slow = (variables: Arguments): Arguments => getArgumentValues(definition, node, variables);
  const quick = fromVariables(definition, node);
  const coerce = (variables: Arguments): Arguments => quick?.(variables) ?? slow(variables);
  if (definition.args.length === 0) return { args: NONE, coerce };
  if (node.arguments?.some(({ value }) => hasVariables(value))) return { args: undefined, coerce };
  try {
    return { args: freeze(coerce(NONE)), coerce };
  } catch {
    // Wrong ones are coerced again in every run, where the error belongs.
    return { args: undefined, coerce };
  }
}

interface Place {
  readonly name: string;
  readonly variable: string | undefined;
  /** Without a variable, or a value of it; undefined: none. */
  readonly fallback: unknown;
  readonly required: boolean;
}

/**
 * Coercion of arguments each of which is a variable, which is coerced already, or has none in it.
 * @returns a function that returns undefined for what has to be looked at more closely; undefined when there are others among them.
 */
function fromVariables(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): ((variables: Arguments) => Arguments | undefined) | undefined {
  const given = new Map(node.arguments?.map(({ name, value }) => [name.value, value]));
  const places: Place[] = [];
  for (const { name, defaultValue: fallback, type } of definition.args) {
    const value = given.get(name);
    const required = isNonNullType(type);
    if (value === undefined) places.push({ name, variable: undefined, fallback, required });
    else if (value.kind === Kind.VARIABLE) places.push({ name, variable: value.name.value, fallback, required });
    else {
      const literal: unknown = hasVariables(value) ? undefined : valueFromAST(value, type);
      if (literal === undefined) return undefined;
      places.push({ name, variable: undefined, fallback: freeze(literal), required });
    }
  }
  return (variables) => {
    const args: Record<string, unknown> = {};
    for (const { name, variable, fallback, required } of places) {
      const isGiven = variable !== undefined && Object.hasOwn(variables, variable);
      const value = isGiven ? variables[variable] : fallback;
      if (value !== undefined && (value !== null || !isGiven || !required)) args[name] = value;
      else if (isGiven || required) return undefined;
    }
    return args;
  };
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

/** @returns the value, frozen: lists and plain objects, all the way down. What a custom scalar makes is left alone. */
export function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
