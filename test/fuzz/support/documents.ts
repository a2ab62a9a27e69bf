import { readdirSync, readFileSync } from 'node:fs';
import fc, { type GeneratorValue } from 'fast-check';
import {
  buildSchema,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  parse,
  parseValue,
  print,
  type TypeNode,
  typeFromAST,
  valueFromASTUntyped,
} from 'graphql';
import { snapshotId } from '../../../src/graph/ids.ts';
import { dataset } from '../../support/gateway.ts';
import { NASTY_STRINGS } from './text.ts';

const schema: GraphQLSchema = buildSchema(
  readFileSync(new URL('../../../schema/printed/schema.graphql', import.meta.url), 'utf8'),
);

const OPERATIONS = new URL('../../operations/', import.meta.url);

const uuidsOf = (table: 'snapshots' | 'volumes' | 'projects' | 'tenants') =>
  dataset[table].map(({ uuid }) => String(uuid));
const SNAPSHOTS = uuidsOf('snapshots');
const UUIDS = [...SNAPSHOTS, ...uuidsOf('volumes'), ...uuidsOf('projects'), ...uuidsOf('tenants')];
const IDS = SNAPSHOTS.map(snapshotId);
const INTS = ['0', '1', '2', '20', '300', '301', '1000', '1001', '-1', '2147483647', '2147483648'] as const;

const LITERALS: Readonly<Record<string, readonly string[]>> = {
  UUID: UUIDS.map((uuid) => JSON.stringify(uuid)),
  ID: [...IDS.map((id) => JSON.stringify(id)), '1', '"U25hcHNob3Q6"'],
  Int: INTS,
  Float: ['0.5', '1e10', '1'],
  Boolean: ['true', 'false'],
  String: ['"snap"', '"a"', '""', '"""a block\n  of text"""'],
  DateTime: ['"2030-01-01T00:00:00Z"', '"2000-01-01T00:00:00+02:00"'],
  JSON: ['{}', '{a: 1}', '[]', 'null', '"text"', '{a: {b: [1, 2, {c: null}]}}'],
};

const WRONG = [
  'null',
  '$undefined',
  'NOT_A_MEMBER',
  '[]',
  '{}',
  '[[1]]',
  '""',
  '1.5',
  ...NASTY_STRINGS.map((text) => JSON.stringify(text)),
];

/** One time in so many something is wrong on purpose. */
const odds = (generate: GeneratorValue, oneIn: number): boolean => generate(fc.nat, { max: oneIn - 1 }) === 0;

