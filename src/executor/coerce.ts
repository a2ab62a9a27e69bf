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

/** @returns undefined for values that are refused. */
export type CoerceVariables = (given: Arguments) => Arguments | undefined;

/** @returns undefined for a value that the type refuses: no type has it as a value. */
type Coerce = (value: unknown) => unknown;

interface Place {
  readonly name: string;
  readonly coerce: Coerce;
  readonly required: boolean;
  /** undefined: none. */
  readonly fallback: unknown;
}

/**
 * What `getVariableValues` of graphql-js does, with the types of one operation looked up once. It has no words for what it refuses:
 * the pipeline coerces those again and says what is wrong.
 * @throws NoPlan for variables whose types are no input types.
 */
export function planVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): CoerceVariables {
  const places = variableDefinitions.map(({ variable, type: node, defaultValue }): Place => {
    const type = typeFromAST(schema, node);
    if (!isInputType(type)) throw new NoPlan();
    return {
      name: variable.name.value,
      coerce: coerceOf(type),
      required: isNonNullType(type),
      fallback: defaultValue && freeze(valueFromAST(defaultValue, type)),
    };
  });
  return (given) => coercePlaces(places, given);
}

function coercePlaces(places: readonly Place[], given: Arguments): Arguments | undefined {
  const coerced: Record<string, unknown> = {};
  for (const { name, coerce, required, fallback } of places) {
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
  if (isNonNullType(type)) return presentOf(type.ofType);
  const coerce = presentOf(type);
  return (value) => (value === null ? null : coerce(value));
}

/** Null is refused. */
function presentOf(type: GraphQLInputType & GraphQLNullableType): Coerce {
  if (isListType(type)) return listOf(coerceOf(type.ofType));
  if (isInputObjectType(type)) {
    // Made when it is first needed, for input objects may hold themselves.
    let coerce: Coerce | undefined;
    return (value) => {
      coerce ??= objectOf(type);
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

/** What is no list is taken for a list of one. */
function listOf(coerceItem: Coerce): Coerce {
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

function objectOf(type: GraphQLInputObjectType): Coerce {
  const places = Object.values(type.getFields()).map(
    (field): Place => ({
      name: field.name,
      coerce: coerceOf(field.type),
      required: isNonNullType(field.type),
      fallback: field.defaultValue,
    }),
  );
  const names = new Set(places.map(({ name }) => name));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const given = value as Arguments;
    if (!Object.keys(given).every((name) => names.has(name))) return undefined;
    const coerced = coercePlaces(places, given);
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

interface ArgumentPlace {
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
  const places: ArgumentPlace[] = [];
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
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
