import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { LimitError, type LimitName, type Limits, located } from './limits.ts';
import { findRootCondition } from './root-conditions.ts';
import { scan } from './scan.ts';
import { findExceeded } from './structure.ts';

/** A document that keeps to the limits on text and structure, ready to be validated, or the one error that says why it does not. */
export type Admission =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly error: GraphQLError };

/** The first step for every text, on every transport. Never throws for what a client sent. */
export function admitDocument(text: string, limits: Limits): Admission {
  try {
    const document = parseDocument(text, limits);
    const exceeded = findExceeded(document, limits);
    if (exceeded !== undefined) {
      return { ok: false, error: located(exceeded.error, exceeded.operation ? { nodes: [exceeded.operation] } : {}) };
    }
    const condition = findRootCondition(document);
    return condition ? { ok: false, error: condition } : { ok: true, document };
  } catch (error) {
    if (error instanceof LimitError) return { ok: false, error: located(error) };
    if (error instanceof GraphQLError) return { ok: false, error };
    throw error;
  }
}

const OF_THE_TEXT = ['tokens', 'comments', 'nesting'] as const satisfies readonly LimitName[];

/** Checks the text of a document before it is parsed. @throws LimitError */
function checkText(text: string, limits: Limits): void {
  const figures = scan(text, limits);
  for (const limit of OF_THE_TEXT) {
    if (figures[limit] > limits[limit]) throw new LimitError(limit, figures[limit], limits[limit], 'partly');
  }
  if (text.length > limits.characters) throw new LimitError('characters', text.length, limits.characters);
}

/**
 * Parses a document within the limits on its text.
 * @throws LimitError for a text that is too large, GraphQLError with the code GRAPHQL_PARSE_FAILED for one that is not GraphQL.
 */
export function parseDocument(text: string, limits: Limits): DocumentNode {
  checkText(text, limits);
  try {
    return parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(error.message, {
      source: error.source,
      positions: error.positions,
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
  }
}
