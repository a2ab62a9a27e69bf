import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/**
 * Whether a query selects nothing at its root but `__schema`, `__type` and `__typename`. Its answer depends on the request alone: on no
 * caller, no time and nothing of Waldur.
 * @param document one that is valid: fragments exist, and none is part of itself.
 */
export function isIntrospective(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  // A fragment that is spread many times is looked at once.
  const seen = new Set<string>();
  const isMeta = ({ selections }: SelectionSetNode): boolean =>
    selections.every((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value.startsWith('__');
      if (selection.kind === Kind.INLINE_FRAGMENT) return isMeta(selection.selectionSet);
      const { value: name } = selection.name;
      if (seen.has(name)) return true;
      seen.add(name);
      const fragment = fragments.get(name);
      return fragment !== undefined && isMeta(fragment);
    });
  return operation.operation === 'query' && isMeta(operation.selectionSet);
}
