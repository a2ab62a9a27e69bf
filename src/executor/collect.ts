import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type Arguments, type Fragments, type Includes, NoPlan, type Selecting } from './types.ts';

export interface Chosen {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
}

/** @returns the operation to run and the fragments of the document; undefined when the name does not select one operation. */
export function chooseOperation(document: DocumentNode, name: string | null | undefined): Chosen | undefined {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (name === null || name === undefined) {
      if (operation !== undefined) return undefined;
      operation = definition;
    } else if (definition.name?.value === name) {
      operation = definition;
    }
  }
  return operation && { operation, fragments };
}

/** Maximum depth of fragments within fragments. A longer chain could overflow the stack. */
const MAX_NESTING = 500;

export interface Collecting extends Selecting {
  readonly schema: GraphQLSchema;
}

/** Nodes by response key, in the order of the response. */
export type Collected = ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]>;

type Fields = Map<string, [FieldNode, ...FieldNode[]]>;

/**
 * Merges the fields that selection sets select on an object type; CollectFields in the GraphQL specification.
 * @throws GraphQLError for a condition without a value; NoPlan.
 */
export function collectFields(
  collecting: Collecting,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Collected {
  const fields: Fields = new Map();
  const visited = new Set<string>();
  for (const set of sets) collectInto(fields, collecting, type, set, visited);
  return fields;
}

function collectInto(
  fields: Fields,
  collecting: Collecting,
  type: GraphQLObjectType,
  set: SelectionSetNode,
  visited: Set<string>,
  nesting = 0,
): void {
  if (nesting > MAX_NESTING) throw new NoPlan('Fragments are nested too deeply.');
  const { schema, fragments, includes } = collecting;
  for (const selection of set.selections) {
    switch (selection.kind) {
      case Kind.FIELD: {
        if (!includes(selection)) break;
        const key = (selection.alias ?? selection.name).value;
        const nodes = fields.get(key);
        if (nodes === undefined) fields.set(key, [selection]);
        else nodes.push(selection);
        break;
      }
      case Kind.INLINE_FRAGMENT:
        if (!includes(selection) || !applies(schema, selection, type)) break;
        collectInto(fields, collecting, type, selection.selectionSet, visited, nesting + 1);
        break;
      case Kind.FRAGMENT_SPREAD: {
        const name = selection.name.value;
        if (visited.has(name) || !includes(selection)) break;
        visited.add(name);
        const fragment = fragments[name];
        if (fragment === undefined || !applies(schema, fragment, type)) break;
        collectInto(fields, collecting, type, fragment.selectionSet, visited, nesting + 1);
        break;
      }
    }
  }
}

function applies(
  schema: GraphQLSchema,
  { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
  type: GraphQLObjectType,
): boolean {
  if (typeCondition === undefined) return true;
  const condition = schema.getType(typeCondition.name.value);
  return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
}

/** For the variables of one run. It throws GraphQLError for a condition without a value. */
export const includedBy =
  (variables: Arguments): Includes =>
  (node) => {
    if (node.directives === undefined || node.directives.length === 0) return true;
    if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false;
  };

/** As `includedBy`, but never throws: a selection whose condition has no value is in, because its execution reports the error. */
export const selectedBy = (variables: Arguments): Includes => {
  const includes = includedBy(variables);
  return (node) => {
    try {
      return includes(node);
    } catch {
      return true;
    }
  };
};

const byLiterals = includedBy({});

/**
 * For any variables: a selection whose conditions depend on variables is in. It throws NoPlan for an invalid condition, because its error
 * would hide the selections after it.
 */
export const includedByAny: Includes = (node) => {
  // A condition with a literal may still leave the selection out.
  const literal = node.directives?.filter((one) => conditionVariable(one).length === 0) ?? [];
  try {
    return byLiterals({ ...node, directives: literal });
  } catch (cause) {
    throw new NoPlan('A condition is not valid.', { cause });
  }
};

const CONDITIONS: readonly string[] = [GraphQLSkipDirective.name, GraphQLIncludeDirective.name];

function conditionVariable({ name, arguments: args = [] }: DirectiveNode): string[] {
  if (!CONDITIONS.includes(name.value)) return [];
  return args.flatMap(({ value }) => (value.kind === Kind.VARIABLE ? [value.name.value] : []));
}

/** @returns the variables that conditions depend on, anywhere in an operation or in the fragments of its document. */
export function conditionVariables({ selectionSet }: OperationDefinitionNode, fragments: Fragments): Set<string> {
  const names = new Set<string>();
  const addFrom = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      for (const directive of selection.directives ?? []) {
        for (const name of conditionVariable(directive)) names.add(name);
      }
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet) addFrom(selection.selectionSet);
    }
  };
  addFrom(selectionSet);
  for (const fragment of Object.values(fragments)) addFrom(fragment.selectionSet);
  return names;
}

/** Maximum variants of one operation, so that clients cannot fill the memory. */
const MAX_VARIANTS = 16;

/**
 * Whatever is made from an operation and depends on which selections its `@skip` and `@include` leave in. It is made once for each
 * combination of values that occurs. The least recently used variant is dropped when there are too many.
 */
export class Variants<Value> {
  readonly #names: readonly string[];
  readonly #make: (variables: Arguments) => Value;
  readonly #made = new Map<string, Value>();

  /**
   * @param names the variables that conditions depend on.
   * @param make must depend on no other variables.
   */
  constructor(names: Iterable<string>, make: (variables: Arguments) => Value) {
    this.#names = [...names];
    this.#make = make;
  }

  /** @param variables coerced, with defaults. */
  of(variables: Arguments): Value {
    const key = conditionKey(this.#names, variables);
    const known = this.#made.get(key);
    if (known !== undefined && this.#names.length === 0) return known;
    const value = known ?? this.#make(variables);
    this.#made.delete(key);
    this.#made.set(key, value);
    if (this.#made.size > MAX_VARIANTS) {
      const [oldest] = this.#made.keys();
      if (oldest !== undefined) this.#made.delete(oldest);
    }
    return value;
  }
}

/** @returns equal keys for variables that leave the same selections in. */
function conditionKey(names: readonly string[], variables: Arguments): string {
  let key = '';
  for (const name of names) {
    const value = variables[name];
    key += value === true ? 't' : value === false ? 'f' : value === null ? 'n' : 'u';
  }
  return key;
}
