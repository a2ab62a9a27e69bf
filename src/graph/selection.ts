import type { FieldNode, FragmentDefinitionNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql';

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/**
 * The fields selected in a selection set, through fragments of every type condition. `@skip` and `@include` are not evaluated: a
 * field that may be left out counts as selected, which asks for a little more and never for too little.
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
        // A fragment seen before has nothing new to yield; walking it again would make a tree of fragments exponential.
        if (seen.has(selection.name.value)) break;
        seen.add(selection.name.value);
        yield* selectedFields(fragments[selection.name.value]?.selectionSet, fragments, seen);
        break;
    }
  }
}

/** True when a selection asks for nothing but the fields named. */
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

const answers = new WeakMap<object, WeakMap<object, boolean>>();

/**
 * Whether the fields that a reference already knows answer all that is selected under it, so that no call is needed. The answer
 * is kept by `info.fieldNodes`, which graphql-js shares between the rows of a list.
 */
export function fits(info: GraphQLResolveInfo, known: Readonly<Record<string, unknown>>): boolean {
  const ofKnown = answers.get(known) ?? new WeakMap<object, boolean>();
  answers.set(known, ofKnown);
  let answer = ofKnown.get(info.fieldNodes);
  if (answer === undefined) {
    answer = selectsOnly(info.fieldNodes, info.fragments, (field) => Object.hasOwn(known, field));
    ofKnown.set(info.fieldNodes, answer);
  }
  return answer;
}
