import {
  buildSchema,
  type GraphQLField,
  GraphQLScalarType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { resolvers } from './resolvers/index.ts';
import { readTypeDefs } from './typedefs.ts';

/** The executable schema. @throws when a resolver names a type or field that the SDL does not have. */
export const createSchema = (): GraphQLSchema =>
  // `npm run generate` has validated the document.
  attachResolvers(buildSchema(readTypeDefs(), { assumeValidSDL: true, noLocation: true }), resolvers);

/** The parts of a field that run; `extensions.read` is for the executor. */
type Running = Pick<GraphQLField<unknown, unknown>, 'resolve' | 'subscribe'> & {
  readonly extensions?: Readonly<Record<string, unknown>>;
};

/** By type: the scalar, or the resolvers of fields. */
export type ResolverMap = Readonly<Record<string, GraphQLScalarType | object>>;

/**
 * Attaches resolvers to the fields of a schema, and the functions of scalars to the scalars. What the SDL says of a scalar is kept.
 * @returns the same schema.
 * @throws Error for a type or field that the schema does not have, or a resolver that is neither a function nor an object of functions.
 */
export function attachResolvers(schema: GraphQLSchema, map: ResolverMap): GraphQLSchema {
  for (const [name, given] of Object.entries(map)) {
    const type = schema.getType(name);
    if (given instanceof GraphQLScalarType) {
      if (!isScalarType(type)) throw new Error(`The schema has no scalar ${name}.`);
      const { serialize, parseValue, parseLiteral } = given;
      Object.assign(type, { serialize, parseValue, parseLiteral });
      continue;
    }
    if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`The schema has no type ${name} with fields.`);
    const fields = type.getFields();
    for (const [fieldName, resolver] of Object.entries(given)) {
      const field = Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
      if (field === undefined) throw new Error(`The schema has no field ${name}.${fieldName}, which has a resolver.`);
      Object.assign(field, runningOf(resolver, `${name}.${fieldName}`));
    }
  }
  return schema;
}

function runningOf(resolver: unknown, place: string): Running {
  if (isResolver(resolver)) return { resolve: resolver };
  if (isRunning(resolver)) return resolver;
  throw new Error(`The resolver of ${place} is neither a function nor an object with one.`);
}

const isResolver = (value: unknown): value is NonNullable<Running['resolve']> => typeof value === 'function';

const isRunning = (value: unknown): value is Running =>
  typeof value === 'object' &&
  value !== null &&
  [Reflect.get(value, 'resolve'), Reflect.get(value, 'subscribe')].some(isResolver);
