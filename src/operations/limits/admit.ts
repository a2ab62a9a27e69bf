import { type DocumentNode, GraphQLError } from 'graphql';
import { LimitError, type Limits, located } from './limits.ts';
import { parseDocument } from './parse.ts';
import { findRootCondition } from './root-conditions.ts';
import { findExceeded } from './structure.ts';

/** A document that keeps to the limits on text and structure, ready to be validated, or the one error that says why it does not. */
export type Admission =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly error: GraphQLError };

/** What every transport does with a text first. Never throws for what a client sent. */
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
