import {
  type DirectiveNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
} from 'graphql';
import { NoPlan } from './no-plan.ts';
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
 * @throws NoPlan for a condition that validation would have refused: what comes after it would not be looked at.
 */
export function includedByAny(names: Set<string>): Includes {
  const byLiterals = includedBy({});
  return (node) => {
    const variables = node.directives?.flatMap(conditionVariable) ?? [];
    for (const name of variables) names.add(name);
    // Beside a variable, a literal may still keep it out.
    const literal = node.directives?.filter((one) => conditionVariable(one).length === 0) ?? [];
    try {
      return byLiterals({ ...node, directives: literal });
    } catch (cause) {
      throw new NoPlan('A condition is not valid.', { cause });
    }
  };
}

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
