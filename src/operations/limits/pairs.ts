import { type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** A fragment that something stands in, and what that one stands in. One that leads back to itself is left to validation to name. */
interface Within {
  readonly fragment: string;
  readonly outer: Within | undefined;
}

interface Place<Node> {
  readonly node: Node;
  readonly within: Within | undefined;
}

/** Selection sets whose fields merge into one object of the answer. */
type Level = readonly Place<SelectionSetNode>[];

export interface Pairs {
  /** Pairs of fields with the same name in the answer and at the same place of it. */
  readonly pairs: number;
  /** Fields looked at. */
  readonly fields: number;
}

/**
 * Counts the pairs of fields that validation has to compare, since fields of one response name must be the same. Their number grows
 * with the square of the repetitions, and each costs validation far more than counting it does here.
 *
 * Stops as soon as a count exceeds what is allowed. Fragments that no operation uses are looked at, too, as validation does.
 */
export function countPairs(document: DocumentNode, allowed: Pairs): Pairs {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const open: Level[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      open.push([{ node: definition.selectionSet, within: undefined }]);
    }
  }
  const unused = new Map(fragments);
  let pairs = 0;
  let fields = 0;

  const collect = ({ node, within }: Place<SelectionSetNode>, groups: Groups, spreads: Spreads): void => {
    for (const selection of node.selections) {
      switch (selection.kind) {
        case Kind.FIELD: {
          fields++;
          const name = (selection.alias ?? selection.name).value;
          const group = groups.get(name);
          if (group) group.push({ node: selection, within });
          else groups.set(name, [{ node: selection, within }]);
          break;
        }
        case Kind.INLINE_FRAGMENT:
          collect({ node: selection.selectionSet, within }, groups, spreads);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const fragment = fragments.get(selection.name.value);
          if (fragment === undefined || spreads.has(fragment) || isWithin(within, fragment)) break;
          unused.delete(selection.name.value);
          spreads.set(fragment, within);
          break;
        }
      }
    }
  };

  const enter = (level: Level): void => {
    const groups: Groups = new Map();
    const spreads: Spreads = new Map();
    for (const place of level) collect(place, groups, spreads);
    // A Map goes on to what is set while it is read: each fragment once, those within fragments included.
    for (const [fragment, outer] of spreads) {
      collect({ node: fragment.selectionSet, within: { fragment: fragment.name.value, outer } }, groups, spreads);
    }
    for (const group of groups.values()) {
      pairs += (group.length * (group.length - 1)) / 2;
      const below = group.flatMap(({ node, within }) =>
        node.selectionSet ? [{ node: node.selectionSet, within }] : [],
      );
      if (below.length > 0) open.push(below);
    }
  };

  for (;;) {
    const level = open.pop() ?? takeFirst(unused);
    if (level === undefined || pairs > allowed.pairs || fields > allowed.fields) return { pairs, fields };
    enter(level);
  }
}

/** Fields by their name in the answer. */
type Groups = Map<string, Place<FieldNode>[]>;

/** Fragments spread at a level, with what the spread stands in. */
type Spreads = Map<FragmentDefinitionNode, Within | undefined>;

function isWithin(within: Within | undefined, { name }: FragmentDefinitionNode): boolean {
  for (let one = within; one !== undefined; one = one.outer) if (one.fragment === name.value) return true;
  return false;
}

function takeFirst(fragments: Map<string, FragmentDefinitionNode>): Level | undefined {
  for (const [name, { selectionSet }] of fragments) {
    fragments.delete(name);
    return [{ node: selectionSet, within: { fragment: name, outer: undefined } }];
  }
  return undefined;
}
