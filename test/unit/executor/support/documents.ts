import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { declarations, FITTING } from './variables.ts';
import { IDS, UUIDS } from './world.ts';

const LITERALS: Readonly<Record<string, readonly string[]>> = {
  UUID: UUIDS.map((uuid) => JSON.stringify(uuid)),
  ID: IDS.map((id) => JSON.stringify(id)),
  Int: ['0', '1', '2', '3', '-1', '1001'],
  Boolean: ['true', 'false'],
  String: ['"a"', '""', '"""block"""'],
  DateTime: ['"2030-01-01T00:00:00Z"'],
  JSON: ['{}', '{a: 1}', '[$text, {b: $first}]', '"text"'],
};

/** Response keys that are special in JavaScript. */
const ODD_KEYS = ['__proto__', 'then', 'toJSON', 'constructor'];

interface Writing {
  /** A number from 0 to `sides` - 1. */
  readonly roll: (sides: number) => number;
  /** Maximum selections of a set. */
  readonly width: number;
  readonly schema: GraphQLSchema;
  /** Complete fragments, which may be spread again. */
  readonly fragments: { readonly name: string; readonly on: GraphQLCompositeType; readonly text: string }[];
  /** Aliases by field and arguments, so that equal fields merge and different ones do not conflict. */
  readonly aliases: Map<string, string>;
}

export interface Written {
  readonly source: string;
  /** Of the operation to run; undefined when there is only one. */
  readonly operationName: string | undefined;
}

/**
 * Documents of a schema: aliases, fragments of every kind, conditions, arguments with variables, merged fields, several operations.
 * Each is generated from one number, because a hundred choices of fast-check take as long as the comparison of the document. A failing
 * document shrinks by its depth, its width and the number of its operations.
 */
export const documents = (schema: GraphQLSchema): fc.Arbitrary<Written> =>
  fc
    .record({
      seed: fc.noShrink(fc.nat()),
      depth: fc.integer({ min: 2, max: 5 }),
      width: fc.integer({ min: 1, max: 4 }),
      names: fc.constantFrom([''], [''], [''], ['A', 'B', 'C']),
    })
    .map(({ seed, depth, width, names }) => {
      const writing: Writing = { roll: dice(seed), width, schema, fragments: [], aliases: new Map() };
      const operations = names.map((name) => {
        const head = odds(writing, 6) ? 'mutation' : 'query';
        const type = head === 'query' ? schema.getQueryType() : schema.getMutationType();
        if (!type) throw new Error(`the schema has no ${head}`);
        return { head: `${head} ${name}`, body: selection(writing, type, depth) };
      });
      const fragments = new Map(writing.fragments.map(({ name, text }) => [name, text]));
      const texts = operations.map(({ head, body }) => `${head}${declarations(body, fragments)} ${body}`);
      return {
        source: [...texts, ...fragments.values()].join('\n'),
        operationName: names.length > 1 ? pick(writing, names) : undefined,
      };
    });

/** Mulberry32. @returns a generator of numbers from 0 to `sides` - 1. */
export function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** True once in `oneIn` times on average. */
const odds = ({ roll }: Writing, oneIn: number): boolean => roll(oneIn) === 0;

function pick<Item>({ roll }: Writing, items: readonly Item[]): Item {
  const item = items[roll(items.length)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

function selection(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const items = Array.from({ length: 1 + writing.roll(writing.width) }, () => {
    if (odds(writing, 10)) return `__typename${condition(writing)}`;
    if (odds(writing, isAbstractType(type) ? 2 : 5)) return inFragment(writing, type, depth);
    return field(writing, type, depth);
  });
  return `{ ${items.join(' ')} }`;
}

function field(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const fields: GraphQLField<unknown, unknown>[] = isUnionType(type) ? [] : Object.values(type.getFields());
  const choice = fields.filter((one) => depth > 1 || !isCompositeType(getNamedType(one.type)));
  if (choice.length === 0) return '__typename';
  const chosen = pick(writing, choice);
  const named = getNamedType(chosen.type);
  const call = `${chosen.name}${argumentsOf(writing, chosen.args)}`;
  const below = isCompositeType(named) ? ` ${selection(writing, named, depth - 1)}` : '';
  return `${alias(writing, type.name, call)}${call}${condition(writing)}${below}`;
}

function alias(writing: Writing, type: string, call: string): string {
  const { aliases } = writing;
  if (!call.includes('(') && !odds(writing, 5)) return '';
  const known = aliases.get(`${type}.${call}`);
  if (known !== undefined) return `${known}: `;
  const odd = ODD_KEYS.filter((key) => ![...aliases.values()].includes(key));
  const key = odd.length > 0 && odds(writing, 12) ? pick(writing, odd) : `a${aliases.size}`;
  aliases.set(`${type}.${call}`, key);
  return `${key}: `;
}

function inFragment(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { schema, fragments } = writing;
  const possible = isAbstractType(type)
    ? [type, ...schema.getPossibleTypes(type)]
    : [type, ...(isObjectType(type) ? type.getInterfaces() : [])];
  const known = fragments.filter(({ on }) => possible.includes(on));
  if (known.length > 0 && odds(writing, 3)) return `...${pick(writing, known).name}${condition(writing)}`;
  const on = pick(writing, possible);
  if (odds(writing, 4)) return `...${condition(writing)} ${selection(writing, type, depth)}`;
  const body = selection(writing, on, depth);
  if (odds(writing, 2)) return `... on ${on.name}${condition(writing)} ${body}`;
  const name = `F${fragments.length}`;
  fragments.push({ name, on, text: `fragment ${name} on ${on.name} ${body}` });
  return `...${name}${condition(writing)}`;
}

function condition(writing: Writing): string {
  if (!odds(writing, 6)) return '';
  const one = (name: string): string =>
    ` @${name}(if: ${pick(writing, ['true', 'false', '$yes', '$no', '$yes', '$no', '$maybe', '$perhaps'])})`;
  return odds(writing, 6) ? one('skip') + one('include') : one(pick(writing, ['skip', 'include']));
}

function argumentsOf(writing: Writing, args: readonly GraphQLArgument[]): string {
  const given = args
    .filter(({ type }) => isNonNullType(type) || odds(writing, 4))
    .map(({ name, type }) => `${name}: ${literal(writing, type, 3)}`);
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

function literal(writing: Writing, type: GraphQLInputType, depth: number): string {
  const variables = FITTING[String(type)];
  if (variables !== undefined && odds(writing, 2)) return `$${pick(writing, variables)}`;
  return !isNonNullType(type) && depth < 3 && odds(writing, 12) ? 'null' : present(writing, type, depth);
}

/** A literal that is not null, or a variable that cannot be. */
function present(writing: Writing, type: GraphQLInputType, depth: number): string {
  if (isNonNullType(type)) return present(writing, type.ofType, depth);
  if (isListType(type)) {
    return `[${Array.from({ length: writing.roll(4) }, () => literal(writing, type.ofType, depth)).join(', ')}]`;
  }
  if (isEnumType(type)) return pick(writing, type.getValues()).name;
  if (!isInputObjectType(type)) return pick(writing, LITERALS[type.name] ?? ['"text"']);
  const fields = Object.values(type.getFields()).filter(
    ({ type: wanted }) => isNonNullType(wanted) || odds(writing, 8),
  );
  return `{${fields.map(({ name, type: wanted }) => `${name}: ${literal(writing, wanted, depth - 1)}`).join(', ')}}`;
}
