import { buildSchema, GraphQLError, GraphQLScalarType, type GraphQLSchema, isScalarType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { both } from './support/both.ts';
import { later, refused } from './support/promises.ts';
import { useUnhandled } from './support/unhandled.ts';

const schema: GraphQLSchema = buildSchema(`
  enum Colour { RED GREEN }
  scalar Anything
  scalar Gone
  type Thing {
    name: String
    must: String!
    id: ID
    int: Int
    float: Float
    flag: Boolean
    colour: Colour
    mustColour: Colour!
    anything: Anything
    gone: Gone
    self: Thing
    mustSelf: Thing!
    list: [String]
    ints: [Int]
    mustList: [String!]
    allMust: [String!]!
    deep: [[String!]!]
    deeper: [[String]!]!
    deepest: [[[Int!]]!]
    things: [Thing]
    mustThings: [Thing!]
  }
  type Query { thing: Thing must: Thing! things: [Thing!]! nullable: [Thing] }
  type Mutation { thing: Thing must: Thing! }
`);

const gone = schema.getType('Gone');
if (gone instanceof GraphQLScalarType) gone.serialize = (value) => (value === 'later' ? later('came') : undefined);
const anything = schema.getType('Anything');
if (isScalarType(anything)) anything.serialize = (value) => value;

class Method {
  readonly #name = 'a method reads its own object';
  name(): string {
    return this.#name;
  }
}

const broken = (error: unknown): { readonly name: never } => ({
  get name(): never {
    throw error;
  },
});

/** A thenable that is not a Promise. */
const thenable = (then: (ok: (value: unknown) => void, no: (error: unknown) => void) => void): object =>
  Object.fromEntries([['then', then]]);

function* failing(): Generator<unknown> {
  yield 'first';
  throw new Error('the list breaks off');
}

/** The value that a field gets, and the selection on it. */
const CASES: Readonly<Record<string, readonly [selection: string, thing: () => unknown]>> = {
  'nothing there': ['{ name }', () => ({})],
  'null and nothing': ['{ name self { name } list }', () => ({ name: null, self: null, list: undefined })],
  'null where it must not be': ['{ name must }', () => ({ name: 'a', must: null })],
  'null far below what must not be null': [
    '{ self { mustSelf { must } name } name }',
    () => ({ self: { mustSelf: {} } }),
  ],
  'errors on both sides of a null': ['{ name must id }', () => ({ name: new Error('a'), id: new Error('b') })],

  'an Error for a leaf': ['{ name must }', () => ({ name: new Error('a'), must: 'b' })],
  'an Error for an object': ['{ self { name } name }', () => ({ self: new Error('a') })],
  'an Error for a list': ['{ list name }', () => ({ list: new Error('a') })],
  'an Error that is a promise, too': [
    '{ name }',
    () => ({
      name: Object.assign(
        new Error('a'),
        thenable((ok) => ok('b')),
      ),
    }),
  ],
  'an Error with a place of its own': ['{ name }', () => ({ name: Object.assign(new Error('a'), { path: ['x'] }) })],
  'an Error with extensions': [
    '{ name }',
    () => ({ name: Object.assign(new Error('a'), { extensions: { code: 'A' } }) }),
  ],
  'a GraphQLError': ['{ name }', () => ({ name: new GraphQLError('a', { extensions: { code: 'A' } }) })],
  'an Error thrown above': ['{ name must }', () => Object.assign(Object.create(broken(new Error('a'))), { must: 'b' })],
  'a thrown Error': ['{ name }', () => broken(new Error('a'))],
  'a thrown text': ['{ name }', () => broken('a')],
  'nothing thrown': ['{ name }', () => broken(undefined)],
  'a thrown object': ['{ name }', () => broken({ message: 'a' })],

  methods: ['{ name int }', () => Object.assign(new Method(), { int: () => 3 })],
  'a source that is no object': ['{ name }', () => 'text'],
  'a function as source': ['{ name int }', () => Object.assign(() => 1, { int: 3 })],

  'every leaf': [
    '{ name id int float flag colour }',
    () => ({ name: 'a', id: 7, int: 3, float: 0.5, flag: true, colour: 'RED' }),
  ],
  'leaves of other types': [
    '{ name id int float flag }',
    () => ({ name: 7, id: 'b', int: '3', float: '1.5', flag: 0 }),
  ],
  'leaves that are objects with a value': [
    '{ name id int }',
    () => ({ name: { valueOf: () => 'a' }, id: { toJSON: () => 1 }, int: new Number(3) }),
  ],
  'numbers at the ends of Int': ['{ int ints }', () => ({ int: -(2 ** 31), ints: [2 ** 31 - 1, -0, 0] })],
  'numbers beyond Int': [
    '{ int ints float }',
    () => ({ int: 2 ** 31, ints: [-(2 ** 31) - 1, 0.5, Number.NaN], float: Number.NaN }),
  ],
  'leaves of wrong types': [
    '{ name id int float flag }',
    () => ({ name: {}, id: [], int: 'a', float: '', flag: 'yes' }),
  ],
  'a Symbol and a BigInt': ['{ name int }', () => ({ name: Symbol('a'), int: 3n })],
  'no member of an enum': ['{ colour mustColour }', () => ({ colour: 'BLUE', mustColour: {} })],
  'a scalar of any value': [
    '{ anything }',
    () => ({ anything: { a: [1, Object.fromEntries([['then', 'no promise']])] } }),
  ],
  'a scalar that gives nothing': ['{ gone name }', () => ({ gone: { a: 1 } })],
  'a scalar that gives a promise': ['{ gone name }', () => ({ gone: 'later' })],

  lists: [
    '{ list allMust deep deeper deepest }',
    () => ({
      list: ['a', null, undefined, 7],
      allMust: [],
      deep: [['a'], []],
      deeper: [[null]],
      deepest: [[[1], null]],
    }),
  ],
  'lists of other kinds': [
    '{ list mustList things { name } }',
    () => ({ list: new Set(['a', null]), mustList: ['a'].values(), things: new Map([[1, 2]]) }),
  ],
  'no list': ['{ list mustList things { name } }', () => ({ list: 'text', mustList: {}, things: 7 })],
  'a list with a gap': ['{ list }', () => ({ list: new Array(2) })],
  'a list that breaks off': ['{ list mustList }', () => ({ list: failing(), mustList: failing() })],
  'Errors in lists': [
    '{ list mustList deep }',
    () => ({ list: [new Error('a'), 'b'], mustList: ['a', new Error('b')], deep: [['a'], [new Error('c')]] }),
  ],
  'null in a list of lists': [
    '{ deep deeper deepest }',
    () => ({ deep: [['a', null]], deeper: [['a'], null], deepest: [[[1, null], [2]]] }),
  ],
  'null in every list': ['{ allMust }', () => ({ allMust: ['a', null, new Error('not reached')] })],
  'objects in lists': [
    '{ things { must } mustThings { must name } }',
    () => ({ things: [{ must: 'a' }, {}, null], mustThings: [{ must: 'a' }, { name: new Error('b') }] }),
  ],

  promises: [
    '{ name self { name } list }',
    () => ({ name: later('a'), self: later({ name: later('b', 3) }), list: later(['a'], 2) }),
  ],
  'promises in lists': [
    '{ list deep things { name } }',
    () => ({
      list: [later('a', 3), 'b', later(null)],
      deep: [later([later('a')])],
      things: [later({ name: 'a' }), { name: later('b') }],
    }),
  ],
  'a promise of null where it must not be': ['{ must name }', () => ({ must: later(null), name: later('a', 4) })],
  'a promise of an Error': ['{ name must }', () => ({ name: later(new Error('a')), must: later(new Error('b'), 2) })],
  'rejected promises': [
    '{ name must self { name } }',
    () => ({ name: refused(new Error('a')), must: later('b', 5), self: refused('c') }),
  ],
  'rejected with nothing': [
    '{ name list }',
    () => ({ name: refused(undefined), list: [refused(null), refused({ code: 1 })] }),
  ],
  'rejected on both sides': [
    '{ name must id }',
    () => ({ name: refused(new Error('a')), must: refused(new Error('b')), id: refused(new Error('c')) }),
  ],
  'a failure after promises were started': [
    '{ name must id }',
    () => ({ name: later('a', 3), must: null, id: 'not reached' }),
  ],
  'a failure while a promise is still to fail': [
    '{ self { name mustSelf { must } } must id }',
    () => ({ self: { name: later(new Error('late'), 9), mustSelf: {} }, must: 'a', id: later(new Error('later'), 3) }),
  ],
  'a list that fails while items are still to fail': [
    '{ mustList mustThings { must } }',
    () => ({ mustList: [later(null, 3), null], mustThings: [{ must: later(null, 4) }, {}] }),
  ],
  'a thenable': [
    '{ name list }',
    () => ({
      name: thenable((ok) => ok('a')),
      list: [thenable((_, no) => no(new Error('b')))],
    }),
  ],
};

/** Positions of the object: an error in it makes a value null there, or further up. */
const PLACES: Readonly<Record<string, (thing: () => unknown) => unknown>> = {
  thing: (thing) => ({ thing: thing() }),
  must: (thing) => ({ must: thing() }),
  things: (thing) => ({ things: [{ must: 'before' }, thing()] }),
  nullable: (thing) => ({
    nullable: [later(thing(), 2), thing(), later({ must: 'after' }), refused(new Error('no thing'))],
  }),
};

describe('values', () => {
  const unhandled = useUnhandled();

  describe.each(Object.keys(PLACES))('%s', (place) => {
    it.each(Object.keys(CASES))('%s', async (name) => {
      const [selection = '', thing = () => undefined] = CASES[name] ?? [];
      const { compiled, interpreted } = await both({
        schema,
        source: `{ before: __typename ${place} ${selection} after: ${place} ${selection} }`,
        root: () => PLACES[place]?.(thing),
        afterPlan: async () => expect(await unhandled.take()).toBe(0),
      });
      await unhandled.take();
      expect(compiled).toBe(interpreted);
      expect(compiled).toContain('"data"');
    });
  });

  it('are those of the data when all fields are valid', async () => {
    const root = () => ({ thing: { name: later('a'), self: { int: 3 } }, things: [] });
    const { compiled } = await both({ schema, source: '{ things { id } thing { self { int } name } }', root });
    expect(compiled).toBe('{"data":{"things":[],"thing":{"self":{"int":3},"name":"a"}}}');
  });

  it.each(['then', 'toJSON', '__proto__', 'constructor', 'hasOwnProperty'])(
    '%s is a key like any other',
    async (key) => {
      const source = `{ ${key}: thing { ${key}: name a: must ${key}: name } things { ${key}: self { name } } }`;
      const root = () => ({ thing: { name: later('a'), must: 'b' }, things: [{ self: { name: 'c' } }, { self: {} }] });
      const { compiled, interpreted } = await both({ schema, source, root });
      expect(compiled).toBe(interpreted);
      expect(compiled).toContain(`"${key}":{"name":"c"}`);
    },
  );
});
