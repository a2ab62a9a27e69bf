import type { FieldNode, FragmentDefinitionNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql';

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/**
 * The fields selected in a selection set, including those in fragments of any type condition. `@skip` and `@include` are not
 * evaluated: a field that may be skipped counts as selected, so that never too little is requested.
 */
export function* selectedFields(
  set: SelectionSetNode | undefined,
  fragments: Fragments,
  seen: Set<string> = new Set(),
): Generator<FieldNode> {
  for (const selection of set?.selections ?? []) {
    switch (selection.kind) {
      case 'Field':
        yield selection;
        break;
      case 'InlineFragment':
        yield* selectedFields(selection.selectionSet, fragments, seen);
        break;
      case 'FragmentSpread':
        // Walking a fragment again yields nothing new, and would take exponential time for a tree of fragments.
        if (seen.has(selection.name.value)) break;
        seen.add(selection.name.value);
        yield* selectedFields(fragments[selection.name.value]?.selectionSet, fragments, seen);
        break;
    }
  }
}

/** True when only the named fields are selected. */
export function selectsOnly(
  nodes: readonly FieldNode[],
  fragments: Fragments,
  names: (field: string) => boolean,
): boolean {
  for (const node of nodes) {
    for (const { name } of selectedFields(node.selectionSet, fragments)) {
      if (name.value !== '__typename' && !names(name.value)) return false;
    }
  }
  return true;
}

const results = new WeakMap<object, WeakMap<object, boolean>>();

/**
 * Whether the fields that a reference knows cover everything selected under it, so that no call is needed. The result is cached by
 * `info.fieldNodes`, which the rows of a list share.
 */
export function fits(info: GraphQLResolveInfo, known: Readonly<Record<string, unknown>>): boolean {
  const ofKnown = results.get(known) ?? new WeakMap<object, boolean>();
  results.set(known, ofKnown);
  let result = ofKnown.get(info.fieldNodes);
  if (result === undefined) {
    result = selectsOnly(info.fieldNodes, info.fragments, (field) => Object.hasOwn(known, field));
    ofKnown.set(info.fieldNodes, result);
  }
  return result;
}
