import { buildSchema, type GraphQLSchema, parse } from 'graphql';
import { expect, it } from 'vitest';
import { compileOperation } from '../../../src/executor/index.ts';
import type { GraphContext } from '../../../src/graphql/context.ts';

const CONTEXT = {} as GraphContext;

function schemaWith(fields: Record<string, (row: { readonly n: number }) => unknown>): GraphQLSchema {
  const schema = buildSchema(`
    type Query { rows: [Row!]! }
    type Row { a: Int! b: Int }
  `);
  const row = schema.getType('Row');
  if (row === undefined || !('getFields' in row)) throw new Error('no such type');
  for (const [name, resolve] of Object.entries(fields)) Object.assign(row.getFields()[name] ?? {}, { resolve });
  return schema;
}

const ROWS = { rows: [{ n: 1 }, { n: 2 }, { n: 3 }] };

it('asks resolvers of their source once for each row where nothing is wrong', () => {
  const asked: number[] = [];
  const schema = schemaWith({ a: (row) => asked.push(row.n), b: (row) => row.n });
  const plan = compileOperation(schema, parse('{ rows { a b } }'));
  expect(plan?.run(ROWS, CONTEXT, {})).toEqual({
    data: { rows: [1, 2, 3].map((n) => ({ a: n, b: n })) },
  });
  expect(asked).toEqual([1, 2, 3]);
});

it('executes field by field the row in which something is wrong, and for no other', () => {
  const asked: number[] = [];
  const b = (row: { readonly n: number }): number => {
    asked.push(row.n);
    if (row.n === 2) throw new Error('no b');
    return row.n;
  };
  const plan = compileOperation(schemaWith({ a: (row) => row.n, b }), parse('{ rows { a b } }'));
  expect(plan?.run(ROWS, CONTEXT, {})).toMatchObject({
    data: {
      rows: [
        { a: 1, b: 1 },
        { a: 2, b: null },
        { a: 3, b: 3 },
      ],
    },
    errors: [{ message: 'no b', path: ['rows', 1, 'b'] }],
  });
  expect(asked).toEqual([1, 2, 2, 3]);
});

it('gives up where a field has to be waited for: the other rows are not asked twice', async () => {
  const asked: number[] = [];
  const b = async (row: { readonly n: number }): Promise<number> => {
    asked.push(row.n);
    if (row.n === 1) throw new Error('later');
    return row.n;
  };
  const plan = compileOperation(schemaWith({ a: (row) => row.n, b }), parse('{ rows { a b } }'));
  expect(await plan?.run(ROWS, CONTEXT, {})).toMatchObject({
    data: {
      rows: [
        { a: 1, b: null },
        { a: 2, b: 2 },
        { a: 3, b: 3 },
      ],
    },
    errors: [{ message: 'later', path: ['rows', 0, 'b'] }],
  });
  expect(asked).toEqual([1, 1, 2, 3]);
});

it('takes plain columns unchanged, and asks the resolver about every other value', () => {
  const asked: unknown[] = [];
  const schema = schemaWith({
    a: (row) => row.n,
    b: (row) => {
      asked.push(row.n);
      return typeof row.n === 'number' ? row.n : -1;
    },
  });
  const row = schema.getType('Row');
  if (row === undefined || !('getFields' in row)) throw new Error('no such type');
  const column = { name: 'n', isPlain: (value: unknown) => value === 1 || value === null };
  Object.assign(row.getFields().b ?? {}, { extensions: { read: { column } } });
  const plan = compileOperation(schema, parse('{ rows { b then: b toJSON: b __proto__: b constructor: b } }'));
  const rows = [{ n: 1 }, { n: null }, { n: 'odd' }, { n: 2 }];
  const answer = (b: unknown): string => `{"b":${b},"then":${b},"toJSON":${b},"__proto__":${b},"constructor":${b}}`;
  const printed = `{"data":{"rows":[${[1, null, -1, 2].map(answer).join(',')}]}}`;
  expect(JSON.stringify(plan?.run({ rows }, CONTEXT, {}))).toBe(printed);
  expect(asked).toEqual(['odd', 'odd', 'odd', 'odd', 'odd', 2, 2, 2, 2, 2]);
});
