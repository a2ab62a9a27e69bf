import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type ErrorCode, GatewayError, isErrorCode } from '../errors.ts';

/** Where masked errors are written in full; the client gets only the id. */
export interface ErrorLog {
  /** false: messages do not say which name of the schema was meant, by which it could be guessed piece by piece. */
  readonly suggestions?: boolean;
  error(details: { correlationId: string; err: unknown }, message: string): void;
}

/**
 * Makes what a client may see of an error. The same function serves every transport.
 *
 * Passed on: errors of the closed list, whose messages are written for clients, and graphql-js's own about the document. Everything
 * else becomes INTERNAL_SERVER_ERROR with a correlation id, and is logged under that id. It never throws.
 */
export function formatError(error: unknown, log: ErrorLog): GraphQLFormattedError {
  const located = error instanceof GraphQLError ? error : undefined;
  const where = {
    ...(located?.locations && { locations: located.locations }),
    ...(located?.path && { path: located.path }),
  };
  const chain = chainOf(error);
  const own = chain.find((one) => one instanceof GatewayError);
  if (own !== undefined) return { message: own.message, ...where, extensions: { code: own.code, ...own.details } };
  const library = chain.find(isAboutTheDocument);
  if (library !== undefined) {
    const message = log.suggestions === false ? withoutSuggestion(library.message) : library.message;
    return { message, ...where, extensions: { code: libraryCode(library) } };
  }
  const cause = chain.at(-1);
  const correlationId = randomUUID();
  log.error({ correlationId, err: cause }, 'unexpected error');
  return {
    message: `Something went wrong inside the gateway. Quote ${correlationId} when you report it.`,
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId },
  };
}

/** Without what graphql-js may add at the end. No pattern: messages quote values of any length. */
function withoutSuggestion(message: string): string {
  const at = message.lastIndexOf('Did you mean ');
  return at === -1 || !message.endsWith('?') ? message : message.slice(0, at).trimEnd();
}

/** The code that `formatError` gives an error. */
export function codeOf(error: unknown): ErrorCode {
  const chain = chainOf(error);
  const own = chain.find((one) => one instanceof GatewayError);
  if (own !== undefined) return own.code;
  const library = chain.find(isAboutTheDocument);
  return library === undefined ? 'INTERNAL_SERVER_ERROR' : libraryCode(library);
}

function libraryCode({ extensions: { code } }: GraphQLError): ErrorCode {
  return isErrorCode(code) ? code : 'GRAPHQL_VALIDATION_FAILED';
}

/** An error with those that it wraps: graphql-js wraps what a resolver throws, Apollo wraps graphql-js's. */
function chainOf(error: unknown): unknown[] {
  const chain = [error];
  for (let next = error; next instanceof GraphQLError && next.originalError; next = next.originalError) {
    chain.push(next.originalError);
  }
  return chain;
}

/**
 * An error of the library's own about the document or its variables. Those that it throws while completing values have a path and no
 * code of the list; they quote the value, so they are not for clients.
 */
function isAboutTheDocument(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError) || error.extensions.code === 'INTERNAL_SERVER_ERROR') return false;
  if (isErrorCode(error.extensions.code)) return true;
  return error.path === undefined && !(error.originalError instanceof Error);
}
