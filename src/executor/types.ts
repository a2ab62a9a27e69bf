import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';

/** The vocabulary of the executor. Every other file imports this one, and this one imports none. */

/** Where a value stands in the answer, from the leaf to the root; undefined is the root itself. */
export interface Path {
  readonly prev: Path | undefined;
  readonly key: string | number;
}

export type Arguments = Readonly<Record<string, unknown>>;
export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;
/** An object of the answer while it is filled. */
export type Answer = Record<string, unknown>;

/** One operation of a document. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
}

/** Reads a field's value. The context is for facts that are known at once, never for waiting. @throws to leave the row to the resolvers. */
export type Read = (source: unknown, context: unknown) => unknown;

/** A field whose value is one property of its source. */
export interface Column {
  readonly name: string;
  /** True for values of the property that the field's resolver returns unchanged. */
  readonly isPlain: (value: unknown) => boolean;
}

/** What a field may declare as `extensions.read`, so that it can be projected; see README.md. */
export interface FieldReader {
  readonly column?: Column;
  /**
   * Chooses how the field is read without its resolver.
   * @param nodes what is selected under the field.
   * @returns undefined when this selection needs the resolver.
   */
  readonly fromSource?: (nodes: readonly FieldNode[], fragments: Fragments) => Read | undefined;
}

/** A field of a plan: everything that is the same in every run. */
export interface PlanField {
  /** Number within the plan; a run keeps what it knows of the field under it. */
  readonly id: number;
  /** Key in the answer. */
  readonly key: string;
  readonly name: string;
  /** All nodes of the document that were merged into this field. The same array in every run, so resolvers can cache by it. */
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly type: GraphQLOutputType;
  readonly nullable: boolean;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly reader: FieldReader | undefined;
  /** Coerced when the plan was made; undefined when they depend on variables. */
  readonly args: Arguments | undefined;
  /** Coerces the arguments. @throws GraphQLError without a location for invalid arguments. */
  readonly coerce: (variables: Arguments) => Arguments;
}

/** One run of a plan: what was given for it, and its errors. */
export interface Run {
  readonly operation: Operation;
  readonly root: unknown;
  readonly context: unknown;
  readonly variables: Arguments;
  readonly errors: readonly GraphQLError[];
  /** One for each field, whatever the number of rows. */
  info(field: PlanField): GraphQLResolveInfo;
  /** Coerced with the variables of the run, once for each field. @throws GraphQLError without a location, each time. */
  arguments(field: PlanField): Arguments;
  /**
   * Handles a failure at a path.
   * @returns null after recording the error, where the field is nullable.
   * @throws the located error where it is not: the next nullable field above handles it.
   */
  fail(thrown: unknown, field: PlanField, path: Path, nullable: boolean): null;
  /** Records an error; `path` is what is null in the answer because of it, undefined for the whole answer. */
  record(error: GraphQLError, path: Path | undefined): void;
}

/**
 * Resolves and completes one field of an object.
 * @returns the value as it stands in the answer, or a promise of it.
 * @throws a located error when the field is not nullable.
 */
export type Execute = (source: unknown, run: Run, parent: Path | undefined) => unknown;

/**
 * Turns what a resolver returned into what stands in the answer.
 * @returns the value, never undefined, or a promise of it.
 * @throws whatever is wrong with the value; the caller locates it.
 */
export type Complete = (value: unknown, run: Run, path: Path) => unknown;

/** A value of a leaf, neither null nor an Error, as it stands in the answer. @throws when the type has no such value. */
export type Serialize = (value: unknown) => unknown;

/** How values of a type are projected. `names`: of an enum; `plain`: whether the type leaves the values of a column as they are. */
export type Shape =
  | {
      readonly kind: 'leaf';
      readonly nullable: boolean;
      readonly serialize: Serialize;
      readonly names: ReadonlyMap<unknown, string> | undefined;
      readonly plain: boolean;
    }
  | { readonly kind: 'list'; readonly nullable: boolean; readonly item: Shape }
  | { readonly kind: 'object'; readonly nullable: boolean; readonly selection: Selection };

/** How a field is projected. */
export type Projected =
  | { readonly kind: 'constant'; readonly value: string }
  | {
      readonly kind: 'read';
      readonly read: Read;
      readonly column: Column | undefined;
      readonly shape: Shape;
      /** Set when the field returned a promise or a method: from then on its resolver is called. */
      waits: boolean;
    };

export interface SelectedField {
  readonly key: string;
  readonly execute: Execute;
  /** undefined: the field always needs its resolver. */
  readonly projected: Projected | undefined;
}

/** The fields to execute on an object of one type, in the order of the answer. */
export type Selection = readonly SelectedField[];

/** Thrown for a document that has no plan, because it is too large or not valid. graphql-js executes it. */
export class NoPlan extends Error {}

/** True for whatever has a `then`, as graphql-js sees it. */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  typeof (value as { then?: unknown }).then === 'function';

const ignore = (): void => {};

/** Marks promises that nobody waits for any more: their rejection must not end the gateway. */
export function abandon(values: readonly unknown[]): void {
  for (const value of values) if (isPromise(value)) value.then(undefined, ignore);
}
