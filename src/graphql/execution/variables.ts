import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNullableType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  valueFromAST,
} from 'graphql';
import { freeze } from './arguments.ts';
import { NoPlan } from './no-plan.ts';
import type { Arguments } from './plan.ts';

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
