import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include']);

/**
 * Finds a subscription whose root field stands under @skip or @include, which the specification of September 2025 forbids: a
 * subscription opens exactly one field. graphql-js 16 lets it pass, throws while it validates a condition that is no plain `true` or
 * `false`, and throws while it runs when no field is left; without this check both would be errors of the gateway's own.
 */
export function findRootCondition(document: DocumentNode): GraphQLError | undefined {
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION || operation.operation !== 'subscription') continue;
    const error = findWithin(operation, fragmentsOf(document));
    if (error !== undefined) return error;
  }
  return undefined;
}

const fragmentsOf = (document: DocumentNode): Map<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );

function findWithin(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): GraphQLError | undefined {
  const seen = new Set<string>();
  const pending: SelectionSetNode[] = [operation.selectionSet];
  for (let set = pending.pop(); set !== undefined; set = pending.pop()) {
    for (const selection of set.selections) {
      for (const directive of selection.directives ?? []) {
        if (!CONDITIONS.has(directive.name.value)) continue;
        return new GraphQLError('The root field of a subscription cannot hang on a condition.', {
          nodes: [directive],
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        });
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(selection.selectionSet);
      if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) continue;
      seen.add(selection.name.value);
      const fragment = fragments.get(selection.name.value);
      if (fragment !== undefined) pending.push(fragment.selectionSet);
    }
  }
  return undefined;
}
