import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import type { Complete, PlanField } from './plan.ts';
import { isPromise } from './promises.ts';

/**
 * Completes a value of an interface or union as the object type it is of.
 * @param possible how values of each type that it may be of are completed.
 */
export function completeAbstract(
  field: PlanField,
  type: GraphQLAbstractType,
  schema: GraphQLSchema,
  possible: ReadonlyMap<GraphQLObjectType, Complete>,
): Complete {
  const resolveType = type.resolveType?.bind(type) ?? defaultTypeResolver;
  const completeAs = (name: unknown, value: unknown): Complete => {
    const found = possible.get(runtimeType(field, type, schema, name, value));
    if (found === undefined) throw new Error(`The plan has no selection on a type of "${type.name}".`);
    return found;
  };
  return (value, run, path) => {
    const name: unknown = resolveType(value, run.context, run.info(field), type);
    if (isPromise(name)) return name.then((resolved) => completeAs(resolved, value)(value, run, path));
    return completeAs(name, value)(value, run, path);
  };
}

/** @throws GraphQLError in the words of graphql-js when the name is not one of a type that the value may be of. */
function runtimeType(
  { parentType, name: fieldName, nodes }: PlanField,
  type: GraphQLAbstractType,
  schema: GraphQLSchema,
  name: unknown,
  value: unknown,
): GraphQLObjectType {
  const field = `${parentType.name}.${fieldName}`;
  if (name === null || name === undefined) {
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  }
  if (isObjectType(name)) {
    throw new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  }
  if (typeof name !== 'string') {
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}" with ` +
        `value ${inspect(value)}, received "${inspect(name)}".`,
    );
  }
  const found = schema.getType(name);
  if (found === undefined) {
    throw new GraphQLError(
      `Abstract type "${type.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    );
  }
  if (!isObjectType(found)) {
    throw new GraphQLError(`Abstract type "${type.name}" was resolved to a non-object type "${name}".`, { nodes });
  }
  if (!schema.isSubType(type, found)) {
    throw new GraphQLError(`Runtime Object type "${found.name}" is not a possible type for "${type.name}".`, { nodes });
  }
  return found;
}
