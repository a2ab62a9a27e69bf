import fc, { type GeneratorValue } from 'fast-check';
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

/** Keys that mean something to JavaScript. */
const ODD_KEYS = ['__proto__', 'then', 'toJSON', 'constructor'];

interface Writing {
  readonly generate: GeneratorValue;
  readonly schema: GraphQLSchema;
  /** Those that are complete and may be spread again. */
  readonly fragments: { readonly name: string; readonly on: GraphQLCompositeType; readonly text: string }[];
  /** The alias of each field with its arguments, so that equal ones merge and others do not meet. */
  readonly aliases: Map<string, string>;
}

export interface Written {
  readonly source: string;
  /** Of the operation to run; undefined when there is one only. */
  readonly operationName: string | undefined;
}

/** Documents of a schema: aliases, fragments of every kind, conditions, arguments with variables, merged fields, several operations. */
export const documents = (schema: GraphQLSchema): fc.Arbitrary<Written> =>
  fc.gen().map((generate) => {
    const writing: Writing = { generate, schema, fragments: [], aliases: new Map() };
    const names = odds(writing, 4) ? ['A', 'B', 'C'] : [''];
    const operations = names.map((name) => {
      const head = odds(writing, 6) ? 'mutation' : 'query';
      const type = head === 'query' ? schema.getQueryType() : schema.getMutationType();
      if (!type) throw new Error(`the schema has no ${head}`);
      const body = selection(writing, type, generate(fc.integer, { min: 2, max: 5 }));
      return { head: `${head} ${name}`, body };
    });
    const fragments = reachable(
      operations.map(({ body }) => body),
      new Map(writing.fragments.map(({ name, text }) => [name, text])),
    );
    const texts = operations.map(({ head, body }) => `${head}${declarations(body, fragments)} ${body}`);
    return {
      source: [...texts, ...fragments.values()].join('\n'),
      operationName: names.length > 1 ? pick(writing, names) : undefined,
    };
  });

/** Those that something spreads: one that nothing does would make the document invalid. */
function reachable(bodies: readonly string[], fragments: ReadonlyMap<string, string>): Map<string, string> {
  const used = new Map<string, string>();
  const texts = [...bodies];
  for (const text of texts) {
    for (const [, name = ''] of text.matchAll(/\.\.\.(F\d+)/g)) {
      const found = fragments.get(name);
      if (found === undefined || used.has(name)) continue;
      used.set(name, found);
      texts.push(found);
    }
  }
  return used;
}

/** One time in so many. */
const odds = ({ generate }: Writing, oneIn: number): boolean => generate(fc.nat, { max: oneIn - 1 }) === 0;

/** By its number: fast-check compares what it is given level by level, and types of a schema go in circles. */
function pick<Item>({ generate }: Writing, items: readonly Item[]): Item {
  const item = items[generate(fc.nat, { max: items.length - 1 })];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

function selection(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const items = Array.from({ length: writing.generate(fc.integer, { min: 1, max: 4 }) }, () => {
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
  const body = selection(writing, on, depth);
  if (odds(writing, 4)) return `...${condition(writing)} ${selection(writing, type, depth)}`;
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
  if (isNonNullType(type)) return present(writing, type.ofType, depth);
  return depth < 3 && odds(writing, 12) ? 'null' : present(writing, type, depth);
}

/** Neither null nor a variable that may be. */
function present(writing: Writing, type: GraphQLInputType, depth: number): string {
  if (isNonNullType(type)) return present(writing, type.ofType, depth);
  if (isListType(type)) {
    const length = writing.generate(fc.nat, { max: 3 });
    return `[${Array.from({ length }, () => literal(writing, type.ofType, depth)).join(', ')}]`;
  }
  if (isEnumType(type)) return pick(writing, type.getValues()).name;
  if (!isInputObjectType(type)) return pick(writing, LITERALS[type.name] ?? ['"text"']);
  const fields = Object.values(type.getFields()).filter(
    ({ type: wanted }) => isNonNullType(wanted) || odds(writing, 8),
  );
  return `{${fields.map(({ name, type: wanted }) => `${name}: ${literal(writing, wanted, depth - 1)}`).join(', ')}}`;
}
