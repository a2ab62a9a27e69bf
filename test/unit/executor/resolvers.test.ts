import { buildSchema, type GraphQLResolveInfo, isObjectType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileOperation } from '../../../src/executor/index.ts';
import { both, runPlan } from './support/both.ts';
import { later } from './support/promises.ts';

interface Call {
  readonly source: unknown;
  readonly args: { readonly list?: unknown[]; readonly point?: object };
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

const SDL = `
  input Point { x: Int }
  type Thing { call(list: [Int], point: Point): Int join: Thing joins: [Thing] name: String bad: String later: String }
  type Query { thing: Thing things: [Thing] }
`;

/** A schema that records the calls of the resolver of `Thing.call`. */
function noting() {
  const schema = buildSchema(SDL);
  const calls: Call[] = [];
  const type = schema.getType('Thing');
  const field = isObjectType(type) ? type.getFields().call : undefined;
  if (field) field.resolve = (source, args, context, info) => calls.push({ source, args, context, info });
  return { schema, calls };
}

describe('resolvers', () => {
  it('get the arguments that graphql-js gives them, except for the path', async () => {
    const { schema, calls } = noting();
    const source = 'query Q($x: Int = 4) { thing { ...F } } fragment F on Thing { call(list: 1, point: {x: $x}) }';
    const root = { thing: { name: 'a' } };
    await both({ schema, source, root: () => root, context: () => schema });
    const [ours, theirs] = calls;
    const { path, ...info } = theirs?.info ?? {};
    expect(path).toMatchObject({ key: 'call' });
    expect({ ...ours?.info }).toEqual({
      ...info,
      fieldNodes: expect.anything(),
      fragments: expect.anything(),
      operation: expect.anything(),
    });
    expect(ours?.info.fieldNodes).toMatchObject([{ name: { value: 'call' } }]);
    expect(Object.keys(ours?.info.fragments ?? {})).toEqual(['F']);
    expect(ours?.info.operation.name?.value).toBe('Q');
    expect(ours).toMatchObject({ source: root.thing, args: { list: [1], point: { x: 4 } }, context: schema });
    expect(() => ours?.info.path).toThrow('Thing.call');
  });

  it('share one info object, whose nodes and arguments are the same in every run', async () => {
    const { schema, calls } = noting();
    const plan = compileOperation(schema, parse('query ($x: Int) { things { call(point: {x: $x}) } }'));
    const root = { things: [{}, {}] };
    for (const x of [1, 2]) if (plan) await runPlan(schema, plan, root, undefined, { x });
    const [first, second, third] = calls;
    expect(second?.info).toBe(first?.info);
    expect(second?.args).toBe(first?.args);
    expect(third?.info).not.toBe(first?.info);
    expect(third?.info.fieldNodes).toBe(first?.info.fieldNodes);
    expect(calls.map(({ args }) => args.point)).toMatchObject([{ x: 1 }, { x: 1 }, { x: 2 }, { x: 2 }]);
  });

  it('cannot change the arguments of the next run', async () => {
    const { schema, calls } = noting();
    await both({ schema, source: '{ thing { call(list: [1], point: {x: 1}) } }', root: () => ({ thing: {} }) });
    const args: Call['args'] = calls[0]?.args ?? {};
    expect(() => args.list?.push(2)).toThrow(TypeError);
    expect(() => Object.assign(args.point ?? {}, { x: 2 })).toThrow(TypeError);
    expect(() => Object.assign(args, { list: [] })).toThrow(TypeError);
  });
});

describe('joins', () => {
  const schema = buildSchema(SDL);

  async function run(selection: string, joined: object) {
    const things = () => Array.from({ length: 3 }, () => ({ join: later(joined) }));
    const source = `{ things { join ${selection} } }`;
    const { compiled, interpreted } = await both({ schema, source, root: () => ({ things: things() }) });
    expect(compiled).toBe(interpreted);
    const plan = compileOperation(schema, parse(source));
    const result = plan && (await runPlan(schema, plan, { things: things() }, undefined));
    const rows = (result?.data?.things ?? []) as { join: unknown }[];
    return { joins: rows.map(({ join }) => join), errors: result?.errors ?? [] };
  }

  it('of one object are at each of their positions', async () => {
    const { joins } = await run('{ name }', { name: 'a' });
    expect(joins).toEqual([{ name: 'a' }, { name: 'a' }, { name: 'a' }]);
  });

  it('with an error have it at each of their positions', async () => {
    const { joins, errors } = await run('{ name bad }', { name: 'a', bad: new Error('b') });
    expect(joins).toEqual([
      { name: 'a', bad: null },
      { name: 'a', bad: null },
      { name: 'a', bad: null },
    ]);
    expect(errors.map(({ path }) => path)).toEqual([0, 1, 2].map((i) => ['things', i, 'join', 'bad']));
  });

  it('with a promise are completed at each of their positions', async () => {
    const { joins } = await run('{ later }', { later: () => later('a', 2) });
    expect(joins).toEqual([{ later: 'a' }, { later: 'a' }, { later: 'a' }]);
  });
});
