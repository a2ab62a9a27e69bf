/**
 * Every way from a root field through a list to a field that asks Waldur: `node bin/run.mjs tools/list-paths.ts` prints them, and
 * `npm run check` fails for one that is not batched, which would cost a call for each row.
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
  /** `Query.snapshots.nodes[].sourceVolume`: the shortest one that leads there. */
  readonly path: string;
  /** undefined: it asks for each row by itself, or nobody can tell. */
  readonly batched: string | undefined;
}

const tables: Readonly<Record<string, AnyTable | undefined>> = {
  ...FIELD_TABLES,
  Viewer: viewerFields,
  Permission: permissionFields,
};

/** Walks the schema, each field of each type once, the shortest way first. */
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
      // Without a resolver of its own a field is a property of what its parent gave.
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

/** @returns whether all are batched; says which are not. */
export function checkListPaths(): boolean {
  const lacking = listPaths(createSchema()).filter(({ batched }) => batched === undefined);
  for (const { path } of lacking)
    console.error(`${path} asks Waldur for each row; give its field a batched entry in src/graph/fields.`);
  return lacking.length === 0;
}

if (import.meta.filename === process.argv[1]) {
  for (const { path, batched } of listPaths(createSchema()))
    console.log(`${(batched ?? 'NOT BATCHED').padEnd(12)} ${path}`);
}
