import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode } from 'graphql';

export interface Chosen {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

/** The operation to run and the document's fragments; undefined when the name does not tell one operation. */
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
