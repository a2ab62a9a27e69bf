import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { both } from './support/both.ts';

const schema = buildSchema(`
  enum Colour { RED GREEN }
  type Thing {
    name: String
    must: String!
    id: ID
    int: Int
    float: Float
    flag: Boolean
    colour: Colour
    self: Thing
    mustSelf: Thing!
    list: [String]
    mustList: [String!]
    allMust: [String!]!
    deep: [[String!]!]
    deeper: [[String]!]!
    things: [Thing]
    mustThings: [Thing!]
    later: Thing
  }
  type Query { thing: Thing must: Thing! things: [Thing!]! }
`);

const later = <Value>(value: Value): Promise<Value> => Promise.resolve(value);
/** Handled already, so that a list that fails before it comes to this item leaves no unhandled rejection. */
function refused(message: string): Promise<never> {
  const promise = Promise.reject(new Error(message));
  promise.catch(() => undefined);
  return promise;
}

/** What a field is given, and what of it is selected. */
const CASES: readonly (readonly [name: string, selection: string, thing: () => unknown])[] = [
  ['nothing selected is missing', '{ name }', () => ({})],
  ['null', '{ name self { name } list }', () => ({ name: null, self: null, list: null })],
  ['null where it must not be', '{ name must }', () => ({ name: 'a', must: null })],
  ['null below what must not be null', '{ self { mustSelf { must } } name }', () => ({ self: { mustSelf: {} } })],
  ['an Error for a leaf', '{ name must }', () => ({ name: new Error('a'), must: 'b' })],
  ['an Error for an object', '{ self { name } name }', () => ({ self: new Error('a') })],
  ['an Error with a place of its own', '{ name }', () => ({ name: Object.assign(new Error('a'), { path: ['x'] }) })],
  [
    'an Error with extensions',
    '{ name }',
    () => ({ name: Object.assign(new Error('a'), { extensions: { code: 'A' } }) }),
  ],
];

describe('values', () => {
  it.each(CASES)('%s', async (_name, selection, thing) => {
    const { compiled, interpreted } = await both({
      schema,
      source: `{ thing ${selection} things ${selection} }`,
      root: () => ({ thing: thing(), things: [thing(), later(thing()), later(undefined), refused('no thing')] }),
    });
    expect(compiled).toBe(interpreted);
  });
});
