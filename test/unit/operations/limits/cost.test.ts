import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  buildSchema,
  type FieldNode,
  getNamedType,
  getNullableType,
  getOperationAST,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  type ValueNode,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../../../src/graph/schema.ts';
import { analyze } from '../../../../src/operations/limits/cost.ts';
import { costOf } from '../../../../src/operations/limits/directives.ts';
import { documents, doubling, expand, repeat, SDL, variables } from './support/documents.ts';

const directives = readFileSync(new URL('../../../../schema/cost.graphql', import.meta.url), 'utf8');
const made = buildSchema(directives + SDL);
const schema = createSchema();

const formulaIn = (of: typeof schema, text: string) => {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  return analyze(of, document, operation);
};

type Values = Readonly<Record<string, unknown>>;

/** The rules of schema/cost.graphql once more: on plain numbers, for the schema of `documents`, in a document without spreads. */
function naive(set: SelectionSetNode, type: string, given: Values): number {
  return fieldsOf(set, given).reduce((total, node) => {
    const below = (of: string) => (node.selectionSet ? naive(node.selectionSet, of, given) : 0);
    switch (`${type}.${node.name.value}`) {
      case 'Query.one':
      case 'Item.parent':
        return total + 1 + below('Item');
      case 'Query.many':
        return total + lengthOf(argument(node, 'ids')) * (2 + below('Item'));
      case 'Item.parts':
        return total + 5 * below('Item');
      case 'Query.page':
      case 'Item.page':
        return total + (node.selectionSet ? page(node.selectionSet, sizeOf(node, given), given) : 0);
      case 'Edge.item':
        return total + below('Item');
      default:
        return total;
    }
  }, 0);
}

function page(set: SelectionSetNode, size: number, given: Values): number {
  let total = 0;
  let weight = 0;
  for (const node of fieldsOf(set, given)) {
    const of = { rows: { weight: 1, type: 'Item' }, edges: { weight: 2, type: 'Edge' } }[node.name.value];
    if (node.name.value === 'count') total += 1;
    if (of === undefined) continue;
    weight = Math.max(weight, of.weight);
    total += size * (node.selectionSet ? naive(node.selectionSet, of.type, given) : 0);
  }
  return total + size * weight;
}

/** The fields that `@skip` and `@include` leave, those of inline fragments included. */
const fieldsOf = (set: SelectionSetNode, given: Values): FieldNode[] =>
  set.selections.flatMap((selection) => {
    const stays = (selection.directives ?? []).every((directive) => {
      const condition = directive.arguments?.[0]?.value;
      const value =
        condition?.kind === Kind.VARIABLE ? given[condition.name.value] : condition && Reflect.get(condition, 'value');
      return value === (directive.name.value === 'include');
    });
    if (!stays) return [];
    if (selection.kind === Kind.FIELD) return [selection];
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsOf(selection.selectionSet, given) : [];
  });

const argument = (node: FieldNode, name: string): ValueNode | undefined =>
  node.arguments?.find((one) => one.name.value === name)?.value;

const lengthOf = (value: ValueNode | undefined): number =>
  value === undefined ? 7 : value.kind === Kind.LIST ? value.values.length : 1;

function sizeOf(node: FieldNode, given: Values): number {
  const sizes = ['first', 'last'].flatMap((name) => {
    const value = argument(node, name);
    const size =
      value?.kind === Kind.VARIABLE
        ? given[value.name.value]
        : value?.kind === Kind.INT
          ? Number(value.value)
          : undefined;
    return typeof size === 'number' ? [size > 1000 ? 0 : size] : [];
  });
  return sizes.length === 0 ? 3 : Math.max(...sizes);
}

