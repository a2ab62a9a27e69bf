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

function enumSerializer(type: GraphQLEnumType, slow: Serialize): Serialize {
  const names = new Map<unknown, string>(type.getValues().map(({ value, name }) => [value, name]));
  return (value) => names.get(value) ?? slow(value);
}
