import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { LimitError, type LimitName, type Limits } from './limits.ts';
import { scan } from './scan.ts';

const OF_THE_TEXT = ['tokens', 'comments', 'nesting'] as const satisfies readonly LimitName[];

/** Judges the text of a document before anything is made of it. @throws LimitError */
export function checkText(text: string, limits: Limits): void {
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
