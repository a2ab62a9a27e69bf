import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Includes } from './conditions.ts';
import { NoPlan } from './no-plan.ts';

/** Fragments within fragments on the way to one field; it keeps a long chain of them from ending the gateway. */
const MAX_NESTING = 500;

export interface Collecting {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly includes: Includes;
}

/** Nodes by the key that they have in the answer, in the order of the answer. */
export type Collected = ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]>;

type Fields = Map<string, [FieldNode, ...FieldNode[]]>;

/**
 * The fields that selection sets, merged, ask of an object of a type; CollectFields of the specification.
 * @throws GraphQLError for a condition without a value; NoPlan.
 */
export function collectFields(
  collecting: Collecting,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Collected {
  const fields: Fields = new Map();
  const visited = new Set<string>();
  for (const set of sets) collectInto(fields, collecting, type, set, visited);
  return fields;
}

function collectInto(
  fields: Fields,
  collecting: Collecting,
  type: GraphQLObjectType,
  set: SelectionSetNode,
  visited: Set<string>,
  nesting = 0,
): void {
  if (nesting > MAX_NESTING) throw new NoPlan('Fragments are nested too deeply.');
  const { schema, fragments, includes } = collecting;
  for (const selection of set.selections) {
    switch (selection.kind) {
      case Kind.FIELD: {
        if (!includes(selection)) break;
        const key = (selection.alias ?? selection.name).value;
        const nodes = fields.get(key);
        if (nodes === undefined) fields.set(key, [selection]);
        else nodes.push(selection);
        break;
      }
      case Kind.INLINE_FRAGMENT:
        if (!includes(selection) || !applies(schema, selection, type)) break;
        collectInto(fields, collecting, type, selection.selectionSet, visited, nesting + 1);
        break;
      case Kind.FRAGMENT_SPREAD: {
        const name = selection.name.value;
        if (visited.has(name) || !includes(selection)) break;
        visited.add(name);
        const fragment = fragments[name];
        if (fragment === undefined || !applies(schema, fragment, type)) break;
        collectInto(fields, collecting, type, fragment.selectionSet, visited, nesting + 1);
        break;
      }
    }
  }
}

function applies(
  schema: GraphQLSchema,
  { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
  type: GraphQLObjectType,
): boolean {
  if (typeCondition === undefined) return true;
  const condition = schema.getType(typeCondition.name.value);
  return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
}
