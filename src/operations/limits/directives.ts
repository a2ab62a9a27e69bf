import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getDirectiveValues,
  getNullableType,
  isIntrospectionType,
  isListType,
} from 'graphql';

/** What the SDL says of the cost of a field, by `@cost` and `@listSize`; see schema/cost.graphql. */
export interface FieldCost {
  /** Rows for one answer, or for each item. */
  readonly weight: number;
  /** Further rows for one answer, by the argument that has to be true for them. */
  readonly switches: readonly Switch[];
  readonly list: ListSize | undefined;
}

export interface Switch {
  readonly argument: string;
  readonly weight: number;
}

export interface ListSize {
  readonly assumedSize: number;
  /** Paths of arguments: `first`, `input.uuids`. */
  readonly slicing: readonly string[];
  /** Empty when the field itself is the list. */
  readonly sizedFields: ReadonlySet<string>;
}

/** Items of a list of which the SDL says nothing. */
const ASSUMED_SIZE = 20;

/** No field is sized by the one around it. */
export const UNSIZED: ReadonlySet<string> = new Set();

/**
 * Lists of the schema about itself stand in no SDL. Each item counts as a row, or one request could ask for the whole schema fifty
 * times over: it takes as long to print as thousands of rows.
 */
const INTROSPECTION: FieldCost = {
  weight: 1,
  switches: [],
  list: { assumedSize: ASSUMED_SIZE, slicing: [], sizedFields: UNSIZED },
};

const FREE: FieldCost = { weight: 0, switches: [], list: undefined };

const known = new WeakMap<GraphQLField<unknown, unknown>, FieldCost>();

/** Reads the directives of a field; once for each field of a schema. */
export function costOf(
  schema: GraphQLSchema,
  parent: GraphQLNamedType,
  field: GraphQLField<unknown, unknown>,
): FieldCost {
  let cost = known.get(field);
  if (cost === undefined) {
    cost = isIntrospectionType(parent) ? ofIntrospection(field) : ofDirectives(schema, field);
    known.set(field, cost);
  }
  return cost;
}

const isList = (field: GraphQLField<unknown, unknown>): boolean => isListType(getNullableType(field.type));

const ofIntrospection = (field: GraphQLField<unknown, unknown>): FieldCost => (isList(field) ? INTROSPECTION : FREE);

function ofDirectives(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): FieldCost {
  const valuesOf = (node: Parameters<typeof getDirectiveValues>[1] | null | undefined, name: string) => {
    const directive = schema.getDirective(name);
    return directive && node ? getDirectiveValues(directive, node) : undefined;
  };
  const values = (name: string): Readonly<Record<string, unknown>> | undefined => valuesOf(field.astNode, name);
  const weight = values('cost')?.weight;
  const switches = field.args.flatMap(({ name, astNode }): Switch[] => {
    const more = valuesOf(astNode, 'cost')?.weight;
    return typeof more === 'number' ? [{ argument: name, weight: more }] : [];
  });
  const size = values('listSize');
  if (size === undefined && !isList(field))
    return { ...FREE, weight: typeof weight === 'number' ? weight : 0, switches };
  return {
    weight: typeof weight === 'number' ? weight : 0,
    switches,
    list: {
      assumedSize: typeof size?.assumedSize === 'number' ? size.assumedSize : ASSUMED_SIZE,
      slicing: texts(size?.slicingArguments),
      sizedFields: new Set(texts(size?.sizedFields)),
    },
  };
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
