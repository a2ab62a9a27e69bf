import { type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** Selection sets whose fields merge into one object of the answer. */
interface Level {
  readonly sets: readonly SelectionSetNode[];
  /** Fragments that this level is within: one that spreads itself is left to validation, which names it. */
  readonly within: ReadonlySet<string>;
}

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
    if (definition.kind === Kind.OPERATION_DEFINITION) open.push({ sets: [definition.selectionSet], within: NONE });
  }
  const unused = new Map(fragments);
  let pairs = 0;
  let fields = 0;

  const collect = (set: SelectionSetNode, groups: Map<string, FieldNode[]>, spread: Map<string, SelectionSetNode>) => {
    for (const selection of set.selections) {
      switch (selection.kind) {
        case Kind.FIELD: {
          fields++;
          const name = (selection.alias ?? selection.name).value;
          const group = groups.get(name);
          if (group) group.push(selection);
          else groups.set(name, [selection]);
          break;
        }
        case Kind.INLINE_FRAGMENT:
          collect(selection.selectionSet, groups, spread);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const name = selection.name.value;
          const fragment = fragments.get(name);
          if (fragment) spread.set(name, fragment.selectionSet);
          break;
        }
      }
    }
  };

  const enter = ({ sets, within }: Level): void => {
    const groups = new Map<string, FieldNode[]>();
    const spread = new Map<string, SelectionSetNode>();
    for (const set of sets) collect(set, groups, spread);
    // A Map goes on to what is set while it is read: each fragment once, those within fragments included.
    for (const [name, set] of spread) {
      unused.delete(name);
      if (!within.has(name)) collect(set, groups, spread);
    }
    const inner = spread.size === 0 ? within : new Set([...within, ...spread.keys()]);
    for (const group of groups.values()) {
      pairs += (group.length * (group.length - 1)) / 2;
      const below = group.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 0) open.push({ sets: below, within: inner });
    }
  };

  for (;;) {
    const level = open.pop() ?? takeFirst(unused);
    if (level === undefined || pairs > allowed.pairs || fields > allowed.fields) return { pairs, fields };
    enter(level);
  }
}

const NONE: ReadonlySet<string> = new Set();

function takeFirst(fragments: Map<string, FragmentDefinitionNode>): Level | undefined {
  for (const [name, { selectionSet }] of fragments) {
    fragments.delete(name);
    return { sets: [selectionSet], within: new Set([name]) };
  }
  return undefined;
}
