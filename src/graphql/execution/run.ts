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

/** One run of a plan: what was given for it and what came up during it. */
export class Run {
  readonly compiled: Compiled;
  readonly root: unknown;
  readonly context: unknown;
  readonly variables: Arguments;
  /** Whether lists may stand in the answer as text. */
  prints = false;
  readonly errors = new Errors();
  /** How often something failed, also where the error was dropped. */
  failures = 0;
  readonly #infos: (GraphQLResolveInfo | undefined)[] = [];
  readonly #arguments: (Arguments | undefined)[] = [];
  readonly #joins: (Map<unknown, unknown> | undefined)[] = [];

  constructor(compiled: Compiled, root: unknown, context: unknown, variables: Arguments) {
    this.compiled = compiled;
    this.root = root;
    this.context = context;
    this.variables = variables;
  }

  /** One for each field, whatever the number of rows. */
  info(field: PlanField): GraphQLResolveInfo {
    let info = this.#infos[field.id];
    if (info === undefined) {
      info = new SharedInfo(field, this);
      this.#infos[field.id] = info;
    }
    return info;
  }

  /** Coerced with the run's variables, once for each field. @throws GraphQLError not located, each time. */
  arguments(field: PlanField): Arguments {
    let args = this.#arguments[field.id];
    if (args === undefined) {
      args = field.coerce(this.variables);
      this.#arguments[field.id] = args;
    }
    return args;
  }

  /** What a field's joined objects were completed to. */
  joins(field: PlanField): Map<unknown, unknown> {
    let joins = this.#joins[field.id];
    if (joins === undefined) {
      joins = new Map();
      this.#joins[field.id] = joins;
    }
    return joins;
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
