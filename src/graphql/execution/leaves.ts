import {
  GraphQLBoolean,
  type GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLString,
  isEnumType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import type { Leaf } from './written.ts';

/** How a scalar of ours serializes whose values stand in the answer as its resolvers give them. */
export const asItIs = (value: unknown): unknown => value;

/** A value of a leaf, neither null nor an Error, as it stands in the answer. @throws when the type has no such value. */
export type Serialize = (value: unknown) => unknown;

type Serializer = GraphQLLeafType['serialize'];

/** What the built-in scalars leave as it is; by their functions, so that a schema may still bring a String of its own. */
const UNCHANGED: ReadonlyMap<Serializer, (slow: Serialize) => Serialize> = new Map<
  Serializer,
  (slow: Serialize) => Serialize
>([
  [GraphQLString.serialize, (slow) => (value) => (typeof value === 'string' ? value : slow(value))],
  [GraphQLID.serialize, (slow) => (value) => (typeof value === 'string' ? value : slow(value))],
  [GraphQLBoolean.serialize, (slow) => (value) => (typeof value === 'boolean' ? value : slow(value))],
  [GraphQLFloat.serialize, (slow) => (value) => (Number.isFinite(value) ? value : slow(value))],
  // Bit operations work on 32 bits, which is the range of Int.
  [
    GraphQLInt.serialize,
    (slow) => (value) => (typeof value === 'number' && (value | 0) === value ? value : slow(value)),
  ],
]);

export function serializer(type: GraphQLLeafType): Serialize {
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
  if (isEnumType(type)) return enumSerializer(type, slow);
  return UNCHANGED.get(type.serialize)?.(slow) ?? slow;
}

/** What stands in the answer for a value as the leaf's resolvers should give it; undefined when only `serialize` knows. */
export function leafOf(type: GraphQLLeafType): Leaf | undefined {
  if (isEnumType(type)) return namesOf(type);
  return type.serialize === asItIs || UNCHANGED.has(type.serialize) ? 'as is' : undefined;
}

const namesOf = (type: GraphQLEnumType): ReadonlyMap<unknown, string> =>
  new Map(type.getValues().map(({ value, name }) => [value, name]));

function enumSerializer(type: GraphQLEnumType, slow: Serialize): Serialize {
  const names = namesOf(type);
  return (value) => names.get(value) ?? slow(value);
}
