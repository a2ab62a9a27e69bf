import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { BoundedStore } from '../cache/memory.ts';

/** A document that may be executed, or why it may not. */
export type Judged =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

export interface DocumentRules {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  /** Besides those of the specification. */
  readonly rules?: readonly ValidationRule[];
}

/** Documents judged most recently; a client sends few different ones, an attacker any number. */
const KEPT = 1_000;

/**
 * Parses and validates documents for transports that Apollo's pipeline does not serve, by the same rules. A syntax error is an answer
 * here, never an exception: on a socket one bad document must not cost the others.
 */
export function createDocuments({ schema, introspection, rules = [] }: DocumentRules): (text: string) => Judged {
  const judged = new BoundedStore<Judged>(KEPT);
  const all = [...specifiedRules, ...rules, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  const judge = (text: string): Judged => {
    try {
      const document = parse(text);
      const errors = validate(schema, document, all);
      return errors.length === 0 ? { ok: true, document } : { ok: false, errors: errors.map(withCode) };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { ok: false, errors: [coded(error, 'GRAPHQL_PARSE_FAILED')] };
    }
  };
  return (text) => {
    const known = judged.get(text);
    if (known !== undefined) return known;
    const answer = judge(text);
    judged.set(text, answer);
    return answer;
  };
}

const withCode = (error: GraphQLError): GraphQLError =>
  error.extensions.code === undefined ? coded(error, 'GRAPHQL_VALIDATION_FAILED') : error;

const coded = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    extensions: { ...error.extensions, code },
  });
