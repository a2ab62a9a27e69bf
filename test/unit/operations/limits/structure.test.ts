import fc from 'fast-check';
import {
  type DocumentNode,
  getIntrospectionQuery,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type LimitName, type Limits } from '../../../../src/operations/limits/limits.ts';
import { type Figures, measure } from '../../../../src/operations/limits/measure.ts';
import { findExceeded } from '../../../../src/operations/limits/structure.ts';
import { documents, doubling, expand, repeat } from './support/documents.ts';

const operationOf = (document: DocumentNode): OperationDefinitionNode => {
  const found = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (found === undefined) throw new Error('no operation');
  return found;
};

const figuresOf = (text: string): Figures => {
  const document = parse(text);
  return measure(document).of(operationOf(document));
};

/** Counts by walking, in a document without spreads. */
function walk(set: SelectionSetNode, depth: number, figures: Record<keyof Figures, number>, level = 1): void {
  figures.selectionDepth = Math.max(figures.selectionDepth, level);
  for (const selection of set.selections) {
    figures.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) {
      figures.depth = Math.max(figures.depth, depth);
      figures.fields++;
      if (depth === 1) figures.rootFields++;
      if (selection.alias) figures.aliases++;
      if (selection.selectionSet) walk(selection.selectionSet, depth + 1, figures, level + 1);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      walk(selection.selectionSet, depth, figures, level + 1);
    }
  }
}

describe('measure', () => {
  it('gives the same result for repeated fragments as walking them', () => {
    fc.assert(
      fc.property(documents(8), (text) => {
        const document = parse(text);
        const naive = {
          depth: 0,
          introspectionDepth: 0,
          selectionDepth: 0,
          rootFields: 0,
          aliases: 0,
          directives: 0,
          fields: 0,
        };
        walk(expand(document).selectionSet, 1, naive);
        expect(measure(document).of(operationOf(document))).toEqual(naive);
      }),
    );
  });

  it('visits each selection of the document at most once', () => {
    fc.assert(
      fc.property(documents(30), (text) => {
        const document = parse(text);
        const measured = measure(document);
        measured.of(operationOf(document));
        expect(measured.visits).toBeLessThanOrEqual(selectionsOf(document));
      }),
    );
    const tree = parse(doubling(40, 'a'));
    const measured = measure(tree);
    expect(measured.of(operationOf(tree)).fields).toBe(2 ** 40);
    expect(measured.visits).toBe(82);
  });

  it('is capped at the greatest safe integer', () => {
    const figures = figuresOf(doubling(1_000, 'x: a @b'));
    for (const name of ['fields', 'rootFields', 'aliases', 'directives'] as const) {
      expect(figures[name]).toBe(Number.MAX_SAFE_INTEGER);
    }
  });

  it('counts directives in every allowed position', () => {
    const text = `query ($a: Int @d, $b: Int @d) @d { a @d ... @d { a } ...F @d ...F } fragment F on Query @d { a @d }`;
    expect(figuresOf(text).directives).toBe(6 + 2 * 2);
  });

  it('measures introspection separately', () => {
    const text =
      '{ a { b } __schema { types { fields { name } } } ...F } fragment F on Query { __type(name: "T") { name } }';
    expect(figuresOf(text)).toMatchObject({ depth: 2, introspectionDepth: 3, rootFields: 3, fields: 8 });
  });

  it.each([
    ['itself', '{ a ...F } fragment F on Query { b ...F }'],
    ['itself within a field', '{ a ...F } fragment F on Query { b { ...F } }'],
    ['one another', '{ a ...F } fragment F on Query { b ...G } fragment G on Query { c ...F }'],
    ['all', `{ a ...F0 } ${repeat(40, (i) => `fragment F${i} on Query { b ${repeat(40, (j) => `...F${j}`)} }`)}`],
    ['what is not there', '{ a b ...F }'],
  ])('ends where fragments spread %s', (_name, text) => {
    expect(figuresOf(text).fields).toBeGreaterThanOrEqual(2);
  });
});

