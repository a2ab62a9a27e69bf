import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileOperation } from '../../../src/executor/index.ts';
import { both } from './support/both.ts';

const schema = buildSchema(`
  input Point { x: Int! = 1, y: [Int] }
  type Thing { a: String b: String must: String! echo(text: String = "default", n: Int!, at: Point): String thing: Thing things: [Thing!] }
  type Query { thing: Thing things: [Thing!] other: Thing }
  type Mutation { set: Thing }
  type Subscription { thing: Thing }
`);

const thing = (depth: number): unknown => ({
  a: 'a',
  b: () => 'b',
  must: 'must',
  echo: (args: object) => JSON.stringify(args),
  ...(depth > 0 && { thing: () => thing(depth - 1), things: () => [thing(depth - 1), thing(0)] }),
});

interface Asked {
  readonly source: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

const same = async (asked: Asked): Promise<string> => {
  const { compiled, interpreted } = await both({
    schema,
    ...asked,
    root: () => ({ thing: thing(4), things: () => [thing(2), thing(1)], other: null, set: thing(1) }),
  });
  expect(compiled).toBe(interpreted);
  return compiled;
};

describe('documents', () => {
  const CASES: Readonly<Record<string, Asked>> = {
    'fields merged': { source: '{ thing { a } thing { b a } thing { thing { a } } thing { thing { b } c: a } }' },
    'fields merged through fragments': {
      source: `{ ...Q thing { b } ... on Query { thing { z: a } ...Q } ... { things { thing { a } } } }
        fragment Q on Query { thing { a ...T } things { ...T thing { b } } }
        fragment T on Thing { b thing { a } ... on Thing { must } }`,
    },
    'a fragment spread twice in one place and in two': {
      source: '{ thing { ...T a ...T thing { ...T thing { ...T } } } } fragment T on Thing { b a }',
    },
    'a fragment left out first and spread then': {
      source: '{ thing { ...T @skip(if: true) a ...T } } fragment T on Thing { b }',
    },
    'aliases that hide fields': { source: '{ thing { a: b b: a } other: thing { a } }' },
    'nothing but what is left out': { source: '{ thing { a @skip(if: true) } other @include(if: false) { a } }' },
    'conditions by literals': {
      source: '{ thing { a @skip(if: true) @include(if: true) b @include(if: true) ... @skip(if: true) { must } } }',
    },
    'fields and fragments that are not there': { source: '{ thing { nowhere a ...Nowhere ... on Nowhere { b } } }' },
    'arguments of fields that conflict': { source: '{ thing { echo(n: 1) echo(n: 2) a a: b } }' },
    'arguments by literals': {
      source: '{ things { echo(n: 1, text: null, at: {y: [1, null], x: 2}) b: echo(n: 2, at: {}) } }',
    },
    'arguments left out': { source: '{ things { echo(text: "a") a } }' },
    'arguments of wrong types': { source: '{ things { echo(n: "1") a b: echo(n: 1, at: {x: null}) } }' },
    'one of several operations': {
      source: 'query A { thing { a } } query B { thing { b } } mutation C { set { a } }',
      operationName: 'B',
    },
    'a mutation of several operations': {
      source: 'query A { thing { a } } mutation C { set { a } set { b } }',
      operationName: 'C',
    },
    'a subscription, of which the root is one event': { source: 'subscription { thing { a things { b must } } }' },
    'the schema': {
      source: `{ __schema { queryType { name } types { kind name fields(includeDeprecated: true) { name type { ...T } args { defaultValue } } } }
        __type(name: "Thing") { name ofType { name } } none: __type(name: "None") { name } __typename }
        fragment T on __Type { name kind ofType { name ofType { name } } }`,
    },
    '__schema below the root': {
      source: '{ thing { __schema { queryType { name } } __type(name: "Thing") { name } a } }',
    },
  };

  it.each(Object.keys(CASES))('%s', async (name) => {
    const asked = CASES[name];
    expect(await same(asked ?? { source: '' })).toContain('"data":{');
  });
});

describe('variables', () => {
  const echo =
    'query ($n: Int!, $text: String, $x: Int = 5, $list: [Int]) { things { echo(n: $n, text: $text, at: {x: $x, y: $list}) a } }';

  it.each([{ n: 1 }, { n: 1, text: null, list: null }, { n: 1, text: 'a', x: 2, list: 3 }, { n: 1, x: null }])(
    'in arguments: %j',
    async (variables) => {
      expect(await same({ source: echo, variables })).toContain('"data":{');
    },
  );

  it('missing in required arguments', async () => {
    expect(await same({ source: 'query ($n: Int) { things { a echo(n: $n) } }' })).toContain(
      'was not provided a runtime value',
    );
    expect(await same({ source: 'query ($n: Int) { things { echo(n: $n) } }', variables: { n: null } })).toContain(
      'must not be null',
    );
  });

  const conditions = `query ($a: Boolean!, $b: Boolean = true, $c: Boolean = false) {
    thing @include(if: $a) { a ...T @skip(if: $b) thing { ...T } }
    thing @skip(if: $a) { b @include(if: $c) ... @include(if: $b) { must things { a @skip(if: $c) } } }
    things { a ...T @include(if: $b) ...T @include(if: $c) }
  } fragment T on Thing { b must @skip(if: $c) @include(if: $a) }`;
  const values = [true, false];

  it.each(values.flatMap((a) => values.flatMap((b) => values.map((c) => ({ a, b, c })))))(
    'in conditions: %j',
    async (variables) => {
      expect(await same({ source: conditions, variables })).toContain('"data":{');
    },
  );

  it('that are null in conditions fail at their field', async () => {
    const below =
      'query ($b: Boolean = true) { thing { a thing { a @skip(if: $b) } } things { a @include(if: $b) } other { a } }';
    expect(await same({ source: below, variables: { b: null } })).toContain('"data":{"thing":{"a":"a","thing":null}');
    expect(await same({ source: below })).not.toContain('errors');
    const root = 'query ($b: Boolean = true) { thing @skip(if: $b) { a } }';
    expect(await same({ source: root, variables: { b: null } })).toContain('"data":null');
  });

  it('in conditions use one plan, whatever their order', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `v${i}`);
    const source = `query (${names.map((name) => `$${name}: Boolean!`).join(' ')}) { thing { ${names.map((name) => `${name}: a @include(if: $${name})`).join(' ')} must } }`;
    const plan = compileOperation(schema, parse(source));
    for (const round of [0, 1]) {
      for (let bits = 0; bits < 64; bits++) {
        const given = Object.fromEntries(names.map((name, i) => [name, (bits >> i) % 2 === 1]));
        const answer = await plan?.run({ thing: { a: round, must: 'm' } }, {} as never, given);
        const keys = [...names.filter((name) => given[name]), 'must'];
        expect(Object.keys(answer?.data?.thing ?? {})).toEqual(keys);
      }
    }
  });
});

