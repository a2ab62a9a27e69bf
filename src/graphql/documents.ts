import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
} from 'graphql';
import { BoundedStore } from '../cache/memory.ts';
import type { ErrorCode } from '../errors.ts';
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
 * Documents judged most recently; a client sends few different ones, an attacker any number, and of any length. What is made of a
 * text takes up to 80 times its length, so all texts together are bounded, too: to 40 MB.
 */
const KEPT = 1_000;
const LONGEST_KEPT = 10_000;
const CHARACTERS_KEPT = 500_000;

interface Kept {
  readonly judged: Judged;
  readonly length: number;
}

/**
 * Parses and validates documents for transports that Apollo's pipeline does not serve, by the same rules. A syntax error is an answer
 * here, never an exception: on a socket one bad document must not cost the others.
 */
export function createDocuments({ schema, introspection, limits }: DocumentRules): (text: string) => Judged {
  const kept = new BoundedStore<Kept>({ entries: KEPT, weight: { most: CHARACTERS_KEPT, of: ({ length }) => length } });
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
    if (known !== undefined) return known.judged;
    const judged = judge(text);
    if (text.length <= LONGEST_KEPT) kept.set(text, { judged, length: text.length });
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
