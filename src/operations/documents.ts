import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
} from 'graphql';
import type { ErrorCode } from '../errors.ts';
import { DocumentCache } from './document-cache.ts';
import { admitDocument } from './limits/admit.ts';
import type { Limits } from './limits/limits.ts';

/** A document that may be executed, or why it may not. */
export type Judged =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

export interface DocumentRules {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly limits: Limits;
}

/**
 * Parses and validates documents for transports that Apollo's pipeline does not serve, by the same rules. A syntax error is an answer
 * here, never an exception: on a socket one bad document must not cost the others.
 */
export function createDocuments({ schema, introspection, limits }: DocumentRules): (text: string) => Judged {
  const kept = new DocumentCache<Judged>();
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const judge = (text: string): Judged => {
    const admission = admitDocument(text, limits);
    if (!admission.ok) return { ok: false, errors: [withCode(admission.error, 'GRAPHQL_PARSE_FAILED')] };
    const errors = validate(schema, admission.document, rules);
    if (errors.length === 0) return { ok: true, document: admission.document };
    return { ok: false, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
  };
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const judged = judge(text);
    kept.set(text, judged, text.length);
    return judged;
  };
}

/** An error with the code, unless it has one. */
const withCode = (error: GraphQLError, code: ErrorCode): GraphQLError =>
  error.extensions.code === undefined ? coded(error, code) : error;

const coded = (error: GraphQLError, code: ErrorCode): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    extensions: { ...error.extensions, code },
  });
