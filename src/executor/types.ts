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
  SelectionNode,
} from 'graphql';

/** The types that the files of the executor share. This file imports none of them. */

/** The path of a value in the result, from the leaf to the root. undefined is the root itself. */
export interface Path {
  readonly prev: Path | undefined;
  readonly key: string | number;
}

export type Arguments = Readonly<Record<string, unknown>>;
export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** Whether `@skip` and `@include` leave a selection in. */
export type Includes = (node: SelectionNode) => boolean;

/** What a walk through selections needs besides them. */
export interface Selecting {
  readonly fragments: Fragments;
  readonly includes: Includes;
}

/** An object of the result while it is filled. */
export type ResultObject = Record<string, unknown>;

/** One operation of a document. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
}

/** Reads the value of a field, synchronously. @throws to have the row executed by the resolvers. */
export type Read = (source: unknown, context: unknown) => unknown;

/** A field whose value is one property of its source. */
export interface Column {
  readonly name: string;
  /** True for values that the field's resolver would return unchanged. */
  readonly isPlain: (value: unknown) => boolean;
}

/** A field that declares this as `extensions.read` can be projected; see README.md. */
export interface FieldReader {
  readonly column?: Column;
  /**
   * Chooses how the field is read without its resolver.
   * @param nodes the nodes of the field, with the selections below it.
   * @param selecting tells which of these selections are in.
   * @returns undefined when this selection needs the resolver.
   */
  readonly fromSource?: (nodes: readonly FieldNode[], selecting: Selecting) => Read | undefined;
}

/** A field of a plan: what is the same in every run. */
export interface PlanField {
  /** Index within the plan, by which a run stores what belongs to the field. */
  readonly id: number;
  /** Response key. */
  readonly key: string;
  readonly name: string;
  /** The nodes that were merged into this field. The same array in every run, so that resolvers can use it as a cache key. */
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly type: GraphQLOutputType;
  readonly nullable: boolean;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly reader: FieldReader | undefined;
  /** Coerced when the plan was compiled; undefined when they depend on variables. */
  readonly args: Arguments | undefined;
  /** Coerces the arguments. @throws GraphQLError without a location for invalid arguments. */
  readonly coerce: (variables: Arguments) => Arguments;
}

/** One run of a plan: its inputs and its errors. */
export interface Run {
  readonly operation: Operation;
  readonly root: unknown;
  readonly context: unknown;
  readonly variables: Arguments;
  readonly errors: readonly GraphQLError[];
  /** One for each field, shared by all rows. */
  info(field: PlanField): GraphQLResolveInfo;
  /** Coerced with the variables of the run, once for each field. @throws GraphQLError without a location, each time. */
  arguments(field: PlanField): Arguments;
  /**
   * Handles an error at a path.
   * @returns null after recording the error, if the value is nullable.
   * @throws the located error otherwise. The nearest nullable field above handles it.
   */
  fail(thrown: unknown, field: PlanField, path: Path, nullable: boolean): null;
  /** Records an error. @param path the value that is null because of it; undefined: `data`. */
  record(error: GraphQLError, path: Path | undefined): void;
}

/**
 * Resolves and completes one field of an object.
 * @returns the value in the result, or a promise of it.
 * @throws a located error when the field is not nullable.
 */
export type Execute = (source: unknown, run: Run, parent: Path | undefined) => unknown;

/**
 * Completes the value that a resolver returned; CompleteValue in the GraphQL specification.
 * @returns the value, never undefined, or a promise of it.
 * @throws whatever is wrong with the value; the caller locates it.
 */
export type Complete = (value: unknown, run: Run, path: Path) => unknown;

/** Serializes a leaf value that is neither null nor an Error. @throws for an invalid value. */
export type Serialize = (value: unknown) => unknown;

/** How values of a type are projected. */
export type Shape =
  | {
      readonly kind: 'leaf';
      readonly nullable: boolean;
      readonly serialize: Serialize;
      /** Of an enum, by value. */
      readonly names: ReadonlyMap<unknown, string> | undefined;
      /** Whether the type returns plain values of a column unchanged. */
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
      /** Set when the field has returned a promise or a method: from then on its resolver is called. */
      mustWait: boolean;
    };

export interface SelectedField {
  readonly key: string;
  readonly execute: Execute;
  /** undefined: the field needs its resolver. */
  readonly projected: Projected | undefined;
}

/** The fields to execute on an object of one type, in the order of the response. */
export type Selection = readonly SelectedField[];

/** Thrown for a document that cannot have a plan: too large, or invalid. graphql-js executes it. */
export class NoPlan extends Error {}

/** True for anything with a `then` method, like graphql-js. */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  typeof (value as { then?: unknown }).then === 'function';

const ignore = (): void => {};

/** Handles the rejections of promises that nobody awaits any more. Unhandled, they would end the process. */
export function abandon(values: readonly unknown[]): void {
  for (const value of values) if (isPromise(value)) value.then(undefined, ignore);
}
