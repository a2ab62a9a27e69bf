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
import type { RequiredColumns } from './context.ts';
import { FIELD_TABLES } from './fields/index.ts';
import { type AnyTable, columnNames, type Entry } from './fields/table.ts';
import { type Fragments, selectsOnly } from './selection.ts';

type ColumnSet = Set<string>;
interface Collected {
  readonly Snapshot: ColumnSet;
  readonly Volume: ColumnSet;
  dependsOnStaff: boolean;
}

const tables: Readonly<Record<string, AnyTable | undefined>> = FIELD_TABLES;
const cache = new WeakMap<OperationDefinitionNode, RequiredColumns>();

/**
 * Finds the REST columns that an operation needs of each resource. Each resource has one set for the whole document, so that a row
 * loaded for one place of the document serves every other place. The result is cached for the parsed document.
 */
export function requiredColumns(
  operation: OperationDefinitionNode,
  fragments: Fragments,
  schema: GraphQLSchema,
): RequiredColumns {
  let required = cache.get(operation);
  if (required === undefined) {
    const collected: Collected = { Snapshot: new Set(['uuid']), Volume: new Set(['uuid']), dependsOnStaff: false };
    const root = schema.getRootType(operation.operation);
    if (root) walk({ schema, fragments, collected, visited: new Set() }, operation.selectionSet, root, undefined);
    required = {
      snapshot: [...collected.Snapshot].sort(),
      volume: [...collected.Volume].sort(),
      dependsOnStaff: collected.dependsOnStaff,
    };
    cache.set(operation, required);
  }
  return required;
}

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly collected: Collected;
  /** Fragments that were already walked for a resource. Without it a tree of fragments would take exponential time. */
  readonly visited: Set<string>;
}

/** @param row the columns of the row that fields of `type` are read from; undefined outside rows. */
function walk(state: Walk, set: SelectionSetNode, type: GraphQLNamedType, row: ColumnSet | undefined): void {
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  const own = type.name === 'Snapshot' || type.name === 'Volume' ? state.collected[type.name] : row;
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
        const key = `${selection.name.value} ${own === undefined ? '' : own === state.collected.Snapshot ? 'S' : 'V'}`;
        if (!fragment || !condition || state.visited.has(key)) break;
        state.visited.add(key);
        walk(state, fragment.selectionSet, condition, own);
        break;
      }
    }
  }
}

function walkField(state: Walk, node: FieldNode, parent: string, row: ColumnSet | undefined): void {
  const type = state.schema.getType(parent);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
  if (field === undefined) return;
  const entry = tables[parent]?.[node.name.value];
  if (entry !== undefined && row !== undefined) {
    for (const column of columnNames(entry.columns)) row.add(column);
    if (entry.kind === 'own' && entry.dependsOnStaff) state.collected.dependsOnStaff = true;
    addKnown(entry, node, state.fragments, row);
  }
  if (node.selectionSet) walk(state, node.selectionSet, getNamedType(field.type), row);
}

/**
 * Adds the columns with which the parent's row answers a reference by itself. The selection counts for the target all the same: the
 * same reference may occur elsewhere in the document with more fields, and then both are read from the target's row.
 */
function addKnown(entry: Entry, node: FieldNode, fragments: Fragments, row: ColumnSet): void {
  if (entry.kind !== 'reference') return;
  const columns: string[] = [];
  const fits = selectsOnly([node], fragments, (name) => {
    const known = Object.hasOwn(entry.known, name) ? entry.known[name] : undefined;
    if (known !== undefined) columns.push(...columnNames(known));
    return known !== undefined;
  });
  if (fits) for (const column of columns) row.add(column);
}
