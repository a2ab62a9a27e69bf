import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNullableType,
  type GraphQLSchema,
  getArgumentValues,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  type ValueNode,
  valueFromAST,
} from 'graphql';
import { type Arguments, NoPlan, type PlanField } from './types.ts';

/** @returns undefined for invalid values. */
export type CoerceVariables = (given: Arguments) => Arguments | undefined;

/** @returns undefined for a value that is not valid for the type. No type coerces to undefined. */
type Coerce = (value: unknown) => unknown;

/** A variable, or a field of an input object. */
interface Input {
  readonly name: string;
  readonly coerce: Coerce;
  readonly required: boolean;
  /** undefined: none. */
  readonly fallback: unknown;
}

/**
 * Compiles the coercion of an operation's variables. It coerces as `getVariableValues` of graphql-js, but has no error messages: the
 * caller coerces invalid values again with graphql-js to get them.
 * @throws NoPlan for a variable whose type is not an input type.
 */
export function planVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): CoerceVariables {
  const inputs = variableDefinitions.map(({ variable, type: node, defaultValue }): Input => {
    const type = typeFromAST(schema, node);
    if (!isInputType(type)) throw new NoPlan();
    return {
      name: variable.name.value,
      coerce: coerceOf(type),
      required: isNonNullType(type),
      fallback: defaultValue && freeze(valueFromAST(defaultValue, type)),
    };
  });
  return (given) => coerceInputs(inputs, given);
}

function coerceInputs(inputs: readonly Input[], given: Arguments): Arguments | undefined {
  const coerced: Record<string, unknown> = {};
  for (const { name, coerce, required, fallback } of inputs) {
    if (Object.hasOwn(given, name)) {
      const value = coerce(given[name]);
      if (value === undefined) return undefined;
      coerced[name] = value;
    } else if (fallback !== undefined) coerced[name] = fallback;
    else if (required) return undefined;
  }
  return coerced;
}

function coerceOf(type: GraphQLInputType): Coerce {
  if (isNonNullType(type)) return coerceNonNull(type.ofType);
  const coerce = coerceNonNull(type);
  return (value) => (value === null ? null : coerce(value));
}

/** Null is invalid. */
function coerceNonNull(type: GraphQLInputType & GraphQLNullableType): Coerce {
  if (isListType(type)) return coerceList(coerceOf(type.ofType));
  if (isInputObjectType(type)) {
    // Compiled at the first use, because an input object may contain itself.
    let coerce: Coerce | undefined;
    return (value) => {
      coerce ??= coerceObject(type);
      return coerce(value);
    };
  }
  return (value) => {
    if (value === null) return undefined;
    try {
      return type.parseValue(value);
    } catch {
      return undefined;
    }
  };
}

/** A value that is not a list is a list of one item. */
function coerceList(coerceItem: Coerce): Coerce {
  return (value) => {
    if (value === null) return undefined;
    const items: unknown[] = [];
    for (const item of Array.isArray(value) ? value : [value]) {
      const coerced = coerceItem(item);
      if (coerced === undefined) return undefined;
      items.push(coerced);
    }
    return items;
  };
}

function coerceObject(type: GraphQLInputObjectType): Coerce {
  const inputs = Object.values(type.getFields()).map(
    (field): Input => ({
      name: field.name,
      coerce: coerceOf(field.type),
      required: isNonNullType(field.type),
      fallback: field.defaultValue,
    }),
  );
  const names = new Set(inputs.map(({ name }) => name));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const given = value as Arguments;
    if (!Object.keys(given).every((name) => names.has(name))) return undefined;
    const coerced = coerceInputs(inputs, given);
    if (type.isOneOf && coerced && !isOne(coerced)) return undefined;
    return coerced;
  };
}

const isOne = (coerced: Arguments): boolean => {
  const values = Object.values(coerced);
  return values.length === 1 && values[0] !== null;
};

const NONE: Arguments = Object.freeze({});

/**
 * Compiles the arguments of a field. Arguments without variables are coerced here, once for all runs. They are frozen, so that the
 * resolver of one caller cannot change what the next caller's resolver gets.
 */
export function planArguments(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): Pick<PlanField, 'args' | 'coerce'> {
  const fast = fromVariables(definition, node);
  const coerce = (variables: Arguments): Arguments =>
    fast?.(variables) ?? getArgumentValues(definition, node, variables);
  if (definition.args.length === 0) return { args: NONE, coerce };
  if (node.arguments?.some(({ value }) => hasVariables(value))) return { args: undefined, coerce };
  try {
    return { args: freeze(coerce(NONE)), coerce };
  } catch {
    // Invalid arguments are coerced in every run, which reports the error.
    return { args: undefined, coerce };
  }
}

interface Argument {
  readonly name: string;
  readonly variable: string | undefined;
  /** The value when there is no variable, or the variable has none; undefined: none. */
  readonly fallback: unknown;
  readonly required: boolean;
}

/**
 * Compiles the coercion of arguments of which each is a variable, which is coerced already, or a literal without variables.
 * @returns undefined when an argument is neither. The function returns undefined for arguments that need graphql-js.
 */
function fromVariables(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): ((variables: Arguments) => Arguments | undefined) | undefined {
  const given = new Map(node.arguments?.map(({ name, value }) => [name.value, value]));
  const compiled: Argument[] = [];
  for (const { name, defaultValue: fallback, type } of definition.args) {
    const value = given.get(name);
    const required = isNonNullType(type);
    if (value === undefined) compiled.push({ name, variable: undefined, fallback, required });
    else if (value.kind === Kind.VARIABLE) compiled.push({ name, variable: value.name.value, fallback, required });
    else {
      const literal: unknown = hasVariables(value) ? undefined : valueFromAST(value, type);
      if (literal === undefined) return undefined;
      compiled.push({ name, variable: undefined, fallback: freeze(literal), required });
    }
  }
  return (variables) => {
    const args: Record<string, unknown> = {};
    for (const { name, variable, fallback, required } of compiled) {
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

/** Freezes lists and plain objects, recursively. Values that custom scalars make are left alone. @returns the value. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
