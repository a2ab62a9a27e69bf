import { type GraphQLError, type GraphQLResolveInfo, locatedError } from 'graphql';
import type { Arguments, Operation, Path, PlanField, Run } from './types.ts';

/** One run of a plan. */
export class PlanRun implements Run {
  readonly operation: Operation;
  readonly root: unknown;
  readonly context: unknown;
  readonly variables: Arguments;
  /** In the order in which they occurred. */
  readonly errors: GraphQLError[] = [];
  #nulled: Set<Path | undefined> | undefined;
  /** By the id of the field. Most fields need neither. */
  readonly #infos: (GraphQLResolveInfo | undefined)[] = [];
  readonly #arguments: (Arguments | undefined)[] = [];

  constructor(operation: Operation, root: unknown, context: unknown, variables: Arguments) {
    this.operation = operation;
    this.root = root;
    this.context = context;
    this.variables = variables;
  }

  info(field: PlanField): GraphQLResolveInfo {
    const known = this.#infos[field.id];
    if (known !== undefined) return known;
    const info = new SharedInfo(field, this);
    this.#infos[field.id] = info;
    return info;
  }

  arguments(field: PlanField): Arguments {
    const known = this.#arguments[field.id];
    if (known !== undefined) return known;
    const args = field.coerce(this.variables);
    this.#arguments[field.id] = args;
    return args;
  }

  fail(thrown: unknown, field: PlanField, path: Path, nullable: boolean): null {
    const error = locatedError(thrown, field.nodes, pathToArray(path));
    if (!nullable) throw error;
    this.record(error, path);
    return null;
  }

  /** Drops an error below a value that is null already: it came from work that could not be cancelled. */
  record(error: GraphQLError, path: Path | undefined): void {
    this.#nulled ??= new Set();
    if (isNulled(this.#nulled, path)) return;
    this.#nulled.add(path);
    this.errors.push(error);
  }
}

function isNulled(nulled: ReadonlySet<Path | undefined>, path: Path | undefined): boolean {
  for (let at = path; at !== undefined; at = at.prev) if (nulled.has(at)) return true;
  return nulled.has(undefined);
}

/** @returns the path as an error reports it. */
function pathToArray(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) keys.push(at.key);
  return keys.reverse();
}

/** The `info` of resolvers. All rows of a run share it, so it has no path. */
class SharedInfo implements GraphQLResolveInfo {
  readonly fieldName: GraphQLResolveInfo['fieldName'];
  readonly fieldNodes: GraphQLResolveInfo['fieldNodes'];
  readonly returnType: GraphQLResolveInfo['returnType'];
  readonly parentType: GraphQLResolveInfo['parentType'];
  readonly schema: GraphQLResolveInfo['schema'];
  readonly fragments: GraphQLResolveInfo['fragments'];
  readonly rootValue: GraphQLResolveInfo['rootValue'];
  readonly operation: GraphQLResolveInfo['operation'];
  readonly variableValues: GraphQLResolveInfo['variableValues'];

  constructor(field: PlanField, { operation: { schema, fragments, operation }, root, variables }: Run) {
    this.fieldName = field.name;
    this.fieldNodes = field.nodes;
    this.returnType = field.type;
    this.parentType = field.parentType;
    this.schema = schema;
    this.fragments = fragments;
    this.rootValue = root;
    this.operation = operation;
    this.variableValues = variables;
  }

  /** @throws always, because the path of one row would be wrong for the others. */
  get path(): GraphQLResolveInfo['path'] {
    throw new Error(
      `The resolver of ${this.parentType.name}.${this.fieldName} reads info.path, which a plan does not have.`,
    );
  }
}
