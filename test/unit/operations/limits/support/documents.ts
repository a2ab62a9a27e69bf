import fc, { type GeneratorValue } from 'fast-check';
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * Documents whose fragments make a random directed graph without cycles, against this schema. They are valid apart from fragments
 * that nothing uses and fields of one response name that differ.
 */
export const SDL = `
  type Query {
    one: Item @cost(weight: 1)
    page(first: Int, last: Int): Page @listSize(assumedSize: 3, slicingArguments: ["first", "last"], sizedFields: ["rows", "edges"])
    many(ids: [ID!]): [Item] @cost(weight: 2) @listSize(assumedSize: 7, slicingArguments: ["ids"])
  }
  type Page { count: Int @cost(weight: 1) rows: [Item] @cost(weight: 1) edges: [Edge] @cost(weight: 2) }
  type Edge { item: Item }
  type Item {
    name: String
    parent: Item @cost(weight: 1)
    parts: [Item] @listSize(assumedSize: 5)
    page(first: Int, last: Int): Page @listSize(assumedSize: 3, slicingArguments: ["first", "last"], sizedFields: ["rows", "edges"])
  }
`;

type TypeName = 'Query' | 'Page' | 'Edge' | 'Item';

/** Fields by type: what they return, `null` for a leaf. */
const FIELDS: Readonly<Record<TypeName, Readonly<Record<string, TypeName | null>>>> = {
  Query: { one: 'Item', page: 'Page', many: 'Item' },
  Page: { count: null, rows: 'Item', edges: 'Edge' },
  Edge: { item: 'Item' },
  Item: { name: null, parent: 'Item', parts: 'Item', page: 'Page' },
};
const TYPES = Object.keys(FIELDS) as TypeName[];

/** Boolean variables `$a` and `$b`, Int variables `$m` and `$n`. */
const HEAD = 'query Q($a: Boolean!, $b: Boolean!, $m: Int, $n: Int)';

export const variables = fc.record({
  a: fc.boolean(),
  b: fc.boolean(),
  m: fc.option(fc.nat(1000)),
  n: fc.option(fc.nat(1000)),
});

/** @param fragments how many each document has, at most. */
export const documents = (fragments: number): fc.Arbitrary<string> =>
  fc.gen().map((generate) => {
    const count = generate(fc.nat, { max: fragments });
    const types = Array.from({ length: count }, () => generate(fc.constantFrom, ...TYPES));
    const parts = types.map((type, i) => `fragment F${i} on ${type} ${selection(generate, types, type, i + 1, 2)}`);
    return [`${HEAD} ${selection(generate, types, 'Query', 0, 3)}`, ...parts].join('\n');
  });

/** @param from the first fragment that may be spread; those before it could lead back here. */
function selection(
  generate: GeneratorValue,
  fragments: readonly TypeName[],
  type: TypeName,
  from: number,
  depth: number,
): string {
  const fields = Object.entries(FIELDS[type]).filter(([, of]) => depth > 0 || of === null);
  const spreads = fragments.flatMap((of, i) => (i >= from && of === type ? [i] : []));
  const items = Array.from({ length: generate(fc.integer, { min: 1, max: 3 }) }, () => {
    const kind = generate(fc.constantFrom, 'field', 'field', 'spread', 'spread', 'inline');
    if (kind === 'spread' && spreads.length > 0) {
      return `...F${generate(fc.constantFrom, ...spreads)}${directives(generate)}`;
    }
    if (kind === 'inline' && depth > 0) {
      const condition = generate(fc.boolean) ? ` on ${type}` : '';
      return `...${condition}${directives(generate)} ${selection(generate, fragments, type, from, depth - 1)}`;
    }
    if (fields.length === 0) return '__typename';
    const [name, of] = generate(fc.constantFrom, ...fields);
    const alias = generate(fc.nat, { max: 3 }) === 0 ? `x${generate(fc.nat, { max: 5 })}: ` : '';
    const below = of === null ? '' : ` ${selection(generate, fragments, of, from, depth - 1)}`;
    return `${alias}${name}${given(generate, name)}${directives(generate)}${below}`;
  });
  return `{ ${items.join(' ')} }`;
}

function given(generate: GeneratorValue, field: string): string {
  const choices: Readonly<Record<string, readonly string[]>> = {
    page: ['', '(first: 4)', '(last: 0)', '(first: $m)', '(first: $m, last: $n)', '(first: null)', '(first: 1000000)'],
    many: ['', '(ids: [1, 2])', '(ids: [])', '(ids: "x")'],
  };
  return generate(fc.constantFrom, ...(choices[field] ?? ['']));
}

function directives(generate: GeneratorValue): string {
  if (generate(fc.nat, { max: 4 }) > 0) return '';
  return generate(
    fc.constantFrom,
    ' @skip(if: $a)',
    ' @include(if: $b)',
    ' @skip(if: true)',
    ' @include(if: true)',
    ' @skip(if: $a) @include(if: $b)',
  );
}

/** The operation with every spread replaced by what it stands for, however large that is. */
export function expand(document: DocumentNode): OperationDefinitionNode {
  const expandSet = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.map(expandOne),
  });
  const expandOne = (node: SelectionNode): SelectionNode => {
    if (node.kind === Kind.FIELD)
      return node.selectionSet ? { ...node, selectionSet: expandSet(node.selectionSet) } : node;
    if (node.kind === Kind.INLINE_FRAGMENT) return { ...node, selectionSet: expandSet(node.selectionSet) };
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION || definition.name.value !== node.name.value) continue;
      return {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: definition.typeCondition,
        directives: [...(node.directives ?? []), ...(definition.directives ?? [])],
        selectionSet: expandSet(definition.selectionSet),
      };
    }
    throw new Error(`no fragment ${node.name.value}`);
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      return { ...definition, selectionSet: expandSet(definition.selectionSet) };
    }
  }
  throw new Error('no operation');
}

/** A tree of fragments, each spreading the next twice. */
export const doubling = (levels: number, leaf: string, type = 'Query', root = '{ ...F0 }'): string =>
  [
    root,
    ...Array.from({ length: levels }, (_, i) => `fragment F${i} on ${type} { ...F${i + 1} ...F${i + 1} }`),
    `fragment F${levels} on ${type} { ${leaf} }`,
  ].join('\n');

export const repeat = (times: number, text: string | ((i: number) => string)): string =>
  Array.from({ length: times }, (_, i) => (typeof text === 'string' ? text : text(i))).join(' ');
