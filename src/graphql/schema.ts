import { makeExecutableSchema } from '@graphql-tools/schema';
import { type GraphQLSchema, isObjectType } from 'graphql';
import type { FieldExtensions } from './execution/straight.ts';
import { resolvers } from './resolvers/index.ts';
import { readTypeDefs } from './typedefs.ts';

/** The executable schema. @throws when a resolver names a field that the SDL does not have. */
export function createSchema(): GraphQLSchema {
  const schema = makeExecutableSchema({
    typeDefs: readTypeDefs(),
    resolvers,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
  for (const name of ['SnapshotEdge', 'VolumeEdge']) describeEdge(schema, name);
  return schema;
}

/** How the fields of an edge are printed. They have no resolvers of their own, nor a table: an edge is a row and its place. */
const EDGE: Readonly<Record<string, FieldExtensions>> = {
  cursor: { print: { kind: 'cursor' } },
  node: { print: { kind: 'object', unlessNull: [] } },
};

function describeEdge(schema: GraphQLSchema, name: string): void {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`The schema has no type ${name}.`);
  for (const [field, extensions] of Object.entries(EDGE)) Object.assign(type.getFields()[field] ?? {}, { extensions });
}
