import fc from 'fast-check';
import { type FieldNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../src/operations/limits/limits.ts';
import { countPairs } from '../../../../src/operations/limits/pairs.ts';
import { findExceeded } from '../../../../src/operations/limits/structure.ts';
import { documents, doubling, expand, repeat } from './support/documents.ts';

const UNBOUNDED = { pairs: Infinity, fields: Infinity };
const pairsIn = (text: string) => countPairs(parse(text), UNBOUNDED).pairs;
const refusal = (text: string) => findExceeded(parse(text), DEFAULT_LIMITS)?.error;

/** Pairs of different fields of the text that merge, with one copy of each, in an expanded operation. */
function naive(sets: readonly SelectionSetNode[]): number {
  const groups = Map.groupBy(sets.flatMap(flat), ({ alias, name }) => (alias ?? name).value);
  let pairs = 0;
  for (const group of groups.values()) {
    // A fragment that is spread twice brings the same field twice, which is no pair.
    const distinct = [...new Map(group.map((node) => [node.loc?.start, node])).values()];
    pairs += (distinct.length * (distinct.length - 1)) / 2 + naive(distinct.flatMap((node) => node.selectionSet ?? []));
  }
  return pairs;
}

const flat = (set: SelectionSetNode): FieldNode[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    return selection.kind === Kind.INLINE_FRAGMENT ? flat(selection.selectionSet) : [];
  });

describe('countPairs', () => {
  it('counts merged fields, each field of the document once at each position', () => {
    fc.assert(
      fc.property(documents(6), (text) => {
        const used = text.split('\n').filter((line, i, lines) => i === 0 || isUsed(line, lines));
        const document = parse(used.join('\n'));
        expect(countPairs(document, UNBOUNDED).pairs).toBe(naive([expand(document).selectionSet]));
      }),
    );
  });

  it.each([
    ['{ a b c }', 0],
    ['{ a a a }', 3],
    ['{ a x: a a: b }', 1],
    ['{ a { b } a { b } }', 2],
    ['{ a { b } x: a { b } }', 0],
    ['{ a ... { a } ...F } fragment F on Query { a }', 3],
    ['{ ...F ...F } fragment F on Query { a }', 0],
    ['query A { a } query B { a }', 0],
    ['{ a } fragment Unused on T { b b }', 1],
  ])('%s', (text, expected) => {
    expect(pairsIn(text)).toBe(expected);
  });

  it.each([
    ['leaves', `{ a { ${repeat(4_900, 'b')} } }`],
    ['fields with arguments', `{ a { ${repeat(400, (i) => `b(c: ${i}) { d }`)} } }`],
    [
      'fields in fragments',
      `{ a { ${repeat(90, (i) => `...F${i}`)} } } ${repeat(90, (i) => `fragment F${i} on T { ${repeat(20, 'b')} }`)}`,
    ],
    ['fields within repeated fields', `{ ${repeat(30, `a { ${repeat(20, 'b')} }`)} }`],
    ['fields of a fragment that is not used', `{ a } fragment F on T { ${repeat(300, 'b')} }`],
    [
      'fields of fragments in a circle',
      `{ ...F0 } ${repeat(90, (i) => `fragment F${i} on T { ...F${(i + 1) % 90} ${repeat(10, 'b')} }`)}`,
    ],
  ])('repeated %s are refused before validation compares them', (_name, text) => {
    expect(refusal(text)).toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      limit: expect.stringMatching(/pairs|rootFields/),
    });
  });

  it('stops at the limit', () => {
    const branching = repeat(30, (i) => `fragment F${i} on T { a { ...F${i + 1} } b { ...F${i + 1} } }`);
    const text = `{ c } ${branching} fragment F30 on T { a }`;
    const { fields } = countPairs(parse(text), { pairs: 100, fields: 1_000 });
    expect(fields).toBeGreaterThan(1_000);
    expect(fields).toBeLessThan(1_100);
    expect(refusal(text)).toMatchObject({ limit: 'fields' });
  });

  it('ends where every fragment spreads every other', () => {
    const every = repeat(60, (i) => `fragment F${i} on T { a { ${repeat(60, (j) => `...F${j}`)} } }`);
    expect(countPairs(parse(`{ b { ...F0 } } ${every}`), UNBOUNDED).fields).toBeLessThan(10_000);
  });

  it('visits a tree of fragments once', () => {
    expect(countPairs(parse(doubling(40, 'a')), UNBOUNDED)).toEqual({ pairs: 0, fields: 1 });
  });
});

/** Whether a fragment of a generated document, one line each, can be reached from its operation in the first line. */
function isUsed(line: string, lines: readonly string[]): boolean {
  const name = /^fragment (F\d+) /.exec(line)?.[1];
  if (name === undefined) return true;
  return lines.some((other, i) => new RegExp(`\\.\\.\\.${name}\\b`).test(other) && (i === 0 || isUsed(other, lines)));
}
