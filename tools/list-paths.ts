/**
 * All paths from a root field through a list to a field that sends requests to Waldur. `node bin/run.mjs tools/list-paths.ts` prints them.
 * `npm run check` fails for a path that is not batched, because it would send one request per row.
 */
import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { FIELD_TABLES } from '../src/graph/fields/index.ts';
import type { AnyTable } from '../src/graph/fields/table.ts';
import { permissionFields, viewerFields } from '../src/graph/fields/viewer.ts';
import { createSchema } from '../src/graph/schema.ts';

export interface ListPath {
  /** The shortest path to the field, such as `Query.snapshots.nodes[].sourceVolume`. */
  readonly path: string;
  /** The kind of batching. Undefined if the field sends a request for each row, or if this is unknown. */
  readonly batched: string | undefined;
}

const tables: Readonly<Record<string, AnyTable | undefined>> = {
  ...FIELD_TABLES,
  Viewer: viewerFields,
  Permission: permissionFields,
};

/** Walks the schema breadth-first, each field of each type once. */
export function listPaths(schema: GraphQLSchema): ListPath[] {
  const found: ListPath[] = [];
  const seen = new Set<string>();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const open = roots.flatMap((type) => (type ? [{ type, path: type.name, inList: false }] : []));
  for (let place = open.shift(); place !== undefined; place = open.shift()) {
    const { type, path, inList } = place;
    const key = `${type.name} ${inList}`;
    if (seen.has(key)) continue;
    seen.add(key);
    for (const field of Object.values(type.getFields())) {
      const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
      const below = `${path}.${field.name}${isList ? '[]' : ''}`;
      const entry = tables[type.name]?.[field.name];
      // A field without a resolver is a property of its parent object.
      if (inList && field.resolve !== undefined && entry?.kind !== 'own') {
        found.push({ path: below, batched: entry?.batched });
      }
      for (const target of objectTypes(schema, getNamedType(field.type))) {
        open.push({ type: target, path: below, inList: inList || isList });
      }
    }
  }
  return found;
}

function objectTypes(schema: GraphQLSchema, type: GraphQLNamedType): readonly GraphQLObjectType[] {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
}

/** Returns whether all paths are batched, and prints those that are not. */
export function checkListPaths(): boolean {
  const lacking = listPaths(createSchema()).filter(({ batched }) => batched === undefined);
  for (const { path } of lacking)
    console.error(
      `${path} sends a request to Waldur for each row. Define its field with a batched entry in src/graph/fields.`,
    );
  return lacking.length === 0;
}

if (import.meta.filename === process.argv[1]) {
  for (const { path, batched } of listPaths(createSchema()))
    console.log(`${(batched ?? 'NOT BATCHED').padEnd(12)} ${path}`);
}
