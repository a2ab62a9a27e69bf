import fc from 'fast-check';
import { buildSchema, getVariableValues, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { expect, it } from 'vitest';
import { planVariables } from '../../../src/executor/coerce.ts';

/** The coercion of a plan must give the values of graphql-js, and refuse what graphql-js refuses. */

const schema = buildSchema(`
  type Query { it(a: Float): Int }
  enum Color { RED GREEN }
  scalar Anything
  input Leaf { int: Int! = 3, text: String, color: Color = RED }
  input Tree { leaf: Leaf!, trees: [Tree!], ids: [[ID]!] = [["a"]], flag: Boolean }
  input One @oneOf { leaf: Leaf, text: String }
`);

const TYPES = [
  ...['Int', 'Int!', 'Float', 'String', 'String!', 'Boolean', 'ID', 'ID!', 'Color', 'Color!', 'Anything'],
  ...['[Int]', '[Int!]!', '[[Color!]]', '[ID]!', 'Leaf', 'Leaf!', 'Tree', '[Tree]', 'One', '[One!]'],
];

const DEFAULTS: Readonly<Record<string, string>> = {
  Int: '7',
  'Int!': '7',
  String: 'null',
  Color: 'GREEN',
  '[Int]': '5',
  Leaf: '{ text: "t" }',
  Tree: '{ leaf: {} }',
  One: '{ text: "x" }',
};

const scalars = fc.constantFrom<unknown>(
  ...[0, -1, 7.5, 2_147_483_648, 1e30, '', 'a', '12', 'RED', 'BLUE', true, false, null],
);

/** Values, of which many are valid for an input type. */
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: scalars },
    fc.array(tie('value'), { maxLength: 3 }),
    fc.record(
      { int: scalars, text: scalars, color: fc.constantFrom('RED', 'GREEN', 'PINK', null) },
      { requiredKeys: [] },
    ),
    fc.record(
      { leaf: tie('value'), trees: tie('value'), ids: tie('value'), flag: scalars, text: scalars },
      { requiredKeys: [] },
    ),
    fc.dictionary(fc.constantFrom('leaf', 'int', 'text', '__proto__', 'toString', 'other'), tie('value'), {
      maxKeys: 3,
    }),
  ),
}));

const variables = fc.array(
  fc.record({
    type: fc.constantFrom(...TYPES),
    hasDefault: fc.boolean(),
    given: fc.option(values, { nil: undefined }),
  }),
  { maxLength: 3 },
);

const operationOf = (text: string): OperationDefinitionNode => {
  const [definition] = parse(text).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`no operation: ${text}`);
  return definition;
};

it('coerces as graphql-js does', () => {
  const met = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(variables, (all) => {
      const definitions = all.map(({ type, hasDefault }, i) => {
        const fallback = hasDefault ? DEFAULTS[type] : undefined;
        return `$v${i}: ${type}${fallback === undefined ? '' : ` = ${fallback}`}`;
      });
      const operation = operationOf(`query ${definitions.length > 0 ? `(${definitions})` : ''} { it }`);
      const given = Object.fromEntries(all.flatMap(({ given }, i) => (given === undefined ? [] : [[`v${i}`, given]])));
      const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
      const ours = planVariables(schema, operation)(given);
      expect(ours).toEqual(coerced);
      expect(JSON.stringify(ours)).toBe(JSON.stringify(coerced));
      met[coerced === undefined ? 'refused' : 'taken'] += 1;
    }),
    { numRuns: 5_000 },
  );
  expect(met.taken).toBeGreaterThan(1_000);
  expect(met.refused).toBeGreaterThan(1_000);
});
