import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { add } from './limits.ts';

/** The figures of one operation, its fragments expanded. Counts stay at MAX_SAFE_INTEGER once they are beyond it. */
export interface Figures {
  /** Fields within fields, the root field being the first; schema introspection below its root field is not counted. */
  readonly depth: number;
  /** The same, of what is selected below `__schema` and `__type`. */
  readonly introspectionDepth: number;
  /** Selection sets within selection sets, those of fragments included. */
  readonly selectionDepth: number;
  readonly rootFields: number;
  readonly aliases: number;
  readonly directives: number;
  readonly fields: number;
}

const NOTHING: Figures = {
  depth: 0,
  introspectionDepth: 0,
  selectionDepth: 0,
  rootFields: 0,
  aliases: 0,
  directives: 0,
  fields: 0,
};

export interface Measure {
  of(operation: OperationDefinitionNode): Figures;
  /** Selections looked at so far: at most those of the text, whatever they expand to. */
  readonly visits: number;
}

/**
 * Measures operations without expanding them: each fragment is measured once, and its figures are added wherever it is spread.
 * Safe before validation; fragments that are missing or spread themselves count nothing at that place.
 */
export function measure(document: DocumentNode): Measure {
  const fragments = new Map(
    document.definitions.filter(isFragment).map((definition) => [definition.name.value, definition]),
  );
  const measured = new Map<string, Figures>();
  let visits = 0;

  const ofSet = (set: SelectionSetNode): Figures => {
    let total = NOTHING;
    for (const selection of set.selections) {
      visits++;
      const directives = selection.directives?.length ?? 0;
      switch (selection.kind) {
        case Kind.FIELD:
          total = beside(total, ofField(selection), directives);
          break;
        case Kind.INLINE_FRAGMENT:
          total = beside(total, ofSet(selection.selectionSet), directives);
          break;
        case Kind.FRAGMENT_SPREAD:
          total = beside(total, ofFragment(selection.name.value), directives);
          break;
      }
    }
    return { ...total, selectionDepth: total.selectionDepth + 1 };
  };

  const ofField = (node: FieldNode): Figures => {
    const below = node.selectionSet ? ofSet(node.selectionSet) : NOTHING;
    const introspects = node.name.value === '__schema' || node.name.value === '__type';
    return {
      depth: introspects ? 1 : below.depth + 1,
      introspectionDepth: introspects ? below.depth : below.introspectionDepth,
      selectionDepth: below.selectionDepth,
      rootFields: 1,
      aliases: add(below.aliases, node.alias ? 1 : 0),
      directives: below.directives,
      fields: add(below.fields, 1),
    };
  };

  const ofFragment = (name: string): Figures => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    if (fragment === undefined) return NOTHING;
    // What a fragment finds of itself while it is being measured.
    measured.set(name, NOTHING);
    const figures = beside(NOTHING, ofSet(fragment.selectionSet), fragment.directives?.length ?? 0);
    measured.set(name, figures);
    return figures;
  };

  return {
    of(operation) {
      const inVariables = operation.variableDefinitions?.flatMap((definition) => definition.directives ?? []) ?? [];
      const own = (operation.directives?.length ?? 0) + inVariables.length;
      return beside(NOTHING, ofSet(operation.selectionSet), own);
    },
    get visits() {
      return visits;
    },
  };
}

/** The figures of two selections in the same set, with the directives that stand on the second. */
const beside = (a: Figures, b: Figures, directives: number): Figures => ({
  depth: Math.max(a.depth, b.depth),
  introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
  selectionDepth: Math.max(a.selectionDepth, b.selectionDepth),
  rootFields: add(a.rootFields, b.rootFields),
  aliases: add(a.aliases, b.aliases),
  directives: add(add(a.directives, b.directives), directives),
  fields: add(a.fields, b.fields),
});

const isFragment = (definition: DefinitionNode): definition is FragmentDefinitionNode =>
  definition.kind === Kind.FRAGMENT_DEFINITION;
