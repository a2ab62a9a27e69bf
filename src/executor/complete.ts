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
import { type Projection, projectionOf, Waits } from './project.ts';
import {
  type Answer,
  abandon,
  type Complete,
  type Execute,
  isPromise,
  type Path,
  type PlanField,
  type Run,
  type Selection,
  type Serialize,
  type Shape,
} from './types.ts';

/** The general way: fields one by one, with the paths and errors of graphql-js. */

/** `serialize` of a scalar whose values stand in the answer as resolvers return them. */
export const unchanged = (value: unknown): unknown => value;

type Serializer = GraphQLLeafType['serialize'];

/** What the built-in scalars leave unchanged; by their functions, because a schema may have a String of its own. */
const IS_UNCHANGED: ReadonlyMap<Serializer, (value: unknown) => boolean> = new Map<
  Serializer,
  (value: unknown) => boolean
>([
  [GraphQLString.serialize, (value) => typeof value === 'string'],
  [GraphQLID.serialize, (value) => typeof value === 'string'],
  [GraphQLBoolean.serialize, (value) => typeof value === 'boolean'],
  [GraphQLFloat.serialize, (value) => Number.isFinite(value)],
  // Bit operations work on 32 bits, which is the range of Int.
  [GraphQLInt.serialize, (value) => typeof value === 'number' && (value | 0) === value],
]);

/** How values of a leaf type are serialized and projected. */
export function leafShape(type: GraphQLLeafType, nullable: boolean): Extract<Shape, { kind: 'leaf' }> {
  const slow: Serialize = (value) => {
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
    return { kind: 'leaf', nullable, names, plain: false, serialize: (value) => names.get(value) ?? slow(value) };
  }
  const isUnchanged = IS_UNCHANGED.get(type.serialize);
  const serialize: Serialize = isUnchanged ? (value) => (isUnchanged(value) ? value : slow(value)) : slow;
  const plain = isUnchanged !== undefined || type.serialize === unchanged;
  return { kind: 'leaf', nullable, names: undefined, plain, serialize };
}

/** Adds to a completion what is the same for every type: Errors are thrown, and null is null where it may be. */
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

/** Executes a field of a leaf type. A path is made only when something fails. */
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

/** Executes a field of any other type. */
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

/** Completes a list. A failed item is null where it may be, and fails the list where it may not. */
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

/** Completes an object of a type by executing the fields selected on it. */
export function completeObject(field: PlanField, type: GraphQLObjectType, selection: Selection): Complete {
  const complete = completeFields(selection);
  const isTypeOf = type.isTypeOf?.bind(type);
  if (isTypeOf === undefined) return complete;
  const wrongType = (value: unknown): GraphQLError =>
    new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, { nodes: field.nodes });
  return (value, run, path) => {
    const answer = isTypeOf(value, run.context, run.info(field));
    if (isPromise(answer)) {
      return answer.then((is) => {
        if (!is) throw wrongType(value);
        return complete(value, run, path);
      });
    }
    if (!answer) throw wrongType(value);
    return complete(value, run, path);
  };
}

/** Projects what can be projected and executes the rest; an unusual object is executed field by field. */
function completeFields(selection: Selection): Complete {
  // Not before there is an object: many selections of a document never meet one.
  let projection: Projection | 'none' | undefined;
  return (value, run, path) => {
    projection ??= projectionOf(selection) ?? 'none';
    if (projection === 'none') return executeFields(selection, value, run, path);
    let answer: Answer;
    try {
      answer = projection.make(value, run.context);
    } catch (thrown) {
      if (thrown instanceof Waits) {
        thrown.field.waits = true;
        projection = undefined;
      }
      return executeFields(selection, value, run, path);
    }
    return projection.rest.length === 0 ? answer : fill(answer, projection.rest, value, run, path);
  };
}

/** An object with the prototype of `{}`, in which a key `__proto__` is no danger. */
const blank = (selection: Selection): Answer =>
  selection.some(({ key }) => key === '__proto__') ? (Object.create(null) as Answer) : {};

/**
 * Executes fields side by side.
 * @returns the object in the answer, or a promise of it.
 * @throws (or rejects with) the located error of a field that is not nullable.
 */
export const executeFields = (selection: Selection, source: unknown, run: Run, path: Path | undefined): unknown =>
  fill(blank(selection), selection, source, run, path);

function fill(answer: Answer, selection: Selection, source: unknown, run: Run, path: Path | undefined): unknown {
  let waiting: Waiting | undefined;
  try {
    for (const { key, execute } of selection) {
      const value = execute(source, run, path);
      answer[key] = value;
      if (isPromise(value)) {
        waiting ??= { keys: [], promises: [] };
        waiting.keys.push(key);
        waiting.promises.push(value);
      }
    }
  } catch (thrown) {
    if (waiting === undefined) throw thrown;
    // The object is null already, but what was started may fail too and must be handled.
    return settled(answer, waiting).finally(() => {
      throw thrown;
    });
  }
  return waiting === undefined ? answer : settled(answer, waiting);
}

interface Waiting {
  readonly keys: string[];
  readonly promises: PromiseLike<unknown>[];
}

/** Takes as many steps of the microtask queue as graphql-js, so that errors come up in the same order. */
const settled = (answer: Answer, { keys, promises }: Waiting): Promise<Answer> =>
  Promise.all(promises).then((values) => {
    keys.forEach((key, i) => {
      answer[key] = values[i];
    });
    return answer;
  });

/** Executes fields one after the other, each when everything below the one before is done; otherwise as `executeFields`. */
export function executeSerially(selection: Selection, source: unknown, run: Run): unknown {
  let answer: Answer | PromiseLike<Answer> = blank(selection);
  const add = (to: Answer, { key, execute }: Selection[number]): Answer | PromiseLike<Answer> => {
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
    answer = isPromise(answer) ? (answer as PromiseLike<Answer>).then((to) => add(to, field)) : add(answer, field);
  }
  return answer;
}

/**
 * Completes a value of an interface or union as the object type that it is of.
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
