import type { FieldNode, GraphQLFieldResolver, GraphQLObjectType, GraphQLOutputType } from 'graphql';
import type { Answers } from './answers.ts';
import type { Run } from './run.ts';
import type { FieldExtensions } from './straight.ts';
import type { WrittenField } from './written.ts';

/** Where a value stands in the answer, from the leaf to the root; undefined is the root itself. */
export interface Path {
  readonly prev: Path | undefined;
  readonly key: string | number;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** A field of a plan: everything of it that no run changes. */
export interface PlanField {
  /** Its number within the plan; what a run knows of the field is kept under it. */
  readonly id: number;
  /** Key in the answer. */
  readonly key: string;
  readonly name: string;
  /** Every node of the document merged into this field. The same array in every run: resolvers keep what they learn by it. */
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly type: GraphQLOutputType;
  readonly nullable: boolean;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly extensions: FieldExtensions;
  /** Coerced when the plan was made; undefined where variables have a part in them. */
  readonly args: Arguments | undefined;
  /** Coerces the arguments. @throws GraphQLError not located, for arguments that are not as the schema wants them. */
  readonly coerce: (variables: Arguments) => Arguments;
}

/**
 * Resolves and completes one field of an object.
 * @returns the value as it stands in the answer, or a promise of it.
 * @throws a located error, when the field may not be null.
 */
export type Execute = (source: unknown, run: Run, parent: Path | undefined) => unknown;

/**
 * Turns what a resolver gave into what stands in the answer.
 * @returns the value, never undefined, or a promise of it.
 * @throws whatever is wrong with the value; the caller locates it.
 */
export type Complete = (value: unknown, run: Run, path: Path) => unknown;

/** The fields to execute on an object of one type, in the order of the answer. */
export interface Selection extends Answers {
  readonly fields: readonly {
    readonly key: string;
    readonly execute: Execute;
    /** What code can be written from; undefined: it always takes the usual way. */
    readonly written: WrittenField | undefined;
  }[];
}
