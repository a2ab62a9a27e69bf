import {
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  locatedError,
  type OperationDefinitionNode,
} from 'graphql';
import { Errors, pathToArray } from './errors.ts';
import { SharedInfo } from './info.ts';
import type { Arguments, Path, PlanField } from './plan.ts';

/** What all runs of an operation have in common. */
export interface Compiled {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

/** What a run knows of a field. */
interface Known {
  info: GraphQLResolveInfo | undefined;
  args: Arguments | undefined;
  joins: Map<unknown, unknown> | undefined;
}

/** One run of a plan: what was given for it and what came up during it. */
export class Run {
  readonly compiled: Compiled;
  readonly root: unknown;
  readonly context: unknown;
  readonly variables: Arguments;
  readonly errors = new Errors();
  /** How often something failed, also where the error was dropped. */
  failures = 0;
  /** By the number of the field; most fields need nothing of it. */
  readonly #known: (Known | undefined)[] = [];

  constructor(compiled: Compiled, root: unknown, context: unknown, variables: Arguments) {
    this.compiled = compiled;
    this.root = root;
    this.context = context;
    this.variables = variables;
  }

  /** One for each field, whatever the number of rows. */
  info(field: PlanField): GraphQLResolveInfo {
    const known = this.#of(field);
    known.info ??= new SharedInfo(field, this);
    return known.info;
  }

  /** Coerced with the run's variables, once for each field. @throws GraphQLError not located, each time. */
  arguments(field: PlanField): Arguments {
    const known = this.#of(field);
    known.args ??= field.coerce(this.variables);
    return known.args;
  }

  /** What a field's joined objects were completed to. */
  joins(field: PlanField): Map<unknown, unknown> {
    const known = this.#of(field);
    known.joins ??= new Map();
    return known.joins;
  }

  #of({ id }: PlanField): Known {
    let known = this.#known[id];
    if (known === undefined) {
      known = { info: undefined, args: undefined, joins: undefined };
      this.#known[id] = known;
    }
    return known;
  }

  /**
   * What becomes of a failure at a place.
   * @returns null, with the error kept, where the place may be null.
   * @throws the located error where it may not: the next place above takes it.
   */
  fail(thrown: unknown, field: PlanField, path: Path, nullable: boolean): null {
    this.failures++;
    const error = locatedError(thrown, field.nodes, pathToArray(path));
    if (!nullable) throw error;
    this.errors.add(error, path);
    return null;
  }
}
