import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLString,
  isEnumType,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { MustWait, type Projection, projectionOf } from './project.ts';
import {
  abandon,
  type Complete,
  type Execute,
  isPromise,
  type Path,
  type PlanField,
  type ResultObject,
  type Run,
  type Selection,
  type Serialize,
  type Shape,
} from './types.ts';

/** Executes and completes field by field, with the paths and errors of graphql-js. */

/** `serialize` of a scalar that returns the values of resolvers unchanged. */
export const unchanged = (value: unknown): unknown => value;

type Serializer = GraphQLLeafType['serialize'];

/** Values that built-in scalars return unchanged. By function, because a schema may define its own String. */
const IS_UNCHANGED: ReadonlyMap<Serializer, (value: unknown) => boolean> = new Map<
  Serializer,
  (value: unknown) => boolean
>([
  [GraphQLString.serialize, (value) => typeof value === 'string'],
  [GraphQLID.serialize, (value) => typeof value === 'string'],
  [GraphQLBoolean.serialize, (value) => typeof value === 'boolean'],
  [GraphQLFloat.serialize, (value) => Number.isFinite(value)],
  // Bitwise operators convert to 32 bits, which is the range of Int.
  [GraphQLInt.serialize, (value) => typeof value === 'number' && (value | 0) === value],
]);

/** How values of a leaf type are serialized and projected. */
export function leafShape(type: GraphQLLeafType, nullable: boolean): Extract<Shape, { kind: 'leaf' }> {
  const serializeChecked: Serialize = (value) => {
    const serialized: unknown = type.serialize(value);
    if (serialized === null || serialized === undefined) {
      throw new Error(
        `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to ` +
          `return non-nullable value, returned: ${inspect(serialized)}`,
      );
    }
    return serialized;
  };
  if (isEnumType(type)) {
    const names = new Map<unknown, string>(type.getValues().map(({ value, name }) => [value, name]));
    return {
      kind: 'leaf',
      nullable,
      names,
      plain: false,
      serialize: (value) => names.get(value) ?? serializeChecked(value),
    };
  }
  const isUnchanged = IS_UNCHANGED.get(type.serialize);
  const serialize: Serialize = isUnchanged
    ? (value) => (isUnchanged(value) ? value : serializeChecked(value))
    : serializeChecked;
  const plain = isUnchanged !== undefined || type.serialize === unchanged;
  return { kind: 'leaf', nullable, names: undefined, plain, serialize };
}

/** Adds what is the same for every type: an Error is thrown, and null is completed or refused. */
export function guard(field: PlanField, nullable: boolean, complete: Complete): Complete {
  return (value, run, path) => {
    if (value === null || value === undefined) return absent(field, nullable);
    if (value instanceof Error) throw value;
    return complete(value, run, path);
  };
}

function absent({ parentType, name }: PlanField, nullable: boolean): null {
  if (nullable) return null;
  throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${name}.`);
}

const isPrimitive = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Executes a field of a leaf type. A path is created only for an error. */
export function leafField(field: PlanField, serialize: Serialize): Execute {
  const { resolve, args, key, nullable } = field;
  const complete = (value: unknown): unknown => {
    if (value === null || value === undefined) return absent(field, nullable);
    if (value instanceof Error) throw value;
    return serialize(value);
  };
  return (source, run, parent) => {
    try {
      const value = resolve(source, args ?? run.arguments(field), run.context, run.info(field));
      const completed = isPrimitive(value)
        ? serialize(value)
        : isPromise(value)
          ? value.then(complete)
          : complete(value);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (thrown) => run.fail(thrown, field, { prev: parent, key }, nullable));
    } catch (thrown) {
      return run.fail(thrown, field, { prev: parent, key }, nullable);
    }
  };
}

/** Executes a field of a type that is not a leaf. */
export function branchField(field: PlanField, complete: Complete): Execute {
  const { resolve, args, key, nullable } = field;
  return (source, run, parent) => {
    const path = { prev: parent, key };
    try {
      const value = resolve(source, args ?? run.arguments(field), run.context, run.info(field));
      const completed = isPromise(value)
        ? value.then((resolved) => complete(resolved, run, path))
        : complete(value, run, path);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (thrown) => run.fail(thrown, field, path, nullable));
    } catch (thrown) {
      return run.fail(thrown, field, path, nullable);
    }
  };
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';

/** Completes a list. An item that fails is null if items are nullable, and fails the list otherwise. */
export function completeList(field: PlanField, nullableItems: boolean, completeItem: Complete): Complete {
  return (value, run, path) => {
    if (!isIterable(value)) {
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${field.parentType.name}.${field.name}".`,
      );
    }
    const items: unknown[] = [];
    let waiting = false;
    try {
      for (const item of value) {
        const itemPath = { prev: path, key: items.length };
        try {
          const completed = isPromise(item)
            ? item.then((resolved) => completeItem(resolved, run, itemPath))
            : completeItem(item, run, itemPath);
          if (isPromise(completed)) {
            waiting = true;
            items.push(completed.then(undefined, (thrown) => run.fail(thrown, field, itemPath, nullableItems)));
          } else {
            items.push(completed);
          }
        } catch (thrown) {
          items.push(run.fail(thrown, field, itemPath, nullableItems));
        }
      }
    } catch (thrown) {
      if (waiting) abandon(items);
      throw thrown;
    }
    return waiting ? Promise.all(items) : items;
  };
}

