import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { ask, measure, type Started, type Surroundings } from './measure.ts';
import { graphqlRequest } from './servers.ts';
import type { Work } from './works.ts';

/** What each field costs that is added to a list of 100 snapshots. */
export interface FieldCosts {
  /** CPU time a request of the list with `uuid` alone, in microseconds. */
  readonly baseUs: number;
  readonly fields: readonly FieldCost[];
}

export interface FieldCost {
  /** `Type.field`. */
  readonly name: string;
  readonly cpuUs: number;
  readonly callsPerAnswer: number;
}

/** A field of the schema, once, where it is nearest to the list. */
export interface FieldCase {
  readonly name: string;
  /** What is selected in the place of `snapshots`. */
  readonly selection: string;
}

const SCHEMA = path.join(import.meta.dirname, '../../schema/printed/schema.graphql');
const BASE = 'nodes { uuid }';
/** A list within each of the rows is short. */
const NESTED_PAGE = '(first: 5)';
const CONNECTIONS = 50;
/** Length of a window in those of a work: there are many of them. */
const PART = 0.2;
const WARM_UP_MS = 150;

/** Every field that can be read below a list of snapshots: each field of each type, at the shortest way to it. */
export function fieldCases(): FieldCase[] {
  const schema = buildSchema(readFileSync(SCHEMA, 'utf8'));
  const cases: FieldCase[] = [];
  const seen = new Set<string>();
  const queue: { type: GraphQLNamedType | undefined; wrap: (selection: string) => string }[] = [
    { type: schema.getType('SnapshotConnection'), wrap: (selection) => `${BASE} ${selection}` },
  ];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { type, wrap } = next;
    if (type === undefined || !(isObjectType(type) || isInterfaceType(type)) || seen.has(type.name)) continue;
    seen.add(type.name);
    for (const field of Object.values(type.getFields())) {
      const call = field.args.some(({ name }) => name === 'first') ? `${field.name}${NESTED_PAGE}` : field.name;
      cases.push({ name: `${type.name}.${field.name}`, selection: wrap(`${call}${leafOf(field)}`) });
      queue.push({ type: getNamedType(field.type), wrap: (selection) => wrap(`${call} { ${selection} }`) });
    }
  }
  return cases;
}

/** The selection below a field: the first leaf of its type, and of the first object where it has none. */
function leafOf({ type }: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(type);
  if (!isObjectType(named) && !isInterfaceType(named)) return '';
  const fields = Object.values(named.getFields());
  const leaf = fields.find((field) => isLeaf(field) && field.args.length === 0);
  if (leaf !== undefined) return ` { ${leaf.name} }`;
  const [first] = fields;
  return first === undefined ? '' : ` { ${first.name}${leafOf(first)} }`;
}

const isLeaf = ({ type }: GraphQLField<unknown, unknown>): boolean => {
  const named = getNamedType(type);
  return isScalarType(named) || isEnumType(named);
};

/** Measures each field once. @throws when the gateway answers one with an error. */
export async function measureFields(
  gateway: Started,
  pages: Work,
  surroundings: Surroundings,
  seconds: number,
): Promise<FieldCosts> {
  const pace = { connections: CONNECTIONS, users: 'many', generator: 'own' } as const;
  const cost = async ({ name, selection }: FieldCase): Promise<FieldCost> => {
    const document = `query Page($filter: SnapshotFilter, $offset: Int) {
  snapshots(first: 100, offset: $offset, filter: $filter) { ${selection} }
}`;
    const work: Work = { ...pages, title: `a list with ${name}`, document };
    const { text, body } = await ask(gateway.running.port, graphqlRequest('0'.repeat(40), document, work.variables(0)));
    const errors = (body as { errors?: unknown } | undefined)?.errors;
    if (body === undefined || errors !== undefined) throw new Error(`${name}: ${text.slice(0, 500)}`);
    const bytes = Buffer.byteLength(text);
    await measure(gateway, work, bytes, surroundings, { ...pace, forMs: WARM_UP_MS });
    const forMs = seconds * 1000 * PART;
    const first = await measure(gateway, work, bytes, surroundings, { ...pace, forMs });
    const second = await measure(gateway, work, bytes, surroundings, { ...pace, forMs });
    // The better one: a collection of garbage falls into a window or not.
    return { name, cpuUs: Math.min(first.cpuUs, second.cpuUs), callsPerAnswer: second.callsPerAnswer };
  };
  const base = await cost({ name: 'uuid alone', selection: BASE });
  const fields: FieldCost[] = [];
  for (const each of fieldCases()) fields.push(await cost(each));
  return { baseUs: base.cpuUs, fields };
}