describe('findExceeded', () => {
  const check = (text: string, limits: Partial<Limits> = {}) =>
    findExceeded(parse(text), { ...DEFAULT_LIMITS, ...limits })?.error;
  const nested = (depth: number, name = 'a') => `{${name}`.repeat(depth) + '}'.repeat(depth);

  /** As much as is allowed, one more, and how many that is. */
  const borders: readonly [limit: LimitName, allowed: string, refused: string, figure: number][] = [
    ['depth', nested(15), nested(16), 16],
    ['introspectionDepth', `{__schema ${nested(30)}}`, `{__schema ${nested(31)}}`, 31],
    ['selectionDepth', inline(100), inline(101), 101],
    ['rootFields', `{${repeat(30, (i) => `a${i}`)}}`, `{${repeat(31, (i) => `a${i}`)}}`, 31],
    ['aliases', `{a{${repeat(50, (i) => `x${i}:b`)}}}`, `{a{${repeat(51, (i) => `x${i}:b`)}}}`, 51],
    ['directives', `{a ${repeat(50, '@d')}}`, `{a ${repeat(51, '@d')}}`, 51],
    ['definitions', repeat(100, (i) => `query Q${i}{a}`), repeat(101, (i) => `query Q${i}{a}`), 101],
    ['fields', `{a{${spreads(198)}}} ${FIFTY}`, `{a{${spreads(200)}}} ${FIFTY}`, 10_001],
  ];

  it.each(borders)('%s', (limit, allowed, refused, figure) => {
    expect(check(allowed)).toBeUndefined();
    const error = check(refused);
    expect(error).toMatchObject({ code: 'QUERY_TOO_COMPLEX', limit, figure, allowed: DEFAULT_LIMITS[limit] });
    expect(error?.message).toContain(String(figure));
    expect(error?.message).toContain(`${DEFAULT_LIMITS[limit]} is the most allowed.`);
  });

  it.each(borders)('%s can be set', (limit, _allowed, refused) => {
    const error = check(refused, { [limit]: 1 });
    expect(error).toMatchObject({ limit, allowed: 1 });
  });

  it('takes linear time for nested fragments', () => {
    const tower = (to: string) => `${'{...'.repeat(150)}{${to}}${'}'.repeat(150)}`;
    const fragments = repeat(9, (i) => `fragment F${i} on Query ${tower(i === 8 ? 'a' : `...F${i + 1}`)}`);
    expect(check(`${tower('...F0')} ${fragments}`)).toMatchObject({ limit: 'selectionDepth', figure: 1510 });
  });

  it('counts the fields of fragments', () => {
    expect(
      check('{ ...F } fragment F on Query { a ...G } fragment G on Query { b { c } }', { depth: 1 }),
    ).toMatchObject({
      limit: 'depth',
      figure: 2,
    });
    expect(check('{ ...F ...F } fragment F on Query { x: a }', { aliases: 1 })).toMatchObject({ figure: 2 });
    expect(check('{ ...F } fragment F on Query { a b }', { rootFields: 1 })).toMatchObject({ figure: 2 });
  });

  it('checks each operation separately, and root fields separately', () => {
    const two = 'query A { ...F } query B { ...F } fragment F on Query { x: a b }';
    expect(check(two, { rootFields: 2, aliases: 1, fields: 4 })).toBeUndefined();
    expect(check(two, { fields: 3 })).toMatchObject({ figure: 4 });
  });

  it('locates the operation', () => {
    const exceeded = findExceeded(parse('query A { a } query B { a b }'), { ...DEFAULT_LIMITS, rootFields: 1 });
    expect(exceeded?.operation?.name?.value).toBe('B');
  });

  it.each([
    ['of root fields', doubling(40, 'a')],
    ['of fields below', doubling(40, 'a', 'T', '{ b { ...F0 } }')],
    ['of introspection', doubling(40, 'description', '__Schema', '{ __schema { ...F0 } }')],
    ['within inline fragments', doubling(40, '... { a ... on Query { b } }')],
    [
      'that no limit on counts holds',
      doubling(99, 'a', 'T', '{ b { ...F0 } }').replace('{ ...F99 ...F99 }', '{ ...F99 }'),
    ],
  ])('refuses an exponential tree of fragments %s', (_name, text) => {
    expect(check(text)).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  });

  it('allows the introspection that tools send', () => {
    for (const descriptions of [true, false]) {
      const text = getIntrospectionQuery({
        descriptions,
        inputValueDeprecation: true,
        oneOf: true,
        schemaDescription: true,
      });
      expect(check(text)).toBeUndefined();
    }
  });

  it.each([
    '{ ...F } fragment F on Query { a ...F }',
    '{ ...F } fragment F on Query { a { ...G } } fragment G on Query { b { ...F } }',
    '{ ...F ...F }',
  ])('leaves it to validation to say what is wrong with %s', (text) => {
    expect(check(text)).toBeUndefined();
  });
});

/** Inline fragments within one another, so many selection sets altogether. */
function inline(levels: number): string {
  return `${'{...'.repeat(levels - 1)}{a}${'}'.repeat(levels - 1)}`;
}

/** Fifty fields, so that fields can be counted in fifties. */
const FIFTY = `fragment F on T {${repeat(50, (i) => `f${i}`)}}`;

/** That many spreads at places of their own. */
function spreads(times: number): string {
  return repeat(times, '...F');
}

const selectionsOf = (document: DocumentNode): number => {
  const count = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce(
      (total, selection) => total + 1 + (selection.kind === Kind.FRAGMENT_SPREAD ? 0 : count(selection.selectionSet)),
      0,
    );
  return document.definitions.reduce(
    (total, definition) => total + ('selectionSet' in definition ? count(definition.selectionSet) : 0),
    0,
  );
};