/** By its number: fast-check compares what it is given level by level, and types of a schema go in circles. */
function pick<Item>(generate: GeneratorValue, items: readonly Item[]): Item {
  const item = items[generate(fc.nat, { max: items.length - 1 })];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

/** Documents that follow the schema in most places, of any kind of operation. */
export const documents = (...kinds: ('query' | 'mutation' | 'subscription')[]): fc.Arbitrary<string> =>
  fc.gen().map((generate) => {
    const kind = pick(generate, kinds);
    const root = {
      query: schema.getQueryType(),
      mutation: schema.getMutationType(),
      subscription: schema.getSubscriptionType(),
    };
    const type = root[kind];
    if (!type) throw new Error(`the schema has no ${kind}`);
    const fragments: string[] = [];
    const body = selection(generate, type, { depth: generate(fc.integer, { min: 1, max: 8 }), fragments });
    const name = odds(generate, 3) ? ' Operation' : '';
    return [`${kind}${name}${conditions(generate)} ${body}`, ...fragments].join('\n');
  });

interface Within {
  readonly depth: number;
  /** Definitions made on the way. */
  readonly fragments: string[];
}

/** Values of a type as JSON, right in most places; undefined where the value is left out. */
export const values = (type: GraphQLInputType): fc.Arbitrary<string | undefined> =>
  fc.gen().map((generate) => {
    const text = literal(generate, type, 4);
    try {
      return JSON.stringify(valueFromASTUntyped(parseValue(text)));
    } catch {
      // Half a surrogate pair is no GraphQL, but it is JSON.
      return text;
    }
  });

/** The operations that clients send, as they stand in test/operations, each with the types of its variables. */
export const operations = readdirSync(OPERATIONS)
  .filter((file) => file.endsWith('.graphql'))
  .flatMap((file) => parse(readFileSync(new URL(file, OPERATIONS), 'utf8')).definitions)
  .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  .map((definition) => ({
    kind: definition.operation,
    name: definition.name?.value ?? '',
    text: print(definition),
    variables: (definition.variableDefinitions ?? []).map(({ variable, type }) => ({
      name: variable.name.value,
      type: inputType(type),
    })),
  }));

function inputType(node: TypeNode): GraphQLInputType {
  const type = typeFromAST(schema, node as NamedTypeNode);
  if (!isInputType(type)) throw new Error(`the schema has no input type ${print(node)}`);
  return type;
}

function selection(generate: GeneratorValue, type: GraphQLNamedType, within: Within): string {
  const deeper = { ...within, depth: within.depth - 1 };
  const count = generate(fc.integer, { min: 1, max: 4 });
  const items = Array.from({ length: count }, () => {
    if (odds(generate, 8)) return '__typename';
    if (odds(generate, 12)) return inFragment(generate, type, deeper);
    return field(generate, type, deeper);
  });
  return `{ ${items.join(' ')} }`;
}

function field(generate: GeneratorValue, type: GraphQLNamedType, within: Within): string {
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  // Without depth left only leaves; where there are none, the one that every type has.
  const choice = fields.filter((one) => within.depth > 0 || !isCompositeType(getNamedType(one.type)));
  if (choice.length === 0) return '__typename';
  const { name, args, type: returns } = pick(generate, choice);
  const given = args
    .filter(({ type: wanted }) => isNonNullType(wanted) || odds(generate, 3))
    .map((argument) => `${argument.name}: ${literal(generate, argument.type, 4)}`);
  const alias = odds(generate, 6) ? `${pick(generate, ['a', 'b', 'uuid', '__proto__'])}: ` : '';
  return `${alias}${name}${given.length > 0 ? `(${given.join(', ')})` : ''}${conditions(generate)}${below(generate, returns, within)}`;
}

const below = (generate: GeneratorValue, type: GraphQLOutputType, within: Within): string => {
  const named = getNamedType(type);
  if (isCompositeType(named)) return odds(generate, 60) ? '' : ` ${selection(generate, named, within)}`;
  return odds(generate, 60) ? ' { uuid }' : '';
};

function inFragment(generate: GeneratorValue, type: GraphQLNamedType, within: Within): string {
  const possible: GraphQLNamedType[] = isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type];
  const on = odds(generate, 20) ? pick(generate, Object.values(schema.getTypeMap())) : pick(generate, possible);
  const body = selection(generate, on, within);
  if (odds(generate, 2)) return `... on ${on.name}${conditions(generate)} ${body}`;
  const name = `F${within.fragments.length}`;
  // One that spreads itself, or one that is not there, now and then.
  const spread = odds(generate, 25) ? `F${generate(fc.nat, { max: 3 })}` : name;
  within.fragments.push(`fragment ${name} on ${on.name} ${body}`);
  return `...${spread}${conditions(generate)}`;
}

const RIGHT_CONDITIONS = [' @skip(if: false)', ' @include(if: true)', ' @skip(if: true) @include(if: false)'];
const WRONG_CONDITIONS = [
  ' @include(if: "yes")',
  ' @skip',
  ' @include(if: $undefined)',
  ' @cost(weight: 1)',
  ' @unknown',
];

function conditions(generate: GeneratorValue): string {
  if (!odds(generate, 14)) return '';
  return pick(generate, odds(generate, 5) ? WRONG_CONDITIONS : RIGHT_CONDITIONS);
}

function literal(generate: GeneratorValue, type: GraphQLInputType, depth: number): string {
  if (odds(generate, 25)) return pick(generate, WRONG);
  if (isNonNullType(type)) return literal(generate, type.ofType, depth);
  if (isListType(type)) {
    const items = Array.from({ length: generate(fc.nat, { max: 4 }) }, () => literal(generate, type.ofType, depth));
    return `[${items.join(', ')}]`;
  }
  if (isEnumType(type)) return pick(generate, type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      ({ type: wanted }) => isNonNullType(wanted) || odds(generate, 6),
    );
    return `{${fields.map(({ name, type: wanted }) => `${name}: ${literal(generate, wanted, depth - 1)}`).join(', ')}}`;
  }
  return pick(generate, LITERALS[type.name] ?? WRONG);
}
