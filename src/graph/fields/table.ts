import { type FieldNode, type GraphQLResolveInfo, Kind, type ValueNode } from 'graphql';
import type { ColumnGroups, CostGroup } from '../../domain/costs.ts';
import type { FieldReader, Read } from '../../executor/index.ts';
import type { Loaders } from '../../loading/loaders.ts';
import type { GraphContext } from '../context.ts';
import { fits, selectsOnly } from '../selection.ts';
import { type Reader, UNCHANGED } from './read.ts';

/**
 * Declarations of the graph's fields: one table for each type, one entry for each field. An entry says which REST columns the field
 * needs, what they cost Waldur, and how the value is read from the row. Everything else is derived from the tables: resolvers, the
 * columns requested from Waldur, the planner's estimates, what subscriptions poll for, and the row projection.
 */

/** A value read from the row, or an object made of columns of the same row. */
export interface OwnField<Resolve = unknown> {
  readonly kind: 'own';
  readonly columns: ColumnGroups;
  readonly resolve: Resolve;
  readonly read: FieldReader;
  /** Set for a field that depends on the caller's rights. */
  readonly dependsOnRights?: true;
  /** What a field needs in addition when an argument is true. */
  readonly withArgument?: ArgumentNeeds;
}

export interface ArgumentNeeds {
  /** Name of the argument, a boolean. */
  readonly argument: string;
  /** Further columns of the row. */
  readonly columns: ColumnGroups;
  /** Columns of other rows that the resolver loads, by type. */
  readonly of: Readonly<Partial<Record<'Volume' | 'Tenant', readonly string[]>>>;
}

/**
 * Another resource. `known` lists its fields that the row answers by itself. A selection of known fields alone costs no call.
 */
export interface ReferenceField<Resolve = unknown> {
  readonly kind: 'reference';
  readonly columns: ColumnGroups;
  readonly known: Readonly<Record<string, ColumnGroups>>;
  readonly batched: Batching;
  readonly resolve: Resolve;
  readonly read: FieldReader;
}

/** A list that costs a call. */
export interface ListField<Resolve = unknown> {
  readonly kind: 'list';
  /** Columns that the call is made from. */
  readonly columns: ColumnGroups;
  readonly batched: Batching;
  readonly resolve: Resolve;
}

export type Entry<Resolve = unknown> = OwnField<Resolve> | ReferenceField<Resolve> | ListField<Resolve>;

/**
 * How calls for all rows of a list are combined. `by uuid`: the planner finds the rows together. `by parent`: the lists of all
 * parents are read as one. One call for each row is never acceptable.
 */
export type Batching = 'by uuid' | 'by parent';

/** A table with every field of a type, each with a resolver of the type that codegen derives from the schema. */
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

/** Whether a field may have this argument with the value true. The value of a variable is not looked at. */
export const mayBeTrue = ({ arguments: given }: FieldNode, argument: string): boolean =>
  given?.some(({ name, value }) => name.value === argument && !isOff(value)) ?? false;

const isOff = (value: ValueNode): boolean => value.kind === Kind.NULL || (value.kind === Kind.BOOLEAN && !value.value);

/** The columns of all groups. */
export const columnNames = (groups: ColumnGroups): readonly string[] => Object.values(groups).flat();

/** All column declarations of a table. */
export const columnGroupsOf = (table: AnyTable): readonly ColumnGroups[] =>
  Object.values(table).flatMap((entry) =>
    entry.kind === 'reference' ? [entry.columns, ...Object.values(entry.known)] : [entry.columns],
  );

type RowReader<Row, Value> = (row: Row) => Value;

/**
 * Makes the constructors of entries for one kind of row. Column names are the keys of the row's generated REST type, so a misspelt
 * column does not compile; nor does a column without a cost group.
 */
export function fieldsOf<Row extends object>() {
  // For a union of rows: the columns that all of them have.
  type Column = keyof Row & string;
  type Groups = ColumnGroups<Column>;

  /** A field that is one REST column. */
  const column = <Value>(name: Column, read: Reader<Value>, group: CostGroup): OwnField<RowReader<Row, Value>> => {
    const resolve = (row: Row): Value => read(row, name);
    const isPlain = UNCHANGED.get(read);
    const fromSource = () => resolve as Read;
    return {
      kind: 'own',
      columns: { [group]: [name] },
      resolve,
      read: isPlain ? { column: { name, isPlain }, fromSource } : { fromSource },
    };
  };

  /** A field made of several columns. */
  const derived = <Value>(columns: Groups, resolve: RowReader<Row, Value>): OwnField<RowReader<Row, Value>> => ({
    kind: 'own',
    columns,
    resolve,
    read: { fromSource: () => resolve as Read },
  });

  /** An object made of columns of the same row, which its own table declares. Every row has it. */
  const sameRow: OwnField<RowReader<Row, Row>> = derived({}, (row) => row);

  /** As `sameRow`, for an object that exists where one of its columns is not null. */
  const sameRowIf = (name: Column, group: CostGroup): OwnField<RowReader<Row, Row | null>> =>
    derived({ [group]: [name] } as Groups, (row) => ((row[name] ?? null) === null ? null : row));

  /** A reference from this row to another resource; see `referenceField`. */
  const reference = <Own, Loaded>(options: ReferenceOptions<Row, Groups, Own, Loaded>) =>
    referenceField<Row, Own, Loaded>(options);

  return { column, derived, sameRow, sameRowIf, reference };
}

export interface ReferenceOptions<Source, Groups, Own, Loaded> {
  /** Columns that identify the resource. */
  readonly columns: Groups;
  /** Its fields that the source knows, with the further columns that they need. */
  readonly known: Readonly<Record<string, Groups>>;
  readonly uuid: (source: Source) => string | null;
  /** The resource as the source knows it. */
  readonly own: (source: Source, uuid: string) => Own;
  /** Loads the resource. */
  readonly load: (source: Source, uuid: string, loaders: Loaders) => Loaded;
}

/** A reference to another resource. It is answered without a call if the source knows everything that is selected under it. */
export function referenceField<Source, Own, Loaded>({
  columns,
  known,
  uuid,
  own,
  load,
}: ReferenceOptions<Source, ColumnGroups, Own, Loaded>) {
  const fromSource = (source: Source): Own | null => {
    const found = uuid(source);
    return found === null ? null : own(source, found);
  };
  const resolve = (
    source: Source,
    _args: unknown,
    context: GraphContext,
    info: GraphQLResolveInfo,
  ): Own | Loaded | null => {
    if (fits(info, known)) return fromSource(source);
    const found = uuid(source);
    return found === null ? null : load(source, found, context.loaders(info));
  };
  const read: FieldReader = {
    fromSource: (nodes, selecting) =>
      selectsOnly(nodes, selecting, (field) => Object.hasOwn(known, field)) ? (fromSource as Read) : undefined,
  };
  return { kind: 'reference', columns, known, batched: 'by uuid', resolve, read } as const;
}

/**
 * Makes the constructors of entries for objects that Waldur always sends whole, inside another object or as an answer of their own.
 * Their columns are neither requested nor charged.
 * @param objectOf finds the REST object within the source of the type.
 */
export function wholeObjectFields<Source, Row extends object>(objectOf: (source: Source) => Row) {
  const derived = <Value>(resolve: (source: Source) => Value): OwnField<(source: Source) => Value> => ({
    kind: 'own',
    columns: {},
    resolve,
    read: { fromSource: () => resolve as Read },
  });
  const column = <Value>(name: keyof Row & string, read: Reader<Value>): OwnField<(source: Source) => Value> =>
    derived((source) => read(objectOf(source), name));
  return { column, derived };
}
