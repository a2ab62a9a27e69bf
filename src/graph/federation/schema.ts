import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLObjectType, type GraphQLSchema, isObjectType, Kind, parse } from 'graphql';
import { resolvers } from '../resolvers/index.ts';
import { queries } from '../resolvers/query.ts';
import { attachResolvers } from '../schema.ts';
import { readFederationTypeDefs } from '../typedefs.ts';
import { REPLACED_BY_ENTITIES } from './entities.ts';
import { resolveEntities } from './resolve-entities.ts';

/** What `_entities` costs: as `Query.nodes`. The library defines the field, without costs. */
const ENTITIES = `type Query {
  _entities(representations: [_Any!]!): [_Entity]! @cost(weight: 1) @listSize(slicingArguments: ["representations"])
}`;

/**
 * The executable schema of the gateway as a subgraph of Federation 2.
 * @throws when a resolver names a type or field that the SDL does not have.
 */
export function createSubgraphSchema(): GraphQLSchema {
  const sdl = readFederationTypeDefs();
  const schema = buildSubgraphSchema(parse(sdl, { noLocation: true }));
  const query = schema.getQueryType();
  if (!isObjectType(query)) throw new Error('The schema has no Query.');
  addCosts(query);
  const kept = Object.entries(queries).filter(([name]) => !REPLACED_BY_ENTITIES.some((replaced) => replaced === name));
  return attachResolvers(schema, {
    ...resolvers,
    Query: { ...Object.fromEntries(kept), _entities: resolveEntities, _service: () => ({ sdl }) },
  });
}

function addCosts(query: GraphQLObjectType): void {
  const [definition] = parse(ENTITIES, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OBJECT_TYPE_DEFINITION) return;
  for (const astNode of definition.fields ?? []) {
    const field = query.getFields()[astNode.name.value];
    if (field !== undefined) field.astNode = astNode;
  }
}
