import type { FieldNode, GraphQLFieldResolver, GraphQLObjectType, GraphQLOutputType } from 'graphql';
import type { Printer } from '../printing/printer.ts';
import type { PrintedField } from '../printing/source.ts';
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
  readonly printing: Printing;
  /** Coerced when the plan was made; undefined where variables have a part in them. */
  readonly args: Arguments | undefined;
  /** Coerces the arguments. @throws GraphQLError not located, for arguments that are not as the schema wants them. */
  readonly coerce: (variables: Arguments) => Arguments;
}

/** How lists at or below a field are printed from Waldur's bytes; set while the plan is made. */
export interface Printing {
  /** Prints the items of the list that the field is. */
  printer?: Printer;
  /** Those of the lists below the connection that the field is: there when all of its lists of rows can be printed. */
  ofRows?: readonly Printer[];
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
    /** What it is printed from; undefined: it cannot be. */
    readonly printed: PrintedField | undefined;
    /** Of a list of objects: prints them. null: it cannot be printed; undefined: it is none, or not one that could come as text. */
    readonly printer: Printer | null | undefined;
  }[];
}
