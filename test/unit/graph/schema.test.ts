import { buildSchema, graphqlSync, isObjectType, isScalarType, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { ENTITY_KEYS } from '../../../src/graph/federation/entities.ts';
import { createSubgraphSchema } from '../../../src/graph/federation/schema.ts';
import { UUIDScalar } from '../../../src/graph/scalars.ts';
import { attachResolvers, createSchema } from '../../../src/graph/schema.ts';
import { costOf } from '../../../src/operations/limits/directives.ts';
import { federationSchema, mergedSchema, mergeExtensions } from '../../../tools/merged-schema.ts';

describe('attachResolvers', () => {
  const sdl = `
    "A uuid." scalar UUID @specifiedBy(url: "https://example.org/uuid")
    type Query { twice(uuid: UUID!): UUID other: Int }
  `;

  it('attaches functions, objects of functions with their extensions, and scalars', () => {
    const read = { fromSource: () => undefined };
    const schema = attachResolvers(buildSchema(sdl), {
      UUID: UUIDScalar,
      Query: {
        twice: (_source: unknown, { uuid }: { uuid: string }) => uuid + uuid,
        other: { resolve: () => 7, extensions: { read } },
      },
    });
    const source = `{ other twice(uuid: "${'AB'.repeat(16)}") }`;
    expect(graphqlSync({ schema, source })).toMatchObject({ data: { other: 7, twice: 'ab'.repeat(32) } });
    expect(schema.getQueryType()?.getFields().other?.extensions).toEqual({ read });
    expect(schema.getType('UUID')).toMatchObject({
      description: 'A uuid.',
      specifiedByURL: 'https://example.org/uuid',
    });
  });

  it.each([
    ['a type', { Missing: { a: () => 1 } }, 'The schema has no type Missing with fields.'],
    ['a field', { Query: { missing: () => 1 } }, 'The schema has no field Query.missing, which has a resolver.'],
    [
      'a field of Object.prototype',
      { Query: Object.fromEntries([['toString', () => 1]]) },
      'The schema has no field Query.toString',
    ],
    ['a scalar', { Query: UUIDScalar }, 'The schema has no scalar Query.'],
    ['a resolver without a function', { Query: { other: 7 } }, 'The resolver of Query.other is neither'],
    ['a resolver object without a function', { Query: { other: { resolve: 7 } } }, 'The resolver of Query.other is'],
  ])('refuses what does not fit the schema: %s', (_, map, message) => {
    expect(() => attachResolvers(buildSchema(sdl), map)).toThrow(message);
  });
});

describe('mergeExtensions', () => {
  const merged = (sdl: string): string => print(mergeExtensions(parse(sdl)));

  it('moves what an extension adds into the definition, whichever stands first', () => {
    const sdl = `
      extend type Query @b { b: Int }
      type Query @a
      interface I { a: Int }
      extend type Query implements I { a: Int }
      enum E { X } extend enum E { Y }
      union U = A extend union U = B
      input In { a: Int } extend input In { b: Int }
    `;
    const expected = `
      type Query implements I @a @b { b: Int a: Int }
      interface I { a: Int }
      enum E { X Y }
      union U = A | B
      input In { a: Int b: Int }
    `;
    expect(merged(sdl)).toBe(print(parse(expected)));
  });

  it('refuses an extension of nothing, or of a type of another kind', () => {
    expect(() => merged('extend type Query { a: Int }')).toThrow('Query is extended and never defined.');
    expect(() => merged('scalar Query extend type Query { a: Int }')).toThrow('Query is extended and never defined.');
  });

  it('refuses a default value of a custom scalar', () => {
    expect(() => merged('scalar UUID type Query { a(b: [UUID!] = ["x"]): Int }')).toThrow('b has a default value');
    expect(merged('scalar UUID type Query { a(b: Int = 7, c: UUID): Int }')).toContain('b: Int = 7');
  });
});

describe('the schema at run time', () => {
  it('has the costs of the SDL, as a subgraph too', () => {
    for (const schema of [createSchema(), createSubgraphSchema()]) {
      const query = schema.getQueryType();
      const snapshots = query?.getFields().snapshots;
      if (!isObjectType(query) || snapshots === undefined) throw new Error('there is no Query.snapshots');
      expect(costOf(schema, query, snapshots)).toMatchObject({ list: { slicing: ['first', 'last'] } });
    }
  });

  it('every entity has its keys, and a scalar of ours parses in the subgraph too', () => {
    const schema = createSubgraphSchema();
    for (const [name, keys] of Object.entries(ENTITY_KEYS)) {
      const type = schema.getType(name);
      if (!isObjectType(type)) throw new Error(`there is no ${name}`);
      expect(type.astNode?.directives?.flatMap((one) => (one.name.value === 'key' ? [print(one)] : []))).toEqual(
        keys.map((key) => `@key(fields: "${key}")`),
      );
      expect(Object.keys(type.getFields())).toEqual(expect.arrayContaining([...keys]));
    }
    const uuid = schema.getType('UUID');
    expect(isScalarType(uuid) && uuid.parseValue('AB'.repeat(16))).toBe('ab'.repeat(16));
  });

  it('the committed documents are those of the sources', () => {
    const schema = mergedSchema();
    expect(schema).not.toMatch(/^extend /m);
    expect(federationSchema(schema)).toMatch(
      /^extend schema @link\(url: "https:\/\/specs.apollo.dev\/federation\/v2.3"/,
    );
    expect(federationSchema(schema)).toContain('type PageInfo @shareable {');
  });
});
