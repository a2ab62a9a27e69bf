import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { FIELD_TABLES } from './fields/index.ts';
import type { AnyTable, Entry } from './fields/table.ts';
import { type Fragments, selectsOnly } from './selection.ts';

/**
 * Which REST columns an operation needs of each resource, anywhere in it. One set a type keeps one loader a type, so that a row
 * fetched for one place of the document serves every other.
 */
export interface Projection {
  readonly snapshot: readonly string[];
  readonly volume: readonly string[];
  /** Whether it asks anywhere whether the caller is staff. */
  readonly asksStaff: boolean;
}

type Columns = Set<string>;
interface Sinks {
  readonly Snapshot: Columns;
  readonly Volume: Columns;
  asksStaff: boolean;
}

const tables: Readonly<Record<string, AnyTable | undefined>> = FIELD_TABLES;
const cache = new WeakMap<OperationDefinitionNode, Projection>();

/** Analyses an operation; once for each parsed document. */
export function projectionOf(
  operation: OperationDefinitionNode,
  fragments: Fragments,
  schema: GraphQLSchema,
): Projection {
  let projection = cache.get(operation);
  if (projection === undefined) {
    const sinks: Sinks = { Snapshot: new Set(['uuid']), Volume: new Set(['uuid']), asksStaff: false };
    const root = schema.getRootType(operation.operation);
    if (root) walk({ schema, fragments, sinks, visited: new Set() }, operation.selectionSet, root, undefined);
    projection = { snapshot: [...sinks.Snapshot].sort(), volume: [...sinks.Volume].sort(), asksStaff: sinks.asksStaff };
    cache.set(operation, projection);
  }
  return projection;
}

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly sinks: Sinks;
  /** Fragments already walked for a type and row, or a tree of fragments would be walked exponentially often. */
  readonly visited: Set<string>;
}

/** @param row the columns of the row that fields of `type` are read from; undefined outside rows. */
function walk(state: Walk, set: SelectionSetNode, type: GraphQLNamedType, row: Columns | undefined): void {
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  const own = type.name === 'Snapshot' || type.name === 'Volume' ? state.sinks[type.name] : row;
  for (const selection of set.selections) {
    switch (selection.kind) {
      case 'Field':
        walkField(state, selection, type.name, own);
        break;
      case 'InlineFragment': {
        const condition = selection.typeCondition && state.schema.getType(selection.typeCondition.name.value);
        walk(state, selection.selectionSet, condition ?? type, own);
        break;
      }
      case 'FragmentSpread': {
        const fragment = state.fragments[selection.name.value];
        const condition = fragment && state.schema.getType(fragment.typeCondition.name.value);
        const key = `${selection.name.value} ${own === undefined ? '' : own === state.sinks.Snapshot ? 'S' : 'V'}`;
        if (!fragment || !condition || state.visited.has(key)) break;
        state.visited.add(key);
        walk(state, fragment.selectionSet, condition, own);
        break;
      }
    }
  }
}

function walkField(state: Walk, node: FieldNode, parent: string, row: Columns | undefined): void {
  const type = state.schema.getType(parent);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
  if (field === undefined) return;
  const entry = tables[parent]?.[node.name.value];
  if (entry !== undefined && row !== undefined) {
    for (const column of entry.needs) row.add(column);
    if (entry.kind === 'own' && entry.asksStaff) state.sinks.asksStaff = true;
    addKnown(entry, node, state.fragments, row);
  }
  if (node.selectionSet) walk(state, node.selectionSet, getNamedType(field.type), row);
}

/**
 * Adds the columns that answer a reference from its parent's row. What is selected under it counts for the target all the same: the
 * same reference may stand elsewhere in the document with more fields, and then both are read from the fetched row.
 */
function addKnown(entry: Entry, node: FieldNode, fragments: Fragments, row: Columns): void {
  if (entry.kind !== 'reference') return;
  const asked: string[] = [];
  const fits = selectsOnly([node], fragments, (name) => {
    asked.push(...(entry.known[name] ?? []));
    return Object.hasOwn(entry.known, name);
  });
  if (fits) for (const column of asked) row.add(column);
}
