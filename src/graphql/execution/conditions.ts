import {
  type DirectiveNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
} from 'graphql';
import type { Arguments } from './plan.ts';

/** Whether a selection is in the document by its `@skip` and `@include`. @throws GraphQLError for a condition without a value. */
export type Includes = (node: SelectionNode) => boolean;

/** As the values of one run have it. */
export const includedBy =
  (variables: Arguments): Includes =>
  (node) => {
    if (node.directives === undefined || node.directives.length === 0) return true;
    if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false;
  };

/**
 * As any values may have it: what depends on a variable is in.
 * @param names is given the variables that conditions depend on.
 */
export const includedByAny = (names: Set<string>): Includes => {
  const byLiterals = includedBy({});
  return (node) => {
    const open = node.directives?.flatMap(conditionVariable) ?? [];
    for (const name of open) names.add(name);
    if (open.length === 0) return byLiterals(node);
    // Beside a variable, a literal may still keep it out.
    return byLiterals({
      ...node,
      directives: node.directives?.filter((one) => conditionVariable(one).length === 0) ?? [],
    });
  };
};

const CONDITIONS: readonly string[] = [GraphQLSkipDirective.name, GraphQLIncludeDirective.name];

function conditionVariable({ name, arguments: args = [] }: DirectiveNode): string[] {
  if (!CONDITIONS.includes(name.value)) return [];
  return args.flatMap(({ value }) => (value.kind === Kind.VARIABLE ? [value.name.value] : []));
}

/** Equal for values that leave the same selections in. */
export function conditionKey(names: readonly string[], variables: Arguments): string {
  let key = '';
  for (const name of names) {
    const value = variables[name];
    key += value === true ? 't' : value === false ? 'f' : value === null ? 'n' : 'u';
  }
  return key;
}
