import { buildSchema, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileOperation } from '../../../src/executor/index.ts';

const CONTEXT = {};

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

it('calls resolvers once for each valid row', () => {
  const asked: number[] = [];
  const schema = schemaWith({ a: (row) => asked.push(row.n), b: (row) => row.n });
  const plan = compileOperation(schema, parse('{ rows { a b } }'));
  expect(plan?.run(ROWS, CONTEXT, {})).toEqual({
    data: { rows: [1, 2, 3].map((n) => ({ a: n, b: n })) },
  });
  expect(asked).toEqual([1, 2, 3]);
});

it('executes only invalid rows field by field', () => {
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

it('stops at an asynchronous field: the other rows are not read twice', async () => {
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

it('returns plain columns unchanged, and calls the resolver for every other value', () => {
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

describe('a row with a field that needs its resolver', () => {
  const schema = buildSchema(`
    type Query { rows: [Row!]! }
    type Row { a: Int! slow(n: Int): Int group: Group items: [Item!] }
    type Group { name: String! parent: Group slow: Int }
    type Item { n: Int! }
  `);
  const asked: string[] = [];
  const row = schema.getType('Row');
  if (!isObjectType(row)) throw new Error('no such type');
  const { slow, group, a } = row.getFields();
  Object.assign(slow ?? {}, { resolve: async ({ n }: { n: number }, _args: unknown) => asked.push(`slow ${n}`) && n });
  Object.assign(group ?? {}, { resolve: (source: object) => source });
  Object.assign(a ?? {}, {
    resolve: ({ n }: { n: number }) => {
      asked.push(`a ${n}`);
      return n;
    },
  });
  const rowOf = (n: number, name: unknown = `group ${n}`) => ({ n, name, items: [{ n }, { n: n + 1 }] });

  async function answer(document: string, rows: readonly object[]): Promise<string> {
    asked.length = 0;
    const plan = compileOperation(schema, parse(document));
    return JSON.stringify(await plan?.run({ rows }, undefined, {}));
  }

  it('is projected except for that field, which keeps its position', async () => {
    expect(await answer('{ rows { slow items { n } a group { name } again: slow } }', [rowOf(1), rowOf(2)])).toBe(
      '{"data":{"rows":[' +
        '{"slow":1,"items":[{"n":1},{"n":2}],"a":1,"group":{"name":"group 1"},"again":1},' +
        '{"slow":2,"items":[{"n":2},{"n":3}],"a":2,"group":{"name":"group 2"},"again":2}]}}',
    );
    // Each row is read once: first the projected fields, then the rest.
    expect(asked).toEqual(['a 1', 'slow 1', 'slow 1', 'a 2', 'slow 2', 'slow 2']);
  });

  it('calls that field once for a row that is executed field by field', async () => {
    const result = JSON.parse(await answer('{ rows { slow a group { name } } }', [rowOf(1, 7n), rowOf(2, null)]));
    expect(result.errors.map(({ path }: { path: unknown }) => path)).toEqual([
      ['rows', 0, 'group', 'name'],
      ['rows', 1, 'group', 'name'],
    ]);
    expect(result.data.rows).toEqual([
      { slow: 1, a: 1, group: null },
      { slow: 2, a: 2, group: null },
    ]);
    expect(asked.filter((one) => one.startsWith('slow'))).toEqual(['slow 1', 'slow 2']);
  });

  it('learns from the first row that a nested field is asynchronous', async () => {
    const later = (n: number) => ({ ...rowOf(n), slow: async () => n });
    const rows = [later(1), later(2), later(3)];
    expect(await answer('{ rows { a group { slow name } } }', rows)).toBe(
      `{"data":{"rows":[${[1, 2, 3].map((n) => `{"a":${n},"group":{"slow":${n},"name":"group ${n}"}}`).join(',')}]}}`,
    );
    // Only the first row is read twice.
    expect(asked).toEqual(['a 1', 'a 1', 'a 2', 'a 3']);
  });
});
