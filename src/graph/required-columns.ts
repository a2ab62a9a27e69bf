import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { conditionVariables, type Selecting, Variants } from '../executor/index.ts';
import type { RequiredColumns } from './context.ts';
import { FIELD_TABLES } from './fields/index.ts';
import { type AnyTable, columnNames, type Entry } from './fields/table.ts';
import { selectingOf, selectsOnly } from './selection.ts';

type ColumnSet = Set<string>;
interface Collected {
  readonly Snapshot: ColumnSet;
  readonly Volume: ColumnSet;
  dependsOnStaff: boolean;
}

const tables: Readonly<Record<string, AnyTable | undefined>> = FIELD_TABLES;
const cache = new WeakMap<OperationDefinitionNode, Variants<RequiredColumns>>();

/** What of a run's `info` its columns depend on. */
export type Run = Pick<GraphQLResolveInfo, 'operation' | 'fragments' | 'variableValues'>;

/**
 * Finds the REST columns that a run of an operation needs of each resource. Each resource has one set for the whole document, so that a
 * row loaded for one place of the document serves every other place. A field that `@skip` or `@include` leaves out needs none. The result is
 * cached for the parsed document.
 */
export function requiredColumns({ operation, fragments, variableValues }: Run, schema: GraphQLSchema): RequiredColumns {
  let variants = cache.get(operation);
  if (variants === undefined) {
    variants = new Variants(conditionVariables(operation, fragments), (variables) =>
      collectColumns(operation, selectingOf({ fragments, variableValues: variables }), schema),
    );
    cache.set(operation, variants);
  }
  return variants.of(variableValues);
}

function collectColumns(
  { operation, selectionSet }: OperationDefinitionNode,
  selecting: Selecting,
  schema: GraphQLSchema,
): RequiredColumns {
  const collected: Collected = { Snapshot: new Set(['uuid']), Volume: new Set(['uuid']), dependsOnStaff: false };
  const root = schema.getRootType(operation);
  if (root) walk({ schema, selecting, collected, visited: new Set() }, selectionSet, root, undefined);
  return {
    snapshot: [...collected.Snapshot].sort(),
    volume: [...collected.Volume].sort(),
    dependsOnStaff: collected.dependsOnStaff,
  };
}

interface Walk {
  readonly schema: GraphQLSchema;
  readonly selecting: Selecting;
  readonly collected: Collected;
  /** Fragments that were already walked for a resource. Without it a tree of fragments would take exponential time. */
  readonly visited: Set<string>;
}

/** @param row the columns of the row that fields of `type` are read from; undefined outside rows. */
function walk(state: Walk, set: SelectionSetNode, type: GraphQLNamedType, row: ColumnSet | undefined): void {
  if (!isObjectType(type) && !isAbstractType(type)) return;
  const own = type.name === 'Snapshot' || type.name === 'Volume' ? state.collected[type.name] : row;
  for (const selection of set.selections) {
    if (!state.selecting.includes(selection)) continue;
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
        const fragment = state.selecting.fragments[selection.name.value];
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
    addKnown(entry, node, state.selecting, row);
  }
  if (node.selectionSet) walk(state, node.selectionSet, getNamedType(field.type), row);
}

/**
 * Adds the columns with which the parent's row answers a reference by itself. The selection counts for the target all the same: the
 * same reference may occur elsewhere in the document with more fields, and then both are read from the target's row.
 */
function addKnown(entry: Entry, node: FieldNode, selecting: Selecting, row: ColumnSet): void {
  if (entry.kind !== 'reference') return;
  const columns: string[] = [];
  const fits = selectsOnly([node], selecting, (name) => {
    const known = Object.hasOwn(entry.known, name) ? entry.known[name] : undefined;
    if (known !== undefined) columns.push(...columnNames(known));
    return known !== undefined;
  });
  if (fits) for (const column of columns) row.add(column);
}
