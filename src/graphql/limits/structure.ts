import { type DocumentNode, Kind, type OperationDefinitionNode, type ValidationRule } from 'graphql';
import { LimitError, type LimitName, type Limits, located } from './limits.ts';
import { type Figures, measure } from './measure.ts';

/** In the order of `LIMITS`; the last one is what is left to say of a tree of fragments that keeps to all others. */
const OF_OPERATIONS = [
  'depth',
  'introspectionDepth',
  'rootFields',
  'aliases',
  'directives',
  'fields',
] as const satisfies readonly (LimitName & keyof Figures)[];

/**
 * Judges the structure of a parsed document, in a time that grows with its text alone. Meant to run before validation, some rules of
 * which take a time that grows with the square of what they are given.
 * @returns the first limit that is exceeded, and by which operation; undefined when none is.
 */
export function findExceeded(
  document: DocumentNode,
  limits: Limits,
): { readonly error: LimitError; readonly operation?: OperationDefinitionNode } | undefined {
  const count = document.definitions.length;
  if (count > limits.definitions) return { error: new LimitError('definitions', count, limits.definitions) };
  const measured = measure(document);
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    const figures = measured.of(operation);
    const limit = OF_OPERATIONS.find((name) => figures[name] > limits[name]);
    if (limit !== undefined) {
      return { error: new LimitError(limit, figures[limit], limits[limit]), operation };
    }
  }
  return undefined;
}

/** The same as `findExceeded`. @throws LimitError */
export function checkStructure(document: DocumentNode, limits: Limits): void {
  const exceeded = findExceeded(document, limits);
  if (exceeded) throw exceeded.error;
}

/** The same as a rule for `validate`; it reports at most one error, and reports it first when it is the first rule. */
export const limitRules = (limits: Limits): ValidationRule[] => [
  (context) => ({
    Document(document) {
      const exceeded = findExceeded(document, limits);
      if (exceeded === undefined) return;
      const { error, operation } = exceeded;
      context.reportError(located(error, operation ? { nodes: [operation] } : {}));
    },
  }),
];
