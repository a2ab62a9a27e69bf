import type { FieldNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql';
import { type Selecting, selectedBy } from '../executor/index.ts';

/** What of a document is selected in the run that a resolver belongs to. */
export const selectingOf = ({
  fragments,
  variableValues,
}: Pick<GraphQLResolveInfo, 'fragments' | 'variableValues'>): Selecting => ({
  fragments,
  includes: selectedBy(variableValues),
});

/** The fields selected in a selection set, including those in fragments of any type condition. */
export function* selectedFields(
  set: SelectionSetNode | undefined,
  selecting: Selecting,
  seen: Set<string> = new Set(),
): Generator<FieldNode> {
  const { fragments, includes } = selecting;
  for (const selection of set?.selections ?? []) {
    if (!includes(selection)) continue;
    switch (selection.kind) {
      case 'Field':
        yield selection;
        break;
      case 'InlineFragment':
        yield* selectedFields(selection.selectionSet, selecting, seen);
        break;
      case 'FragmentSpread':
        // Walking a fragment again yields nothing new, and would take exponential time for a tree of fragments.
        if (seen.has(selection.name.value)) break;
        seen.add(selection.name.value);
        yield* selectedFields(fragments[selection.name.value]?.selectionSet, selecting, seen);
        break;
    }
  }
}

/** True when only the named fields are selected. */
export function selectsOnly(
  nodes: readonly FieldNode[],
  selecting: Selecting,
  names: (field: string) => boolean,
): boolean {
  for (const node of nodes) {
    for (const { name } of selectedFields(node.selectionSet, selecting)) {
      if (name.value !== '__typename' && !names(name.value)) return false;
    }
  }
  return true;
}

const results = new WeakMap<object, WeakMap<object, boolean>>();

/**
 * Whether the fields that a reference knows cover everything selected under it, so that no call is needed. The result is cached by
 * `info.fieldNodes`, which the rows of a list share. Runs that differ in what `@skip` and `@include` leave in have different arrays.
 */
export function fits(info: GraphQLResolveInfo, known: Readonly<Record<string, unknown>>): boolean {
  const ofKnown = results.get(known) ?? new WeakMap<object, boolean>();
  results.set(known, ofKnown);
  let result = ofKnown.get(info.fieldNodes);
  if (result === undefined) {
    result = selectsOnly(info.fieldNodes, selectingOf(info), (field) => Object.hasOwn(known, field));
    ofKnown.set(info.fieldNodes, result);
  }
  return result;
}