/** Completes an object by executing its selected fields. */
export function completeObject(field: PlanField, type: GraphQLObjectType, selection: Selection): Complete {
  const complete = completeFields(selection);
  const isTypeOf = type.isTypeOf?.bind(type);
  if (isTypeOf === undefined) return complete;
  const wrongType = (value: unknown): GraphQLError =>
    new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes: field.nodes });
  return (value, run, path) => {
    const isOf = isTypeOf(value, run.context, run.info(field));
    if (isPromise(isOf)) {
      return isOf.then((resolved) => {
        if (!resolved) throw wrongType(value);
        return complete(value, run, path);
      });
    }
    if (!isOf) throw wrongType(value);
    return complete(value, run, path);
  };
}

/** Projects the fields that can be projected and executes the rest. An unusual object is executed field by field. */
function completeFields(selection: Selection): Complete {
  // Compiled for the first object: many selections never get one.
  let projection: Projection | 'none' | undefined;
  return (value, run, path) => {
    projection ??= projectionOf(selection) ?? 'none';
    if (projection === 'none') return executeFields(selection, value, run, path);
    let object: ResultObject;
    try {
      object = projection.make(value, run.context);
    } catch (thrown) {
      if (thrown instanceof MustWait) {
        thrown.field.mustWait = true;
        projection = undefined;
      }
      return executeFields(selection, value, run, path);
    }
    return projection.rest.length === 0 ? object : fill(object, projection.rest, value, run, path);
  };
}

/** A key `__proto__` would set the prototype of `{}`. */
const blank = (selection: Selection): ResultObject =>
  selection.some(({ key }) => key === '__proto__') ? (Object.create(null) as ResultObject) : {};

/**
 * Executes fields concurrently.
 * @returns the result object, or a promise of it.
 * @throws (or rejects with) the located error of a non-nullable field.
 */
export const executeFields = (selection: Selection, source: unknown, run: Run, path: Path | undefined): unknown =>
  fill(blank(selection), selection, source, run, path);

function fill(object: ResultObject, selection: Selection, source: unknown, run: Run, path: Path | undefined): unknown {
  let waiting: Waiting | undefined;
  try {
    for (const { key, execute } of selection) {
      const value = execute(source, run, path);
      object[key] = value;
      if (isPromise(value)) {
        waiting ??= { keys: [], promises: [] };
        waiting.keys.push(key);
        waiting.promises.push(value);
      }
    }
  } catch (thrown) {
    if (waiting === undefined) throw thrown;
    // The object is null already, but the rejections of fields that were started must be handled.
    return settled(object, waiting).finally(() => {
      throw thrown;
    });
  }
  return waiting === undefined ? object : settled(object, waiting);
}

interface Waiting {
  readonly keys: string[];
  readonly promises: PromiseLike<unknown>[];
}

/** Takes as many microtasks as graphql-js, so that errors are recorded in the same order. */
const settled = (object: ResultObject, { keys, promises }: Waiting): Promise<ResultObject> =>
  Promise.all(promises).then((values) => {
    keys.forEach((key, i) => {
      object[key] = values[i];
    });
    return object;
  });

/** As `executeFields`, but each field starts when the former one is complete with everything below it. */
export function executeSerially(selection: Selection, source: unknown, run: Run): unknown {
  let object: ResultObject | PromiseLike<ResultObject> = blank(selection);
  const add = (to: ResultObject, { key, execute }: Selection[number]): ResultObject | PromiseLike<ResultObject> => {
    const value = execute(source, run, undefined);
    if (isPromise(value)) {
      return value.then((resolved) => {
        to[key] = resolved;
        return to;
      });
    }
    to[key] = value;
    return to;
  };
  for (const field of selection) {
    object = isPromise(object)
      ? (object as PromiseLike<ResultObject>).then((to) => add(to, field))
      : add(object, field);
  }
  return object;
}

/**
 * Completes a value of an interface or union by its object type.
 * @param possible the completion of each possible type.
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

/** @throws GraphQLError with the message of graphql-js when the name is not the name of a possible type. */
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
