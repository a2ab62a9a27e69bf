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
import type { Kind } from '../loading/list-request.ts';
import type { RequiredColumns } from './context.ts';
import { FIELD_TABLES } from './fields/index.ts';
import { type AnyTable, columnNames, type Entry, mayBeTrue, type OwnField } from './fields/table.ts';
import { NODE_TYPES, type NodeType } from './ids.ts';
import { KIND_OF } from './nodes.ts';
import { selectingOf, selectsOnly } from './selection.ts';

/** The columns that are needed of one kind of resource. */
interface ColumnSet {
  readonly kind: Kind;
  readonly names: Set<string>;
}
interface Collected {
  readonly sets: ReadonlyMap<string, ColumnSet>;
  readonly rightsOn: Set<Kind>;
}

const tables: Readonly<Record<string, AnyTable | undefined>> = FIELD_TABLES;

/** Types with rows of their own, wherever they are selected. Other types are read from the row around them, if there is one. */
const OWN_ROWS: ReadonlySet<string> = new Set<NodeType>(['Snapshot', 'Volume', 'Tenant']);

/** The columns that every row has: those of its uuid and its id. */
const identity = (type: NodeType): readonly string[] => ['uuid', ...columnNames(FIELD_TABLES[type].id.columns)];

const emptySet = (type: NodeType): [NodeType, ColumnSet] => [
  type,
  { kind: KIND_OF[type], names: new Set(identity(type)) },
];
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
  const sets = new Map<string, ColumnSet>(NODE_TYPES.map(emptySet));
  const collected: Collected = { sets, rightsOn: new Set() };
  const root = schema.getRootType(operation);
  if (root) walk({ schema, selecting, collected, visited: new Set() }, selectionSet, root, undefined);
  const columnsOf = (type: NodeType): readonly string[] => [...(sets.get(type)?.names ?? [])].sort();
  return {
    snapshot: columnsOf('Snapshot'),
    volume: columnsOf('Volume'),
    project: columnsOf('Project'),
    customer: columnsOf('Customer'),
    tenant: columnsOf('Tenant'),
    serviceSettings: columnsOf('ServiceSettings'),
    volumeType: columnsOf('VolumeType'),
    instance: columnsOf('Instance'),
    availabilityZone: columnsOf('AvailabilityZone'),
    image: columnsOf('Image'),
    rightsOn: collected.rightsOn,
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
  const own = row === undefined || OWN_ROWS.has(type.name) ? (state.collected.sets.get(type.name) ?? row) : row;
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
        const key = `${selection.name.value} ${own?.kind ?? ''}`;
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
    for (const column of columnNames(entry.columns)) row.names.add(column);
    if (entry.kind === 'own') addNeeds(entry, node, state.collected, row);
    addKnown(entry, node, state.selecting, row);
  }
  if (node.selectionSet) walk(state, node.selectionSet, getNamedType(field.type), row);
}

/** Adds what a field needs that depends on the caller's rights or on an argument. */
function addNeeds(
  { dependsOnRights, withArgument }: OwnField,
  node: FieldNode,
  collected: Collected,
  row: ColumnSet,
): void {
  if (dependsOnRights) collected.rightsOn.add(row.kind);
  if (withArgument === undefined || !mayBeTrue(node, withArgument.argument)) return;
  for (const column of columnNames(withArgument.columns)) row.names.add(column);
  for (const [type, columns] of Object.entries(withArgument.of)) {
    for (const column of columns) collected.sets.get(type)?.names.add(column);
  }
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
  if (fits) for (const column of columns) row.names.add(column);
}
