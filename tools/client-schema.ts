import { writeFileSync } from 'node:fs';
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { ROOT } from './run.ts';

/** What caches of clients must know of the schema. */
export const CLIENT_SCHEMA = 'clients/live/src/schema.generated.ts';

/** TypeScript types of the scalars, as they stand in JSON. */
const SCALARS: Readonly<Record<string, string>> = { UUID: 'string', DateTime: 'string', JSON: 'unknown' };

const COMMENTS: Readonly<Record<string, string>> = {
  POSSIBLE_TYPES: 'The object types of each interface and union.',
  IDENTIFIED: 'Object types whose `id` identifies the object.',
  EMBEDDED: 'Object types without an identity.',
  CONNECTIONS:
    'Fields that are connections, by type, with the arguments that choose another list and not another page.',
  SCALARS: 'Scalars of the schema and their types in JSON.',
};

const TYPES: Readonly<Record<string, string>> = {
  POSSIBLE_TYPES: 'Readonly<Record<string, readonly string[]>>',
  IDENTIFIED: 'readonly string[]',
  EMBEDDED: 'readonly string[]',
  CONNECTIONS: 'Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>',
  SCALARS: 'Readonly<Record<string, string>>',
};

const PAGING = new Set(['first', 'after', 'last', 'before']);

export function writeClientSchema(schema: GraphQLSchema): void {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  const byName = (a: GraphQLNamedType, b: GraphQLNamedType): number => (a.name < b.name ? -1 : 1);
  types.sort(byName);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const objects = types.filter(isObjectType).filter((type) => !roots.includes(type));
  const isIdentified = (type: (typeof objects)[number]): boolean => {
    // A nullable id is that of another object, such as the one that an event is about.
    const id = type.getFields().id?.type;
    return isNonNullType(id) && getNamedType(id).name === 'ID';
  };
  const possibleTypes = Object.fromEntries(
    types
      .filter(isAbstractType)
      .map((type) => [type.name, [...schema.getPossibleTypes(type)].sort(byName).map(({ name }) => name)]),
  );
  const connections = Object.fromEntries(
    types
      .filter(isObjectType)
      .map((type) => [type.name, connectionsOf(type)] as const)
      .filter(([, fields]) => Object.keys(fields).length > 0),
  );
  const scalars = Object.fromEntries(
    types
      .filter((type) => isScalarType(type) && !isSpecifiedScalarType(type))
      .map(({ name }) => {
        const text = SCALARS[name];
        if (text === undefined) throw new Error(`${name} is missing among the scalars of tools/client-schema.ts`);
        return [name, text];
      }),
  );
  const values = {
    POSSIBLE_TYPES: possibleTypes,
    IDENTIFIED: objects.filter(isIdentified).map(({ name }) => name),
    EMBEDDED: objects.filter((type) => !isIdentified(type)).map(({ name }) => name),
    CONNECTIONS: connections,
    SCALARS: scalars,
  };
  const constants = Object.entries(values).map(
    ([name, value]) =>
      `/** ${COMMENTS[name]} */\nexport const ${name}: ${TYPES[name]} = ${JSON.stringify(value, null, 2)};\n`,
  );
  writeFileSync(ROOT + CLIENT_SCHEMA, `// Written by npm run generate.\n\n${constants.join('\n')}`);
}

function connectionsOf(type: GraphQLNamedType): Record<string, string[]> {
  if (!isObjectType(type)) return {};
  const fields = Object.values(type.getFields()).filter(
    (field) => getNamedType(field.type).name.endsWith('Connection') && field.args.some(({ name }) => name === 'after'),
  );
  return Object.fromEntries(
    fields.map(({ name, args }) => [
      name,
      args
        .map((one) => one.name)
        .filter((one) => !PAGING.has(one))
        .sort(),
    ]),
  );
}
