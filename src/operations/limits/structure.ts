import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql';
import { add, LimitError, type LimitName, type Limits } from './limits.ts';
import { type Figures, measure } from './measure.ts';
import { countPairs } from './pairs.ts';

/** Limits on each operation, in the order of `LIMITS`. */
const OF_OPERATIONS = [
  'depth',
  'introspectionDepth',
  'selectionDepth',
  'rootFields',
  'aliases',
  'directives',
] as const satisfies readonly (LimitName & keyof Figures)[];

export interface Exceeded {
  readonly error: LimitError;
  /** The one to blame; absent when it is the document as a whole. */
  readonly operation?: OperationDefinitionNode;
}

/**
 * Checks the structure of a parsed document, in a time that grows with its text alone. Meant to run before validation, some rules of
 * which take a time that grows with the square of what they are given.
 * @returns the first limit that is exceeded; undefined when none is.
 */
export function findExceeded(document: DocumentNode, limits: Limits): Exceeded | undefined {
  const count = document.definitions.length;
  if (count > limits.definitions) return { error: new LimitError('definitions', count, limits.definitions) };
  const measured = measure(document);
  let fields = 0;
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    const figures = measured.of(operation);
    const limit = OF_OPERATIONS.find((name) => figures[name] > limits[name]);
    if (limit !== undefined) return { error: new LimitError(limit, figures[limit], limits[limit]), operation };
    fields = add(fields, figures.fields);
  }
  if (fields > limits.fields) return { error: new LimitError('fields', fields, limits.fields) };
  const found = countPairs(document, limits);
  const limit = (['fields', 'pairs'] as const).find((name) => found[name] > limits[name]);
  return limit && { error: new LimitError(limit, found[limit], limits[limit], 'partly') };
}