describe('no plan', () => {
  const doubling = Array.from(
    { length: 14 },
    (_, i) => `fragment F${i} on Thing { x: thing { ...F${i + 1} } y: thing { ...F${i + 1} } }`,
  );
  const chain = Array.from({ length: 5_000 }, (_, i) => `fragment F${i} on Thing { a ...F${i + 1} }`);
  const CASES: Readonly<Record<string, readonly [source: string, operationName?: string]>> = {
    'no operation': ['fragment F on Thing { a }'],
    'an operation that is not there': ['query A { thing { a } }', 'B'],
    'several operations without a name': ['query A { thing { a } } query B { thing { a } }'],
    'more fields than are worth it': [`{ thing { ...F0 } } ${doubling.join(' ')} fragment F14 on Thing { a }`],
    'a circle of fragments': ['{ thing { ...F } } fragment F on Thing { a thing { ...F } }'],
    'a chain of fragments without an end': [`{ thing { ...F0 } } ${chain.join(' ')} fragment F5000 on Thing { a }`],
    'a condition that validation refuses': [
      'query ($a: Boolean!) { thing { a @skip(if: "no") ... @skip(if: $a) { b } } }',
    ],
  };

  it.each(Object.keys(CASES))('%s', (name) => {
    const [source = '', operationName] = CASES[name] ?? [];
    expect(compileOperation(schema, parse(source), operationName)).toBeUndefined();
  });

  it('for a type of operation that the schema does not have', () => {
    expect(compileOperation(buildSchema('type Query { a: Int }'), parse('mutation { a }'))).toBeUndefined();
  });
});
