import type { GraphQLResolveInfo } from 'graphql';
import type { CostedField } from '../../domain/costs.ts';
import type { FieldReader, Read } from '../../executor/index.ts';
import type { Loaders } from '../../loading/loaders.ts';
import type { SnapshotField, VolumeField } from '../../waldur/types.ts';
import type { GraphContext } from '../context.ts';
import { fits, selectsOnly } from '../selection.ts';
import { PLAIN } from './read.ts';

/**
 * A REST column of a snapshot or a volume, by the generated types of `openapi/`. A column without a cost group in
 * `domain/costs.ts` is none: using it does not compile.
 */
export type ColumnName = (SnapshotField | VolumeField) & CostedField;

/**
 * Where each field of the graph comes from: one table a type, one entry a field. An entry says which REST columns the field
 * needs and how its value is read. Resolvers, the sparse fieldsets sent upstream and the cost of a document all come from
 * these tables, so they cannot disagree.
 */
export type Entry<Resolve = unknown> =
  /** A value read from the row, or an object made of columns of the same row, whose own table says which. */
  | {
      readonly kind: 'own';
      readonly needs: readonly ColumnName[];
      readonly resolve: Resolve;
      readonly read?: FieldReader;
      /** Set for a field that depends on whether the caller is staff. */
      readonly asksStaff?: true;
    }
  /**
   * Another resource. `known` maps its fields to the columns of this row that already answer them; a selection that asks for
   * nothing else costs no call.
   */
  | {
      readonly kind: 'reference';
      readonly needs: readonly ColumnName[];
      readonly known: Known;
      readonly batched: Batching;
      readonly resolve: Resolve;
      readonly read: FieldReader;
    }
  /** A list that costs a call of its own; `needs` is what the call is made from. */
  | {
      readonly kind: 'list';
      readonly needs: readonly ColumnName[];
      readonly batched: Batching;
      readonly resolve: Resolve;
    };

/**
 * How a field that asks Waldur is answered for all rows of a list together: `by uuid`, rows that the planner finds; `by parent`, lists
 * that it reads as one. There is no third way: a call for each row is what this gateway is there to avoid.
 */
export type Batching = 'by uuid' | 'by parent';

export type Known = Readonly<Record<string, readonly ColumnName[]>>;

/** A table that has every field of a type, each with a resolver as codegen types it. */
export type FieldTable<Resolvers> = {
  readonly [Field in keyof Resolvers as Field extends `__${string}` ? never : Field]-?: Entry<
    NonNullable<Resolvers[Field]>
  >;
};

/** A table of any type, for code that walks documents. */
export type AnyTable = Readonly<Record<string, Entry>>;

type Resolved<Table> = { [Field in keyof Table]: Table[Field] extends Entry<infer Resolve> ? Resolve : never };

/** The resolver map of a table. */
export const resolversOf = <Table extends AnyTable>(table: Table): Resolved<Table> =>
  Object.fromEntries(Object.entries(table).map(([field, entry]) => [field, resolverOf(entry)])) as Resolved<Table>;

const resolverOf = (entry: Entry): unknown =>
  'read' in entry ? { resolve: entry.resolve, extensions: { read: entry.read } } : entry.resolve;

/** A field that is one REST column, read by a reader of read.ts. */
export const column = <Value>(
  name: ColumnName,
  read: (row: object, column: string) => Value,
): Entry<(row: object) => Value> => {
  const isPlain = PLAIN.get(read)?.();
  return {
    kind: 'own',
    needs: [name],
    resolve: (row) => read(row, name),
    ...(isPlain && { read: { column: { name, isPlain } } }),
  };
};

/** A field made of several columns. */
export const derived = <Row, Value>(
  needs: readonly ColumnName[],
  resolve: (row: Row) => Value,
): Entry<(row: Row) => Value> => ({
  kind: 'own',
  needs,
  resolve,
});

/**
 * A reference to another resource, read from this row where that answers what is selected under it.
 * @param own the resource as this row knows it.
 * @param load the resource as Waldur knows it.
 */
export function reference<Row, Own, Loaded>({
  needs,
  known,
  uuid,
  own,
  load,
}: {
  readonly needs: readonly ColumnName[];
  readonly known: Known;
  readonly uuid: (row: Row) => string | null;
  readonly own: (row: Row, uuid: string) => Own;
  readonly load: (row: Row, uuid: string, loaders: Loaders) => Loaded;
}) {
  const fromRow = (row: Row): Own | null => {
    const found = uuid(row);
    return found === null ? null : own(row, found);
  };
  const resolve = (row: Row, _args: unknown, context: GraphContext, info: GraphQLResolveInfo): Own | Loaded | null => {
    if (fits(info, known)) return fromRow(row);
    const found = uuid(row);
    return found === null ? null : load(row, found, context.loaders(info));
  };
  const read: FieldReader = {
    fromSource: (nodes, fragments) =>
      selectsOnly(nodes, fragments, (field) => Object.hasOwn(known, field)) ? (fromRow as Read) : undefined,
  };
  return { kind: 'reference', needs, known, batched: 'by uuid', resolve, read } as const;
}
