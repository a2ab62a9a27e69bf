import {
  GraphQLID,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { both } from './support/both.ts';
import { later, refused } from './support/promises.ts';

interface Being {
  readonly type?: unknown;
  readonly is?: unknown;
  readonly name?: unknown;
}

/** `isTypeOf` and `resolveType` do what the value says, so that each case is a value. */
const isTypeOf = (type: string) => (value: Being) => {
  if (value.is instanceof Error) throw value.is;
  return value.is === type || (value.is as Promise<boolean>);
};

const fields = { id: { type: GraphQLID }, name: { type: GraphQLString } };
const Told = new GraphQLInterfaceType({ name: 'Told', fields, resolveType: (value: Being) => value.type as string });
const Asked = new GraphQLInterfaceType({ name: 'Asked', fields });
const Cat = new GraphQLObjectType<Being>({
  name: 'Cat',
  interfaces: [Told, Asked],
  fields: { ...fields, lives: { type: GraphQLString, resolve: () => 'nine' } },
});
const Dog = new GraphQLObjectType<Being>({
  name: 'Dog',
  interfaces: [Told, Asked],
  isTypeOf: (value) => isTypeOf('Dog')(value),
  fields: { ...fields, friend: { type: Told } },
});
const Stone = new GraphQLObjectType<Being>({ name: 'Stone', isTypeOf: isTypeOf('Stone'), fields });
const Any = new GraphQLUnionType({ name: 'Any', types: [Cat, Dog, Stone] });
const places = { told: Told, asked: Asked, any: Any, dog: Dog };
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: Object.fromEntries(
      Object.entries(places).flatMap(([name, type]) => [
        [name, { type }],
        [`${name}s`, { type: new GraphQLList(type) }],
      ]),
    ),
  }),
  types: [Cat, Dog, Stone],
});

const BEINGS: Readonly<Record<string, () => unknown>> = {
  'told by the type': () => ({ type: 'Cat', __typename: 'Cat', name: 'a' }),
  'told by the type, and it is': () => ({ type: 'Dog', is: 'Dog', __typename: 'Dog', friend: { type: 'Cat' } }),
  'told by the type, and it is not': () => ({ type: 'Dog', is: 'Cat', __typename: 'Dog' }),
  'told by a promise': () => ({ type: later('Cat', 3), name: later('a') }),
  'told by a promise of nothing': () => ({ type: later(undefined) }),
  'told by a promise that is refused': () => ({
    type: refused(new Error('who knows')),
    is: refused(new Error('not I')),
  }),
  'asked for, and it is': () => ({ is: 'Stone', name: 'a', type: 'Stone' }),
  'asked for later, and it is': () => ({ is: later(true, 2), name: 'a', type: 'Dog' }),
  'asked for later, and it is not': () => ({ is: later(false, 2), type: 'Dog' }),
  'asked for, and it breaks': () => ({ is: new Error('do not ask'), type: 'Dog' }),
  'of no type': () => ({ name: 'a' }),
  'of a type that is not there': () => ({ type: 'Nowhere', __typename: 'Nowhere' }),
  'of a type that is no object': () => ({ type: 'String', __typename: 'Any' }),
  'of a type that is not possible': () => ({ type: 'Query', __typename: 'Query' }),
  'of something else': () => ({ type: { a: 1 }, __typename: 7 }),
  'of a type itself': () => ({ type: Cat }),
  'an Error': () => new Error('no being'),
  'a promise': () => later({ type: 'Cat', __typename: 'Cat' }, 2),
  nothing: () => null,
  'a text': () => 'text',
};

const SELECTION = `{
  __typename
  ... on Cat { lives name }
  ... on Told { id ...Friends }
  ... on Dog { friend { name ...Cats } }
  ... on Any { __typename }
  ... { __typename }
}`;
const FRAGMENTS = `
  fragment Friends on Told { name ... on Dog { friend { id } } ...Cats }
  fragment Cats on Cat { kind: __typename lives }
`;

describe('interfaces and unions', () => {
  it.each(Object.keys(BEINGS))('a value %s', async (name) => {
    const being = (): unknown => BEINGS[name]?.();
    const fields = Object.keys(places).map((place) => `${place} ${SELECTION} ${place}s ${SELECTION}`);
    const { compiled, interpreted } = await both({
      schema,
      source: `{ ${fields.join(' ')} } ${FRAGMENTS}`,
      root: () =>
        Object.fromEntries(
          Object.keys(places).flatMap((place) => [
            [place, being()],
            [`${place}s`, [being(), { type: 'Cat', __typename: 'Cat' }, being()]],
          ]),
        ),
    });
    expect(compiled).toBe(interpreted);
    expect(compiled).toContain('"lives":"nine"');
  });
});