describe('the formula', () => {
  it('gives the same result for repeated fragments as walking them, for all variables', () => {
    fc.assert(
      fc.property(documents(8), fc.array(variables, { minLength: 1, maxLength: 3 }), (text, sets) => {
        const formula = formulaIn(made, text);
        for (const given of sets) {
          expect(formula.rows(given)).toBe(naive(expand(parse(text)).selectionSet, 'Query', given));
        }
      }),
    );
  });

  it('visits a fragment once for each way in which it is used', () => {
    const tree = doubling(40, 'page(first: 2) { rows { ...P } }');
    const formula = formulaIn(
      made,
      `${tree} fragment P on Item { page { ...C rows { page(first: 1) { ...C } } } } fragment C on Page { count }`,
    );
    expect(formula.visits({})).toBeLessThan(100);
    // A page of two, in each row a count, a page of three, in each row of it a count.
    expect(formula.rows({})).toBe(2 ** 40 * (2 + 2 * (1 + 3 + 3 * 1)));
  });

  it('is computed in linear time', () => {
    let reads = 0;
    const given = new Proxy(
      { m: 2 },
      {
        getOwnPropertyDescriptor: (of, key) => {
          reads++;
          return Reflect.getOwnPropertyDescriptor(of, key);
        },
      },
    );
    const formula = formulaIn(
      made,
      doubling(40, 'page(first: $m) { rows { name } }', 'Query', 'query ($m: Int) { ...F0 }'),
    );
    expect(formula.rows(given)).toBe(2 ** 41);
    expect(reads).toBe(1);
  });

  it('is capped at the greatest safe integer', () => {
    const nested = repeat(12, 'page(first: 1000) { rows {').concat(' name ', repeat(12, '} }'));
    expect(formulaIn(made, `{ ${nested} }`).rows({})).toBe(Number.MAX_SAFE_INTEGER);
    expect(formulaIn(made, `{ page(first: 0) { rows { ${nested} } } }`).rows({})).toBe(0);
    expect(formulaIn(made, doubling(99, 'one { name }')).rows({})).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([
    '{ ...F } fragment F on Query { one { name } ...F }',
    '{ one { ...F } } fragment F on Item { parent { ...F } }',
    '{ one { name } ...Missing nothing { name } ... on Nothing { name } }',
  ])('ends for documents that validation would refuse: %s', (text) => {
    expect(formulaIn(made, text).rows({})).toBeGreaterThanOrEqual(1);
  });

  it('assumes the worst for unknown values', () => {
    const text = 'query ($a: Boolean!) { one @skip(if: $a) { name } x: one @include(if: $a) { name } }';
    expect(formulaIn(made, text).rows({})).toBe(2);
    expect(formulaIn(made, text).rows({ a: true })).toBe(1);
  });

  it('reads variables with unusual names like any other', () => {
    const text =
      'query ($__proto__: Int, $constructor: Int) { page(first: $__proto__, last: $constructor) { rows { name } } }';
    expect(formulaIn(made, text).rows({})).toBe(3);
  });
});

describe('the cost of operations on this schema', () => {
  const uuids = (count: number) => Array.from({ length: count }, (_, i) => i.toString(16).padStart(32, '0'));
  const cost = (text: string, given: Values = {}) => {
    const document = parse(text);
    expect(validate(schema, document)).toEqual([]);
    const operation = getOperationAST(document);
    return operation ? analyze(schema, document, operation).rows(given) : undefined;
  };

  it.each([
    ['{ __typename }', 0],
    ['{ snapshot(uuid: "0123456789abcdef0123456789abcdef") { uuid name } }', 1],
    ['{ snapshots { nodes { uuid } } }', 20],
    ['{ snapshots(first: null) { nodes { uuid } } }', 20],
    ['{ snapshots(first: 100) { nodes { uuid } } }', 100],
    ['{ snapshots(last: 7) { edges { cursor } } }', 7],
    ['{ snapshots(first: 0) { nodes { uuid } totalCount } }', 1],
    ['{ snapshots(first: 1000) { totalCount } }', 1],
    ['{ snapshots(first: 1000) { pageInfo { hasNextPage } } }', 1000],
    ['{ snapshots(first: 10) { totalCount pageInfo { endCursor } edges { cursor } nodes { uuid } } }', 11],
    ['{ snapshots(first: 100) { nodes { sourceVolume { uuid } } edges { node { uuid } } } }', 200],
    ['{ snapshots(first: 100) { nodes { restorations { uuid volume { uuid } } availableActions { action } } } }', 600],
    ['{ snapshots(first: 100) { nodes { availableActions(checkQuota: true) { action } } } }', 300],
    ['{ snapshots(first: 100) { nodes { availableActions(checkQuota: false) { action } } } }', 100],
    ['{ snapshots(first: 100) { nodes { availableActions(checkQuota: null) { action } } } }', 100],
    ['{ volumes(first: 100) { nodes { uuid snapshots(first: 5) { nodes { uuid } } } } }', 600],
    ['{ volumes(first: 100) { nodes { uuid snapshots(first: 5) { totalCount nodes { uuid } } } totalCount } }', 701],
    ['{ nodes(ids: ["a", "b"]) { id ... on Snapshot { sourceVolume { uuid } } } }', 4],
    ['{ viewer { permissions { role } } }', 1],
    ['{ snapshots(first: 1000000000) { nodes { uuid } } }', 0],
    ['{ snapshots(first: -1) { nodes { uuid } } }', 0],
    ['subscription { snapshotChanges { snapshot { uuid sourceVolume { uuid } } } }', 2],
  ])('%s: %i', (text, rows) => {
    expect(cost(text)).toBe(rows);
  });

  it('takes sizes from variables and their defaults', () => {
    const text = 'query ($n: Int) { snapshots(first: $n) { nodes { uuid } } }';
    expect([cost(text, { n: 33 }), cost(text, { n: null }), cost(text), cost(text, { n: 10 ** 9 })]).toEqual([
      33, 20, 20, 0,
    ]);
  });

  it('counts what an argument costs when its variable is true', () => {
    const text =
      'query ($on: Boolean) { snapshots(first: 10) { nodes { availableActions(checkQuota: $on) { action } } } }';
    expect([cost(text, { on: true }), cost(text, { on: false }), cost(text, { on: null }), cost(text)]).toEqual([
      30, 10, 10, 10,
    ]);
  });

  it('counts the objects of a list of ids', () => {
    const text = 'query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { uuid sourceVolume { uuid } } }';
    expect(cost(text, { uuids: uuids(50) })).toBe(100);
    const bulk = 'mutation ($input: PullSnapshotsInput!) { pullSnapshots(input: $input) { results { uuid } } }';
    expect(cost(bulk, { input: { uuids: uuids(50) } })).toBe(50);
    const read = bulk.replace('{ uuid }', '{ snapshot { uuid } }');
    expect(cost(read, { input: { uuids: uuids(50) } })).toBe(100);
    const written = `mutation ($a: UUID!) { deleteSnapshots(input: { uuids: [$a, "${uuids(1)[0]}"] }) { results { uuid } } }`;
    expect(cost(written, { a: uuids(1)[0] })).toBe(2);
    const list = 'query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) { uuid } }';
    expect(cost(list, { uuids: uuids(1) })).toBe(1);
    expect(cost(`{ snapshotsByUuid(uuids: "${uuids(1)[0]}") { uuid } }`)).toBe(1);
  });

  it('multiplies through lists within lists', () => {
    const text = `{ volumes(first: 1000) { nodes { snapshots(first: 1000) { nodes { sourceVolume { snapshots(first: 1000) { nodes { uuid } } } } } } } }`;
    expect(cost(text)).toBe(1000 + 1000 ** 2 * 2 + 1000 ** 3);
  });

  it('counts the lists of introspection, so that aliases cannot request the whole schema many times', () => {
    const whole = 'types { fields { args { type { name } } } }';
    expect(cost(`{ __schema { ${whole} } }`)).toBe(20 + 20 ** 2 + 20 ** 3);
    expect(cost(`{ ${repeat(30, (i) => `s${i}: __schema { ${whole} }`)} }`)).toBeGreaterThan(50_000);
  });

  it('knows the size of every list', () => {
    const unknown: string[] = [];
    const sized = new Set<string>();
    const types = Object.values(schema.getTypeMap()).filter(
      (type) => isObjectType(type) && !type.name.startsWith('__'),
    );
    for (const type of types) {
      if (!isObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        for (const name of costOf(schema, type, field).list?.sizedFields ?? []) {
          sized.add(`${getNamedType(field.type).name}.${name}`);
        }
      }
    }
    for (const type of types) {
      if (!isObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        const named = getNamedType(field.type);
        if (!isListType(getNullableType(field.type)) || isLeafType(named) || named.name === 'UserError') continue;
        const told = field.astNode?.directives?.some(({ name }) => name.value === 'listSize');
        if (told !== true && !sized.has(`${type.name}.${field.name}`)) unknown.push(`${type.name}.${field.name}`);
      }
    }
    expect(unknown).toEqual([]);
    expect(sized).toContain('SnapshotConnection.nodes');
  });

  it('refers only to existing arguments and fields', () => {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        const { list } = costOf(schema, type, field);
        const answer = getNamedType(field.type);
        for (const name of type.name.startsWith('__') ? [] : (list?.sizedFields ?? [])) {
          expect(isObjectType(answer) && name in answer.getFields()).toBe(true);
        }
        for (const path of list?.slicing ?? []) {
          expect(field.args.map((arg) => arg.name)).toContain(path.split('.')[0]);
        }
      }
    }
  });
});
